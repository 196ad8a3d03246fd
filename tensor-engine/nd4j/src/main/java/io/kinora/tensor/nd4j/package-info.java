/**
 * The engine on ND4J. Tensors are ND4J buffers with shape and strides; every operation is computed by ND4J's own operations, single precision
 * standing in for half where ND4J computes, and results are rounded once. Elements are freed by scope, and ND4J's own bookkeeping with them.
 */
package io.kinora.tensor.nd4j;
