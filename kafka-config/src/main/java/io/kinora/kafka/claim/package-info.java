/** The claim check: bytes too large for a record lie in a store, the record says where, and whose they must be. */
package io.kinora.kafka.claim;
