package io.kinora.model.shard;

import java.util.List;

/**
 * What the parts of a model take, in the order in which data flows through them.
 *
 * @param pieces parts that are never divided; a device gets some that follow each other
 */
public record ModelFootprint(List<Piece> pieces) {
    /**
     * A part that stays in one piece.
     *
     * @param name what people call it, as {@code visual encoder} or {@code layer 3}
     * @param layers which layers of the language model are in it; empty for none
     * @param weightBytes its weights
     * @param cacheBytes its keys and values for all sequences planned for
     * @param activationBytes most that its intermediate results take; parts on one device run one after another and share this
     */
    public record Piece(String name, LayerRange layers, long weightBytes, long cacheBytes, long activationBytes) {
        /** Checks that nothing is negative. */
        public Piece {
            if (weightBytes < 0 || cacheBytes < 0 || activationBytes < 0) {
                throw new IllegalArgumentException(
                        "%s has negative bytes: %d, %d, %d".formatted(name, weightBytes, cacheBytes, activationBytes));
            }
        }
    }

    /** Checks that there are parts. */
    public ModelFootprint {
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("a model has parts");
        }
    }

    /** Bytes of all weights. */
    public long weightBytes() {
        return pieces.stream().mapToLong(Piece::weightBytes).sum();
    }

    /** Bytes of keys and values of all layers. */
    public long cacheBytes() {
        return pieces.stream().mapToLong(Piece::cacheBytes).sum();
    }
}
