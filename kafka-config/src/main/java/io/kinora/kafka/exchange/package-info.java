/** The other side of the topics: what a program does that has clips, questions and prompts. */
package io.kinora.kafka.exchange;
