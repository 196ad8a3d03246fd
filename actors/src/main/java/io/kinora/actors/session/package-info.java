/** Conversations about clips: durable entities, one for each session, on one node or sharded over several. Knows no Kafka. */
package io.kinora.actors.session;
