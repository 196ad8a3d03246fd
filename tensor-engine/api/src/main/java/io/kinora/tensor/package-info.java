/** Tensors and the engines that compute them; the engines themselves are modules of their own, found at run time. */
package io.kinora.tensor;
