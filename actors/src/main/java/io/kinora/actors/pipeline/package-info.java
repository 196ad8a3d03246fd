/** Kafka outside, actors inside: the stream graphs that read questions and prompts and write answers and clips. */
package io.kinora.actors.pipeline;
