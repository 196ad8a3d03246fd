package io.kinora.model.llm;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which of a fixed number of blocks are taken, by how many sequences each is shared, and which one a growing sequence gets next.
 *
 * <p>Blocks lie in slabs, and neighbours inside a slab are neighbours in memory. The pool therefore keeps a sequence's blocks
 * together: a new stretch is looked for with room for as many blocks as the sequence is expected to want, and the rest of that stretch is
 * promised to it. A promise is not a reservation: when no other block is free, a promised one is handed out.
 */
final class BlockPool {
    private static final int NOBODY = 0;

    private final int blocks;
    private final int slabBlocks;
    private final int[] references;
    private final int[] promisedTo;
    private int free;

    /** All blocks free, in slabs of {@code slabBlocks} (the last one may be smaller). */
    BlockPool(int blocks, int slabBlocks) {
        if (blocks < 1 || slabBlocks < 1) {
            throw new IllegalArgumentException(
                    "a pool has blocks, got %d in slabs of %d".formatted(blocks, slabBlocks));
        }
        this.blocks = blocks;
        this.slabBlocks = slabBlocks;
        this.references = new int[blocks];
        this.promisedTo = new int[blocks];
        this.free = blocks;
    }

    int blocks() {
        return blocks;
    }

    int free() {
        return free;
    }

    int references(int block) {
        return references[block];
    }

    /** Blocks that more than one sequence uses. */
    int shared() {
        return (int) Arrays.stream(references).filter(count -> count > 1).count();
    }

    /** Slabs that hold a block in use. */
    BitSet slabsInUse() {
        BitSet slabs = new BitSet();
        for (int block = 0; block < blocks; block++) {
            if (references[block] > 0) {
                slabs.set(block / slabBlocks);
            }
        }
        return slabs;
    }

    /**
     * Takes a free block.
     *
     * @param owner positive number of the sequence it is for
     * @param previous the sequence's last block, or -1
     * @param wanted how many blocks the sequence is expected to take from now on, this one included
     */
    int take(int owner, int previous, int wanted) {
        if (free == 0) {
            throw new IllegalStateException("all %d blocks are taken".formatted(blocks));
        }
        int block = previous >= 0 && isNeighbourFor(owner, previous) ? previous + 1 : begin(owner, wanted);
        references[block] = 1;
        promisedTo[block] = NOBODY;
        free--;
        return block;
    }

    private boolean isNeighbourFor(int owner, int previous) {
        int next = previous + 1;
        return next < blocks
                && next % slabBlocks != 0
                && references[next] == 0
                && (promisedTo[next] == NOBODY || promisedTo[next] == owner);
    }

    /** First stretch that holds all that is wanted, else the longest one, else any free block. */
    private int begin(int owner, int wanted) {
        int longest = -1;
        int longestLength = 0;
        int from = 0;
        while (from < blocks && longestLength < wanted) {
            int length = stretch(from, wanted);
            if (length > longestLength) {
                longest = from;
                longestLength = length;
            }
            from += Math.max(length, 1);
        }
        if (longest < 0) {
            return firstFree();
        }
        Arrays.fill(promisedTo, longest, longest + longestLength, owner);
        return longest;
    }

    /** Free and unpromised blocks in a row from here, up to {@code most} and to the end of the slab. */
    private int stretch(int from, int most) {
        int end = Math.min(Math.min(blocks, (from / slabBlocks + 1) * slabBlocks), from + most);
        int at = from;
        while (at < end && references[at] == 0 && promisedTo[at] == NOBODY) {
            at++;
        }
        return at - from;
    }

    private int firstFree() {
        int block = 0;
        while (references[block] > 0) {
            block++;
        }
        return block;
    }

    /** Counts one more sequence for a block in use. */
    void share(int block) {
        requireTaken(block);
        references[block]++;
    }

    /** Counts one sequence less; the last one frees the block. */
    void release(int block) {
        requireTaken(block);
        references[block]--;
        if (references[block] == 0) {
            free++;
        }
    }

    /** Takes back what was promised to a sequence. */
    void forget(int owner) {
        for (int block = 0; block < blocks; block++) {
            if (promisedTo[block] == owner) {
                promisedTo[block] = NOBODY;
            }
        }
    }

    private void requireTaken(int block) {
        if (references[block] == 0) {
            throw new IllegalStateException("block %d is free".formatted(block));
        }
    }
}
