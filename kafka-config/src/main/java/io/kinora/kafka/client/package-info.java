/** Settings of every Kafka client, and the factories that apply them. */
package io.kinora.kafka.client;
