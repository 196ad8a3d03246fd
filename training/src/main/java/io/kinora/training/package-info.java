/** Trains and fine-tunes small checkpoints with the model classes that serve them. */
package io.kinora.training;
