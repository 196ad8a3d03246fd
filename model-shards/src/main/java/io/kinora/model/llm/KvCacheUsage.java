package io.kinora.model.llm;

/**
 * What a key/value cache holds now.
 *
 * @param sequences sequences it knows
 * @param usedBlocks blocks in use, each counted once however many sequences share it
 * @param sharedBlocks blocks that more than one sequence uses
 * @param freeBlocks blocks still to be had
 * @param blockBytes bytes of a block
 * @param allocatedBytes memory taken from the device so far
 */
public record KvCacheUsage(
        int sequences, int usedBlocks, int sharedBlocks, int freeBlocks, long blockBytes, long allocatedBytes) {
    /** Bytes in use. */
    public long usedBytes() {
        return usedBlocks * blockBytes;
    }

    /** Bytes still to be had. */
    public long freeBytes() {
        return freeBlocks * blockBytes;
    }

    /** How much of it is in use, 0 to 1. */
    public double share() {
        return (double) usedBlocks / (usedBlocks + freeBlocks);
    }
}
