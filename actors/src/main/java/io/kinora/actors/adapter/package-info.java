/** Where modules that do not know each other meet: frames become tensors, checkpoints become the parts that actors host. */
package io.kinora.actors.adapter;
