package io.kinora.actors.serialization;

/**
 * A message that may cross nodes: {@link KryoSerializer} carries it. Every record that implements it stands in the {@link MessageCatalog}.
 *
 * <p>Components are never null. A {@link io.kinora.tensor.Tensor} in a message belongs to whoever receives it, who closes it; between actors of one
 * process it is passed by reference, between nodes by its bytes.
 */
public interface KryoMessage {}
