/** Topics as declared data: {@code kinora-topics.conf} says what they are, the provisioner makes a cluster agree. */
package io.kinora.kafka.topic;
