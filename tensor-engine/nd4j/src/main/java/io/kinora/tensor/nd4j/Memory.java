package io.kinora.tensor.nd4j;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A buffer of ND4J's that several tensors may share: freed when the last of them is closed. Thread-safe. */
final class Memory {
    /** What is freed at the end. */
    private enum Owner {
        ELEMENTS,
        BOOKKEEPING,
        NOTHING
    }

    private final Optional<DataBuffer> buffer;
    private final Owner owner;

    /** What must stay reachable while the buffer is read. */
    private final Object keeper;

    private final Queue<DataBuffer> lent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger users = new AtomicInteger(1);

    private Memory(Optional<DataBuffer> buffer, Owner owner, Object keeper) {
        this.buffer = buffer;
        this.owner = owner;
        this.keeper = keeper;
    }

    /** Of a buffer that is freed here. */
    static Memory owning(DataBuffer buffer) {
        return new Memory(Optional.of(buffer), Owner.ELEMENTS, buffer);
    }

    /** Of a buffer, made for this, over elements of something else. */
    static Memory over(DataBuffer buffer, Object keeper) {
        return new Memory(Optional.of(buffer), Owner.BOOKKEEPING, keeper);
    }

    /** Of an array of somebody else's. */
    static Memory of(INDArray array) {
        return new Memory(Optional.of(array.data()), Owner.NOTHING, array);
    }

    /** Of no element: ND4J has no buffers for that. */
    static Memory none() {
        return new Memory(Optional.empty(), Owner.NOTHING, Optional.empty());
    }

    DataBuffer buffer() {
        return buffer.orElseThrow(() -> new IllegalStateException("a tensor without elements has no buffer"));
    }

    /** A part of the buffer that has been handed out and lives as long as the buffer. */
    void lend(DataBuffer part) {
        if (part != buffer()) {
            lent.add(part);
        }
    }

    Memory shared() {
        users.incrementAndGet();
        return this;
    }

    void release() {
        if (users.decrementAndGet() > 0) {
            return;
        }
        lent.forEach(Bookkeeping::forget);
        switch (owner) {
            case ELEMENTS -> Bookkeeping.free(buffer());
            case BOOKKEEPING -> Bookkeeping.forget(buffer());
            case NOTHING -> {}
        }
    }

    @Override
    public String toString() {
        return "%s of %s".formatted(owner, keeper);
    }
}
