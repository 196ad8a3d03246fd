/** Models in the making: their parameters, and the layers that serve run over whole batches. */
package io.kinora.training.model;
