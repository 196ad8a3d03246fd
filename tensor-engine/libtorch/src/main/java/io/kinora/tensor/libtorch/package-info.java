/** The tensor engine on libtorch, through the JavaCPP presets of PyTorch. */
package io.kinora.tensor.libtorch;
