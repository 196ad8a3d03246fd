package io.kinora.kafka.follow;

/** Somebody hears of what comes; closing it ends that. */
@FunctionalInterface
public interface Listening extends AutoCloseable {
    @Override
    void close();
}
