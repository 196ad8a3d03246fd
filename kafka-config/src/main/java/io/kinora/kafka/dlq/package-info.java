/** Dead letters: listed, shown, sent back to where they came from, or settled without. */
package io.kinora.kafka.dlq;
