/** Reading and writing the safetensors format: a JSON table of contents, then the tensors' bytes. */
package io.kinora.tensor.safetensors;
