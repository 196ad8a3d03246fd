package io.kinora.model.llm;

import java.util.Arrays;

/** The blocks of one sequence, in order, and how many positions of them are filled. */
final class CachedSequence {
    private final int owner;
    private final int expectedLength;
    private int[] blocks = new int[8];
    private int count;
    private int length;

    CachedSequence(int owner, int expectedLength) {
        this.owner = owner;
        this.expectedLength = expectedLength;
    }

    /** Its number in the block pool. */
    int owner() {
        return owner;
    }

    int expectedLength() {
        return expectedLength;
    }

    int length() {
        return length;
    }

    void setLength(int length) {
        this.length = length;
    }

    int blocks() {
        return count;
    }

    int block(int index) {
        if (index >= count) {
            throw new IndexOutOfBoundsException("block %d of %d".formatted(index, count));
        }
        return blocks[index];
    }

    void append(int block) {
        if (count == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * count);
        }
        blocks[count++] = block;
    }

    int removeLast() {
        return blocks[--count];
    }
}
