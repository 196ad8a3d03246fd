package io.kinora.decoder.nn;

/** A conditioning, projected for every cross-attention of a network. */
@FunctionalInterface
public interface Context {
    /** Keys and values for one attention. */
    CrossAttention.KeyValue keysAndValues(CrossAttention attention);
}
