/** Reading checkpoints: tensors by their released names, from the files they are released in. */
package io.kinora.model.checkpoint;
