package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.EngineProvider;
import io.kinora.tensor.EngineUnavailableException;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Opens engines on ND4J: on the CPU with {@code nd4j-native}, on a CUDA device with {@code nd4j-cuda-11.6}, whichever of them is on the class
 * path. The threads of one operation are the system property {@code kinora.threads}, or all processors.
 *
 * <p>Tensors are freed by scope, and with them all that ND4J keeps beside them where JavaCPP's garbage collection is off ({@code
 * -Dorg.bytedeco.javacpp.nopointergc=true}, as Kinora's launcher has it). Where it is on, ND4J's service frees the rest behind Java's
 * collector: leave it on in a program that works with ND4J's own arrays beside Kinora.
 */
public final class Nd4jProvider implements EngineProvider {
    /** Name of this engine. */
    public static final String NAME = "nd4j";

    private static final String THREADS_PROPERTY = "kinora.threads";
    private static final int PREFERENCE = 20;

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
        if (device.kind() == Device.Kind.CUDA) {
            ComputeCapability.ofDevice(device.index())
                    .flatMap(ComputeCapability::refusal)
                    .ifPresent(reason -> {
                        throw new EngineUnavailableException("nd4j on %s: %s".formatted(device, reason));
                    });
        }
        boolean cuda = load();
        if (cuda != (device.kind() == Device.Kind.CUDA)) {
            throw new EngineUnavailableException(
                    cuda
                            ? "nd4j: the class path has its CUDA backend, which computes on cuda, not on cpu"
                            : "nd4j: the class path has its CPU backend; build with -Pnd4j,nd4j-cuda for %s"
                                    .formatted(device));
        }
        if (cuda) {
            Nd4j.getAffinityManager().unsafeSetDevice(device.index());
        }
        return new Nd4jEngine(device);
    }

    /** Loads the backend that is there; true if it is CUDA's. */
    private static boolean load() {
        try {
            Bookkeeping.start();
            String backend = Nd4j.getBackend().getClass().getSimpleName();
            threads().ifPresent(count -> {
                NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
                Nd4j.getEnvironment().setMaxThreads(count);
            });
            return backend.contains("Cublas") || backend.contains("Cuda");
        } catch (RuntimeException | LinkageError e) {
            throw new EngineUnavailableException("nd4j does not load: " + e, e);
        }
    }

    private static Optional<Integer> threads() {
        String value = System.getProperty(THREADS_PROPERTY, "");
        try {
            return value.isBlank() ? Optional.empty() : Optional.of(Integer.parseInt(value.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s must be a whole number of threads, got '%s'".formatted(THREADS_PROPERTY, value), e);
        }
    }
}
