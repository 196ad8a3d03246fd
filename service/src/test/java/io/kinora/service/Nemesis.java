package io.kinora.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Kills and pauses the two processes of a small cluster: one that is broker and service at once, so that killing it kills both, and one more service
 * beside it, on the same topics.
 */
final class Nemesis implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final RandomGenerator random;
    private KinoraProcess first;
    private KinoraProcess second;

    private Nemesis(Path folder, int port, RandomGenerator random, KinoraProcess first, KinoraProcess second) {
        this.folder = folder;
        this.port = port;
        this.random = random;
        this.first = first;
        this.second = second;
    }

    static Nemesis start(Path folder, int port, RandomGenerator random) throws IOException, InterruptedException {
        KinoraProcess first = KinoraProcess.starting(folder, port);
        first.await("broker at");
        KinoraProcess second = beside(folder, port);
        return new Nemesis(folder, port, random, first.reading(), second.reading());
    }

    private static KinoraProcess beside(Path folder, int port) throws IOException {
        return KinoraProcess.startingBeside(folder.resolve("second"), "127.0.0.1:" + port);
    }

    /** One fault, and its end. */
    void strike() {
        try {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(2_000));
            switch (random.nextInt(4)) {
                case 0 -> { // kill -9 of broker and service, in the middle of whatever they do
                    first.kill();
                    first = KinoraProcess.serving(folder, port);
                }
                case 1 -> { // kill -9 of a service alone: its partitions go to the other
                    second.kill();
                    second = beside(folder, port).reading();
                }
                case 2 -> pause(first);
                default -> pause(second);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void pause(KinoraProcess process) throws IOException, InterruptedException {
        process.signal("STOP");
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(4_000));
        process.signal("CONT");
    }

    /** Whether all run again. */
    boolean isHealed() {
        return first.isAlive() && second.isAlive();
    }

    @Override
    public void close() {
        second.close();
        first.close();
    }
}
