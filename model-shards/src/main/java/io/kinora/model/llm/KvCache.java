package io.kinora.model.llm;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and values of many sequences, in blocks of a fixed number of positions, within a budget of bytes.
 *
 * <p>Sequences grow by {@link #reserve}; {@link #fork} gives a second sequence the same beginning without copying it, and whichever of
 * the two first writes into a block that both use gets its own copy of that block. Blocks of a sequence are kept side by side where
 * possible, so that its attention reads one or two pieces of memory. Memory is taken from the device slab by slab as it is first
 * needed, and given back by {@link #trim} and {@link #close}.
 *
 * <p>Confined to the thread of its stage.
 */
public final class KvCache implements AutoCloseable {
    /** New tokens that a sequence is expected to grow by where the caller does not say. */
    private static final int EXPECTED_GROWTH = 128;

    /** Keeps the bookkeeping small where a tiny model meets a large budget: 16 million positions in blocks of 16. */
    private static final int MOST_BLOCKS = 1 << 20;

    private final Engine engine;
    private final KvCacheLayout layout;
    private final long budgetBytes;
    private final BlockPool pool;
    private final int slabBlocks;
    private final Map<Integer, KvSlab> slabs = new HashMap<>();
    private final Map<Long, CachedSequence> sequences = new HashMap<>();
    private int lastOwner;

    /**
     * An empty cache.
     *
     * @param budgetBytes most bytes that keys and values may take, at least one block
     */
    public KvCache(Engine engine, KvCacheLayout layout, long budgetBytes) {
        long blocks = budgetBytes / layout.blockBytes();
        if (blocks < 1) {
            throw new IllegalArgumentException("a key/value cache of %,d bytes does not hold one block of %,d"
                    .formatted(budgetBytes, layout.blockBytes()));
        }
        this.engine = engine;
        this.layout = layout;
        this.budgetBytes = budgetBytes;
        this.slabBlocks = layout.slabPositions() / layout.blockPositions();
        this.pool = new BlockPool((int) Math.min(blocks, MOST_BLOCKS), slabBlocks);
    }

    /** Sizes of a position and a block. */
    public KvCacheLayout layout() {
        return layout;
    }

    /** Most bytes that keys and values may take. */
    public long budgetBytes() {
        return budgetBytes;
    }

    /** Most positions that it holds, of all sequences together. */
    public long positions() {
        return (long) pool.blocks() * layout.blockPositions();
    }

    /** Positions held of a sequence; 0 for an unknown one. */
    public int length(long sequence) {
        return Optional.ofNullable(sequences.get(sequence))
                .map(CachedSequence::length)
                .orElse(0);
    }

    /** Makes a sequence known before its first rows, with the length it is expected to reach, so that its memory is one piece. */
    public void open(long sequence, int expectedLength) {
        sequences.computeIfAbsent(sequence, id -> new CachedSequence(++lastOwner, expectedLength));
    }

    /**
     * A new sequence that begins with the first {@code length} positions of another, which it shares.
     *
     * @param expectedLength the length it is expected to reach
     * @throws PrefixMissingException if the parent holds fewer positions
     * @throws IllegalArgumentException if the child is known already
     */
    public void fork(long parent, long child, int length, int expectedLength) {
        if (sequences.containsKey(child)) {
            throw new IllegalArgumentException("sequence %d is in the cache already".formatted(child));
        }
        int held = length(parent);
        if (held < length) {
            throw new PrefixMissingException(parent, held, length);
        }
        CachedSequence fork = new CachedSequence(++lastOwner, expectedLength);
        for (int i = 0; i < layout.blocksFor(length); i++) {
            int block = sequences.get(parent).block(i);
            pool.share(block);
            fork.append(block);
        }
        fork.setLength(length);
        sequences.put(child, fork);
    }

    /** Drops the positions of a sequence from {@code length} on; nothing happens if it is not longer. */
    public void truncate(long sequence, int length) {
        CachedSequence held = sequences.get(sequence);
        if (held != null && held.length() > length) {
            while (held.blocks() > layout.blocksFor(length)) {
                pool.release(held.removeLast());
            }
            held.setLength(length);
        }
    }

    /** Forgets a sequence; nothing happens if it is unknown. */
    public void free(long sequence) {
        CachedSequence held = sequences.remove(sequence);
        if (held != null) {
            while (held.blocks() > 0) {
                pool.release(held.removeLast());
            }
            pool.forget(held.owner());
        }
    }

    /** Gives slabs back to the device that hold no block in use. */
    public void trim() {
        var inUse = pool.slabsInUse();
        slabs.entrySet().removeIf(slab -> {
            if (!inUse.get(slab.getKey())) {
                slab.getValue().close();
                return true;
            }
            return false;
        });
    }

    /** What it holds now. */
    public KvCacheUsage usage() {
        long allocated = slabs.keySet().stream()
                .mapToLong(slab -> slabPositions(slab) * layout.positionBytes())
                .sum();
        int used = pool.blocks() - pool.free();
        return new KvCacheUsage(sequences.size(), used, pool.shared(), pool.free(), layout.blockBytes(), allocated);
    }

    /**
     * Makes room for the rows of a batch, and says where they stand. A segment that starts before the end of what is held of its
     * sequence replaces the rest; sequences that start at 0 become known here.
     *
     * @throws PrefixMissingException if a segment starts behind what is held of its sequence
     * @throws KvCacheFullException if the rows do not fit; no sequence has grown then
     */
    CachedBatch reserve(StageBatch batch) {
        for (StageBatch.Segment segment : batch.segments()) {
            int held = length(segment.sequence());
            if (segment.start() > held) {
                throw new PrefixMissingException(segment.sequence(), held, segment.start());
            }
        }
        batch.segments().forEach(segment -> truncate(segment.sequence(), segment.start()));
        requireRoom(batch);
        List<CachedSegment> placed = new ArrayList<>();
        int offset = 0;
        for (StageBatch.Segment segment : batch.segments()) {
            open(segment.sequence(), segment.end() + EXPECTED_GROWTH);
            CachedSequence sequence = sequences.get(segment.sequence());
            grow(sequence, segment.end());
            placed.add(new CachedSegment(
                    offset,
                    segment.rows(),
                    segment.start(),
                    runs(sequence, segment.start(), segment.end()),
                    runs(sequence, 0, segment.end())));
            offset += segment.rows();
        }
        return CachedBatch.of(placed);
    }

    /** Takes back what {@link #reserve} did for a batch that failed: its sequences end where its segments start. */
    void rollBack(StageBatch batch) {
        batch.segments().forEach(segment -> truncate(segment.sequence(), segment.start()));
    }

    private void requireRoom(StageBatch batch) {
        // Two forks in one batch that share a partly filled block each count a copy of it, though the second finds it
        // its own:
        // the estimate is never too low.
        int needed = 0;
        for (StageBatch.Segment segment : batch.segments()) {
            CachedSequence sequence = sequences.get(segment.sequence());
            int held = sequence == null ? 0 : sequence.blocks();
            needed += layout.blocksFor(segment.end()) - held;
            if (sequence != null && sharesPartialBlock(sequence)) {
                needed++;
            }
        }
        if (needed > pool.free()) {
            throw new KvCacheFullException(
                    needed * layout.blockBytes(), pool.free() * layout.blockBytes(), budgetBytes);
        }
    }

    private boolean sharesPartialBlock(CachedSequence sequence) {
        return sequence.length() % layout.blockPositions() != 0
                && pool.references(sequence.block(sequence.blocks() - 1)) > 1;
    }

    private void grow(CachedSequence sequence, int length) {
        int wanted = layout.blocksFor(Math.max(length, sequence.expectedLength()));
        if (sharesPartialBlock(sequence)) {
            ownPartialBlock(sequence, wanted);
        }
        while (sequence.blocks() < layout.blocksFor(length)) {
            int previous = sequence.blocks() == 0 ? -1 : sequence.block(sequence.blocks() - 1);
            sequence.append(pool.take(sequence.owner(), previous, wanted - sequence.blocks()));
        }
        sequence.setLength(length);
    }

    /** Copy on write: the last block, which others use too and which is about to be written to, is replaced by a copy. */
    private void ownPartialBlock(CachedSequence sequence, int wanted) {
        int filled = sequence.length() % layout.blockPositions();
        int shared = sequence.removeLast();
        int own = pool.take(sequence.owner(), -1, wanted - sequence.blocks());
        sequence.append(own);
        KvRun source = run(shared, 0, filled);
        KvRun target = run(own, 0, filled);
        try (Scope scope = engine.scope()) {
            for (int layer = 0; layer < layout.layers(); layer++) {
                target.write(layer, source.keys(layer), source.values(layer), 0);
            }
        }
        pool.release(shared);
    }

    /** Positions {@code from..to} of a sequence as pieces that lie side by side in memory, in order. */
    private List<KvRun> runs(CachedSequence sequence, int from, int to) {
        int size = layout.blockPositions();
        Deque<KvRun> runs = new ArrayDeque<>();
        for (int position = from; position < to; ) {
            int within = position % size;
            int end = Math.min(to - position + within, size);
            KvRun piece = run(sequence.block(position / size), within, end);
            boolean follows = !runs.isEmpty()
                    && runs.getLast().slab() == piece.slab()
                    && runs.getLast().to() == piece.from();
            runs.addLast(follows ? new KvRun(piece.slab(), runs.removeLast().from(), piece.to()) : piece);
            position += end - within;
        }
        return List.copyOf(runs);
    }

    private KvRun run(int block, int from, int to) {
        int base = block % slabBlocks * layout.blockPositions();
        return new KvRun(slab(block / slabBlocks), base + from, base + to);
    }

    private KvSlab slab(int index) {
        return slabs.computeIfAbsent(index, i -> new KvSlab(engine, layout, slabPositions(i)));
    }

    private int slabPositions(int index) {
        return Math.min(slabBlocks, pool.blocks() - index * slabBlocks) * layout.blockPositions();
    }

    @Override
    public void close() {
        slabs.values().forEach(KvSlab::close);
        slabs.clear();
        sequences.clear();
    }
}
