package io.kinora.decoder.vae;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Runs a network on overlapping tiles of an image, and blends the overlaps linearly. What a tile shows depends on it alone (norms and
 * attention see no other), so the result differs a little from that of the whole image.
 *
 * <p>Source: diffusers {@code AutoencoderKL.tiled_decode} and {@code tiled_encode}.
 *
 * @param size height and width of a tile going in
 * @param step distance of tiles going in
 * @param blend rows and columns that are blended coming out
 * @param kept rows and columns of a tile that are kept coming out
 */
record Tiling(long size, long step, long blend, long kept) {
    private static final double OVERLAP = 0.25;

    /** Tiles of {@code in} elements that become {@code out} elements. */
    static Tiling of(long in, long out) {
        long blend = (long) (out * OVERLAP);
        return new Tiling(in, (long) (in * (1 - OVERLAP)), blend, out - blend);
    }

    /** True if an image is larger than a tile. */
    boolean cuts(Tensor image) {
        return image.dim(2) > size || image.dim(3) > size;
    }

    /** Applies the network to each tile of {@code [N, C, Y, X]}, and joins what comes out. */
    Tensor apply(Tensor image, UnaryOperator<Tensor> network) {
        Engine engine = image.engine();
        try (Scope scope = engine.scope()) {
            List<Tensor> rows = new ArrayList<>();
            List<Tensor> above = List.of();
            for (long y = 0; y < image.dim(2); y += step) {
                List<Tensor> tiles = new ArrayList<>();
                for (long x = 0; x < image.dim(3); x += step) {
                    Tensor tile = network.apply(
                            image.slice(2, y, end(y, image.dim(2))).slice(3, x, end(x, image.dim(3))));
                    if (!above.isEmpty()) {
                        blend(above.get(tiles.size()), tile, 2);
                    }
                    if (!tiles.isEmpty()) {
                        blend(tiles.get(tiles.size() - 1), tile, 3);
                    }
                    tiles.add(tile);
                }
                rows.add(engine.cat(tiles.stream().map(this::keptPart).toList(), 3));
                above.forEach(Tensor::close);
                above = tiles;
            }
            return scope.keep(engine.cat(rows, 2));
        }
    }

    private long end(long from, long length) {
        return Math.min(from + size, length);
    }

    private Tensor keptPart(Tensor tile) {
        return tile.slice(2, 0, Math.min(kept, tile.dim(2))).slice(3, 0, Math.min(kept, tile.dim(3)));
    }

    /** Overwrites the first rows (axis 2) or columns (axis 3) of a tile by a ramp from its neighbour's last ones to its own. */
    private void blend(Tensor neighbour, Tensor tile, int axis) {
        long extent = Math.min(Math.min(neighbour.dim(axis), tile.dim(axis)), blend);
        if (extent == 0) {
            return;
        }
        try (Scope scope = tile.engine().scope()) {
            float[] ramp = new float[(int) extent];
            for (int i = 0; i < extent; i++) {
                ramp[i] = (float) i / extent;
            }
            long[] along = axis == 2 ? new long[] {1, 1, extent, 1} : new long[] {1, 1, 1, extent};
            Tensor own = tile.engine().of(ramp, along).to(tile.dtype());
            Tensor other = own.mul(-1).add(1);
            Tensor from = neighbour.slice(axis, neighbour.dim(axis) - extent, neighbour.dim(axis));
            Tensor start = tile.slice(axis, 0, extent);
            start.copyFrom(from.mul(other).add(start.mul(own)));
        }
    }
}
