/** How a model is cut into stages that fit the devices at hand: ranges of layers, sizes in bytes, and the plan. */
package io.kinora.model.shard;
