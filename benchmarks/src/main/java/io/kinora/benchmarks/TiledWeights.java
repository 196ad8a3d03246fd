package io.kinora.benchmarks;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Random weights of any size in a moment, the same in Python ({@code tools/benchmarks/language_peers.py}): every tensor is a piece of
 * one tile of torch's normal noise, repeated, that begins where a checksum of the tensor's name says. Matrices are scaled down to what
 * keeps activations in range; vectors lie around one, as norms do.
 */
final class TiledWeights implements Weights, AutoCloseable {
    private static final int TILE = 1_000_003;
    private static final double SCALE = 0.02;

    private final Engine engine;
    private final Tensor tile; // (TILE)
    private final List<Tensor> made;
    private final String prefix;

    private TiledWeights(Engine engine, Tensor tile, List<Tensor> made, String prefix) {
        this.engine = engine;
        this.tile = tile;
        this.made = made;
        this.prefix = prefix;
    }

    /** Weights in single precision, which live until this is closed. */
    static TiledWeights of(Engine engine) {
        Tensor tile = new TorchRandom(0).normal(engine, TILE);
        return new TiledWeights(engine, tile, new ArrayList<>(List.of(tile)), "");
    }

    /** Noise of that name and shape, unscaled. */
    Tensor noise(String name, long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        CRC32 checksum = new CRC32();
        checksum.update(name.getBytes(StandardCharsets.UTF_8));
        long start = checksum.getValue() % TILE;
        long tiles = (start + count + TILE - 1) / TILE;
        return tile.expand(tiles, TILE)
                .reshape(tiles * TILE)
                .slice(0, start, start + count)
                .reshape(shape);
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Weights at(String name) {
        return new TiledWeights(engine, tile, made, prefix + name + ".");
    }

    @Override
    public boolean has(String name) {
        return !name.equals("q_bias");
    }

    @Override
    public Tensor take(String name, long... shape) {
        try (Scope scope = engine.scope()) {
            Tensor scaled = noise(prefix + name, shape).mul(SCALE);
            Tensor taken = scope.detach(shape.length == 1 ? scaled.add(1) : scaled);
            made.add(taken);
            return taken;
        }
    }

    @Override
    public void ignore(String below) {
        // Whatever is not asked for is not there.
    }

    @Override
    public void close() {
        made.forEach(Tensor::close);
    }
}
