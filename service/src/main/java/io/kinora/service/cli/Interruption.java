package io.kinora.service.cli;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command that is told to end, by Ctrl-C or otherwise, first give up what it is doing and take away what is unfinished. Declared before whatever has to be
 * closed by then; without work to stop, the process ends at once. Thread-safe.
 */
final class Interruption implements AutoCloseable {
    private static final long CLOSING_SECONDS = 60;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "interruption");
    private Optional<Runnable> stop = Optional.empty();
    private boolean came;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From now on the process ends only after the work was stopped, and this was closed. */
    synchronized void stops(Runnable work) {
        stop = Optional.of(work);
    }

    /** Whether the process is ending. */
    synchronized boolean came() {
        return came;
    }

    private synchronized Optional<Runnable> come() {
        came = true;
        return stop;
    }

    private void end() {
        Optional<Runnable> work = come();
        if (work.isEmpty()) {
            return;
        }
        work.get().run();
        try {
            if (!closed.await(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("kinora: it did not stop; what is unfinished is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        if (!came()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                closed.countDown(); // the process began to end this moment: the hook finds all closed
            }
        }
    }
}
