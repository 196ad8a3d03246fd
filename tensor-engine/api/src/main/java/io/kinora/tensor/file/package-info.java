/** Named tensors in files: what the formats have in common, and the mapping of files into memory. */
package io.kinora.tensor.file;
