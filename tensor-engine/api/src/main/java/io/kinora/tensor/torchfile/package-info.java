/** Reading the files of {@code torch.save}: a zip archive with a pickle that is interpreted, and never executed. */
package io.kinora.tensor.torchfile;
