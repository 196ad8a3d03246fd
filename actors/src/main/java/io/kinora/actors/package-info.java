/** Actors and streams: the only place where frames meet tensors and records meet messages. */
package io.kinora.actors;
