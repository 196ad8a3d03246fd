/** Kryo bound to Akka's serialization: registered messages only, tensors as raw bytes. See docs/adr/0004. */
package io.kinora.actors.serialization;
