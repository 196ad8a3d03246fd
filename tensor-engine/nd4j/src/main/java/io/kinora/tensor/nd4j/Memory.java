package io.kinora.tensor.nd4j;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.buffer.DataBuffer;

/** A buffer of ND4J's that several tensors may share: freed when the last of them is closed. */
final class Memory {
    private final Optional<DataBuffer> buffer;
    /** What must stay reachable while the buffer is read; the buffer is then somebody else's, and not freed here. */
    private final Optional<Object> keeper;

    private final AtomicInteger users = new AtomicInteger(1);

    private Memory(Optional<DataBuffer> buffer, Optional<Object> keeper) {
        this.buffer = buffer;
        this.keeper = keeper;
    }

    /** Of a buffer that is freed here. */
    static Memory owning(DataBuffer buffer) {
        return new Memory(Optional.of(buffer), Optional.empty());
    }

    /** Of a buffer over memory of something else. */
    static Memory borrowing(DataBuffer buffer, Object keeper) {
        return new Memory(Optional.of(buffer), Optional.of(keeper));
    }

    /** Of no element: ND4J has no buffers for that. */
    static Memory none() {
        return new Memory(Optional.empty(), Optional.empty());
    }

    DataBuffer buffer() {
        return buffer.orElseThrow(() -> new IllegalStateException("a tensor without elements has no buffer"));
    }

    Memory shared() {
        users.incrementAndGet();
        return this;
    }

    void release() {
        if (users.decrementAndGet() == 0 && keeper.isEmpty()) {
            buffer.ifPresent(DataBuffer::close);
        }
    }
}
