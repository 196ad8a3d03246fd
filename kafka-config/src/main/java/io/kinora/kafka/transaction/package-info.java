/** Short transactions: results, state and the consumed offset become visible together or not at all. */
package io.kinora.kafka.transaction;
