package io.kinora.model.llm;

import io.kinora.tensor.DType;

/**
 * What one position costs in a key/value cache, and how many positions are handed out together.
 *
 * @param layers layers of the stage
 * @param kvHeads key and value heads of a layer
 * @param headWidth channels of a head
 * @param dtype type of keys and values
 * @param blockPositions positions of a block
 * @param slabPositions positions whose memory is allocated in one piece, a multiple of the block; a sequence inside one slab is one
 *     piece of memory to its attention
 */
public record KvCacheLayout(
        int layers, int kvHeads, int headWidth, DType dtype, int blockPositions, int slabPositions) {
    /** Positions of a block where nothing else is asked for. */
    public static final int DEFAULT_BLOCK = 16;

    /** Checks that all counts are positive and blocks tile a slab. */
    public KvCacheLayout {
        if (layers < 1 || kvHeads < 1 || headWidth < 1 || blockPositions < 1 || slabPositions < 1) {
            throw new IllegalArgumentException(
                    "a cache layout has positive sizes, got layers %d, heads %d × %d, block %d, slab %d"
                            .formatted(layers, kvHeads, headWidth, blockPositions, slabPositions));
        }
        if (slabPositions % blockPositions != 0) {
            throw new IllegalArgumentException(
                    "blocks of %d positions do not tile a slab of %d".formatted(blockPositions, slabPositions));
        }
    }

    /** The layout for some layers of a model: blocks of {@link #DEFAULT_BLOCK}, slabs as long as the model's longest sequence. */
    public static KvCacheLayout of(LlamaConfig config, int layers, DType dtype) {
        int slab = (config.maxPositions() + DEFAULT_BLOCK - 1) / DEFAULT_BLOCK * DEFAULT_BLOCK;
        return new KvCacheLayout(layers, config.kvHeads(), config.headWidth(), dtype, DEFAULT_BLOCK, slab);
    }

    /** Bytes of keys and values of one position in all layers. */
    public long positionBytes() {
        return 2L * layers * kvHeads * headWidth * dtype.bytes();
    }

    /** Bytes of one block. */
    public long blockBytes() {
        return positionBytes() * blockPositions;
    }

    /** Blocks that a sequence of this length takes. */
    public int blocksFor(int positions) {
        return (positions + blockPositions - 1) / blockPositions;
    }

    /** Bytes that a number of sequences of one length take when none shares a prefix. */
    public long bytesFor(int sequences, int positions) {
        return Math.multiplyExact(sequences * blockBytes(), (long) blocksFor(positions));
    }
}
