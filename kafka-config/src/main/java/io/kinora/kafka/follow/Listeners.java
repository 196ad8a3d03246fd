package io.kinora.kafka.follow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who is told of what comes. Thread-safe. */
final class Listeners<T> {
    private final List<Consumer<T>> all = new CopyOnWriteArrayList<>();

    /** Tells somebody of all that comes from now on, until the result is closed. */
    Listening add(Consumer<T> listener) {
        all.add(listener);
        return () -> all.remove(listener);
    }

    void tell(T news) {
        all.forEach(listener -> listener.accept(news));
    }
}
