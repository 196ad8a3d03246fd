package io.kinora.video;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened, newest first, unless all of it is handed over in the end. */
final class OpenedParts implements AutoCloseable {
    /** Something whose closing cannot fail. */
    interface Part extends AutoCloseable {
        @Override
        void close();
    }

    private final Deque<Part> parts = new ArrayDeque<>();

    <T extends Part> T keep(T part) {
        parts.push(part);
        return part;
    }

    void handOver() {
        parts.clear();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }
}
