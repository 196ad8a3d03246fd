/**
 * From Kafka records to wire records and back: CloudEvents 1.0 (binary mode in and out, structured mode in), W3C trace
 * context, provenance and dead-letter headers.
 */
package io.kinora.kafka.headers;
