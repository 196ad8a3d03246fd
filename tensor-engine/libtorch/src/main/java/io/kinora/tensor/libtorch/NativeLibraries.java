package io.kinora.tensor.libtorch;

import io.kinora.tensor.EngineUnavailableException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Brings libtorch and the fastest BLAS on the class path into the process. */
final class NativeLibraries {
    private static final String BLAS_PROPERTY = "org.bytedeco.openblas.load";
    private static final String MKL_CLASS = "org.bytedeco.mkl.global.mkl_rt";

    private NativeLibraries() {}

    /**
     * Loads once per process; later calls only set the number of threads.
     *
     * @throws EngineUnavailableException if a library is missing or does not load on this machine
     */
    static void load(int threads) {
        chooseBlas();
        try {
            Loader.load(torch.class);
        } catch (LinkageError e) {
            throw new EngineUnavailableException(
                    "libtorch has no native library for %s on the class path, or it does not load: %s"
                            .formatted(Loader.getPlatform(), e.getMessage()),
                    e);
        }
        if (torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
        }
    }

    // The presets read the property when their first class is initialised, so this comes before any of them.
    private static void chooseBlas() {
        if (System.getProperty(BLAS_PROPERTY) == null && mklIsThere()) {
            System.setProperty(BLAS_PROPERTY, "mkl");
        }
    }

    private static boolean mklIsThere() {
        ClassLoader loader = NativeLibraries.class.getClassLoader();
        String natives = "org/bytedeco/mkl/" + Loader.getPlatform() + "/";
        String library = System.mapLibraryName("mkl_rt");
        boolean libraries = loader.getResource(natives + library + ".2") != null
                || loader.getResource(natives + "mkl_rt.2.dll") != null
                || loader.getResource(natives + library) != null;
        return libraries && loader.getResource(MKL_CLASS.replace('.', '/') + ".class") != null;
    }
}
