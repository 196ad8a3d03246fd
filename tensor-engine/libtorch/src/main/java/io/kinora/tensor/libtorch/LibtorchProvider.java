package io.kinora.tensor.libtorch;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.EngineProvider;

/**
 * Opens engines on libtorch, the default engine: on the CPU, and on CUDA devices where the presets are the GPU build.
 *
 * <p>The threads that one operation may use on the CPU are the system property {@value #THREADS_PROPERTY}, or all processors.
 */
public final class LibtorchProvider implements EngineProvider {
    /** Name of this engine. */
    public static final String NAME = "libtorch";

    /** System property: how many CPU threads one operation uses. */
    public static final String THREADS_PROPERTY = "kinora.threads";

    private static final int PREFERENCE = 10;

    private final int threads;

    /**
     * With as many threads as the system property {@value #THREADS_PROPERTY} says, or one for each processor.
     *
     * @throws IllegalArgumentException if the property is not a positive number
     */
    public LibtorchProvider() {
        this(threadsFromProperty());
    }

    /** With a number of CPU threads that one operation may use; at least 1. libtorch keeps one such number per process. */
    public LibtorchProvider(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("an engine needs at least 1 thread, got " + threads);
        }
        this.threads = threads;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int preference() {
        return PREFERENCE;
    }

    @Override
    public Engine open(Device device) {
        NativeLibraries.load(threads);
        return new LibtorchEngine(NativeDevice.open(device));
    }

    private static int threadsFromProperty() {
        String value = System.getProperty(THREADS_PROPERTY, "");
        if (value.isBlank()) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s must be a whole number of threads, got '%s'".formatted(THREADS_PROPERTY, value), e);
        }
    }
}
