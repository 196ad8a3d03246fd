/** Hosts of model stages: the encoder, the stages of the language model and the decoder, each an actor with a thread of its own. */
package io.kinora.actors.shard;
