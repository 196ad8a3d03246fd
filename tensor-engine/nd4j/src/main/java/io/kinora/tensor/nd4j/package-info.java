/**
 * The engine on ND4J. Tensors are ND4J buffers with shape and strides; every operation is computed by ND4J's own operations, single precision
 * standing in for half where ND4J computes, and results are rounded once. Elements are freed by
 * scope; ND4J's own bookkeeping by its service, behind the garbage collector.
 */
package io.kinora.tensor.nd4j;
