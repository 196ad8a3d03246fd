/**
 * What travels on Kinora's topics: one immutable type per kind of record, its JSON body, and the published JSON schema
 * of that body (resource {@code io/kinora/kafka/record/*.schema.json}). No type here knows a Kafka client.
 */
package io.kinora.kafka.record;
