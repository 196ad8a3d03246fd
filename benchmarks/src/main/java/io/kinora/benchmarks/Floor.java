package io.kinora.benchmarks;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.Locale;
import java.util.Optional;

/**
 * What the machine gives in this run, in single precision.
 *
 * @param flops operations a second of a large matrix product
 * @param bytes bytes a second of a pass over a matrix too large for any cache
 */
record Floor(double flops, double bytes) {
    private static final int SQUARE = 2048;
    private static final int TABLE = 8192;
    private static final int TRIES = 5;

    /** The best of a few tries. */
    static Floor measure(Engine engine) {
        double product = Double.MAX_VALUE;
        double pass = Double.MAX_VALUE;
        try (Scope scope = engine.scope()) {
            TorchRandom random = new TorchRandom(1);
            Tensor square = random.normal(engine, SQUARE, SQUARE);
            Tensor row = random.normal(engine, 1, TABLE);
            Tensor table = engine.full(0.5, DType.F32, TABLE, TABLE);
            for (int i = 0; i < TRIES; i++) {
                product = Math.min(product, seconds(() -> engine.linear(square, square, Optional.empty())));
                pass = Math.min(pass, seconds(() -> engine.linear(row, table, Optional.empty())));
            }
        }
        return new Floor(2.0 * SQUARE * SQUARE * SQUARE / product, (double) Float.BYTES * TABLE * TABLE / pass);
    }

    private static double seconds(Runnable run) {
        long start = System.nanoTime();
        run.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /** The least time for that much work. */
    double seconds(double operations, double read) {
        return Math.max(operations / flops, read / bytes);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "a product of %d³ at %.0f GFLOP/s, a pass over memory at %.1f GB/s",
                SQUARE,
                flops / 1e9,
                bytes / 1e9);
    }
}
