package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Unsigned int4 in groups of G channels: {@code weight[o, c] = (codes[o, c] - 8) · scale[c / G, o] + zero[c / G, o]}.
 *
 * <p>Rows stand in tiles of R, as many as libtorch's CPU kernel takes at a time with this machine's vectors; a byte holds one channel of
 * row r in its low half and of row r + R/2 in its high half. The last tile is filled up with zeros.
 */
final class Int4Codes implements WeightCodes {
    private static final String CODES = "codes";
    private static final String SCALES_AND_ZEROS = "scales_and_zeros";
    private static final double LEVELS = 15;
    private static final double MIDDLE = 8;
    private static final long HIGH = 16;
    private static final long[] TILES = {64, 32};

    private final Shape shape;
    private final long group;
    private final boolean kernel; // libtorch's own kernel reads this layout here
    private final LibtorchTensor codes; // U8 [tiles, C, R/2]
    private final LibtorchTensor scalesAndZeros; // BF16 [C/G, tiles·R, 2]

    private Int4Codes(Shape shape, long group, boolean kernel, LibtorchTensor codes, LibtorchTensor scalesAndZeros) {
        this.shape = shape;
        this.group = group;
        this.kernel = kernel;
        this.codes = codes;
        this.scalesAndZeros = scalesAndZeros;
    }

    static Int4Codes of(NativeCalls calls, LibtorchTensor weight, int group) {
        Shape shape = weight.shape();
        long fitting = fittingTile(calls, weight.at().is_cpu());
        long tile = fitting == 0 ? TILES[0] : fitting;
        LibtorchTensor scalesAndZeros =
                calls.computeForever("quantize", () -> scalesAndZeros(padded(weight.at(), tile), group), weight);
        LibtorchTensor codes = calls.computeForever(
                "quantize", () -> packed(levels(padded(weight.at(), tile), scalesAndZeros.at(), group), tile), weight);
        return new Int4Codes(shape, group, fitting != 0, codes, scalesAndZeros);
    }

    /** Out of parts as {@link #parts} gives them. */
    static Int4Codes of(NativeCalls calls, Shape shape, int group, boolean onCpu, QuantizedParts parts) {
        long fitting = fittingTile(calls, onCpu);
        long tile = fitting == 0 ? TILES[0] : fitting;
        long O = shape.dim(0);
        long C = shape.dim(1);
        long tiles = (O + tile - 1) / tile;
        return new Int4Codes(
                shape,
                group,
                fitting != 0,
                parts.part(CODES, DType.U8, Shape.of(tiles, C, tile / 2)),
                parts.part(SCALES_AND_ZEROS, DType.BF16, Shape.of(C / group, tiles * tile, 2)));
    }

    /** Of the parts, as they would be made here. */
    static String layout(NativeCalls calls, int group, boolean onCpu) {
        long fitting = fittingTile(calls, onCpu);
        return "int4 in groups of %d and tiles of %d".formatted(group, fitting == 0 ? TILES[0] : fitting);
    }

    // The tile that this machine's kernel takes; 0 if there is none.
    private static long fittingTile(NativeCalls calls, boolean onCpu) {
        return onCpu ? calls.call("quantize", Int4Codes::tileOfKernel) : 0;
    }

    @Override
    public Map<String, io.kinora.tensor.Tensor> parts() {
        return Map.of(CODES, codes, SCALES_AND_ZEROS, scalesAndZeros);
    }

    // [O, C] -> F32 [O', C] with O' the next multiple of the tile
    private static Tensor padded(Tensor weight, long tile) {
        long missing = Math.floorMod(-weight.size(0), tile);
        return torch.constant_pad_nd(weight.to(ScalarType.Float), 0, 0, 0, missing);
    }

    // [O', C] -> BF16 [C/G, O', 2]
    private static Tensor scalesAndZeros(Tensor weight, int group) {
        Tensor groups = weight.reshape(weight.size(0), weight.size(1) / group, group);
        Tensor low = groups.amin(new long[] {2}, false);
        Tensor high = groups.amax(new long[] {2}, false);
        Tensor scale = torch.clamp(high.sub(low), new ScalarOptional(new Scalar(Float.MIN_NORMAL * LEVELS)))
                .div(new Scalar(LEVELS))
                .to(ScalarType.BFloat16);
        Tensor zero =
                low.add(scale.to(ScalarType.Float).mul(new Scalar(MIDDLE))).to(ScalarType.BFloat16);
        return torch.stack(new TensorVector(scale, zero), 2).transpose(0, 1).contiguous();
    }

    // [O', C] -> U8 [O', C]: the nearest levels for the scales and zeros as they are stored
    private static Tensor levels(Tensor weight, Tensor scalesAndZeros, int group) {
        Tensor groups = weight.reshape(weight.size(0), weight.size(1) / group, group);
        Tensor perGroup = scalesAndZeros.to(ScalarType.Float).transpose(0, 1).unsqueeze(3); // [O', C/G, 2, 1]
        Tensor levels =
                groups.sub(perGroup.select(2, 1)).div(perGroup.select(2, 0)).add(new Scalar(MIDDLE));
        return torch.clamp(
                        torch.round(levels),
                        new ScalarOptional(new Scalar(0.0)),
                        new ScalarOptional(new Scalar(LEVELS)))
                .to(ScalarType.Byte)
                .view(weight.size(0), weight.size(1));
    }

    // U8 [O', C] -> U8 [O'/R, C, R/2]
    private static Tensor packed(Tensor levels, long tile) {
        Tensor halves = levels.view(levels.size(0) / tile, 2, tile / 2, levels.size(1));
        Tensor bytes = halves.select(1, 0).add(halves.select(1, 1).mul(new Scalar(HIGH)));
        return bytes.transpose(1, 2).contiguous();
    }

    // The tile for which libtorch's packing gives our layout on this machine; 0 if none does.
    private static long tileOfKernel() {
        long rows = TILES[0];
        long channels = 32;
        Tensor levels = torch.arange(new Scalar(rows * channels), new TensorOptions(ScalarType.Long))
                .mul(new Scalar(7L))
                .remainder(
                        new Scalar(11L)) // 7 and 11 share no factor with the sizes, so no two rows or columns are alike
                .view(rows, channels);
        Tensor theirs = Operators.call("_convert_weight_to_int4pack_for_cpu", levels.to(ScalarType.Int), 2);
        for (long tile : TILES) {
            if (theirs.view(-1).equal(packed(levels.to(ScalarType.Byte), tile).view(-1))) {
                return tile;
            }
        }
        return 0;
    }

    @Override
    public Tensor product(Tensor x) {
        long O = shape.dim(0);
        Tensor all = codes.at();
        long tile = 2 * all.size(2);
        long padded = all.size(0) * tile;
        if (kernel && WeightCodes.isForKernels(x)) {
            Tensor rows = all.view(padded, shape.dim(1) / 2);
            Tensor in = x.to(ScalarType.BFloat16).contiguous();
            return Operators.call("_weight_int4pack_mm_for_cpu", in, rows, group, scalesAndZeros.at())
                    .narrow(1, 0, O);
        }
        Tensor result = torch.empty(new long[] {x.size(0), padded}, x.options(), null);
        // In BF16 scaling would round twice, by more than a level's tenth: unpacked in F32, rounded once.
        ScalarType type = x.scalar_type().intern();
        ScalarType wide = type == ScalarType.Double ? type : ScalarType.Float;
        Tensor unpacked =
                torch.empty(new long[] {shape.dim(1), tile}, x.options().dtype(ScalarTypes.optional(wide)), null);
        for (long t = 0; t < all.size(0); t++) {
            unpack(t, unpacked);
            torch.mm_out(result.narrow(1, t * tile, tile), x, unpacked.to(type));
        }
        return result.narrow(1, 0, O);
    }

    @Override
    public Tensor weight() {
        Tensor all = codes.at();
        long tile = 2 * all.size(2);
        long C = shape.dim(1);
        TensorOptions floats = scalesAndZeros.at().options().dtype(ScalarTypes.optional(ScalarType.Float));
        Tensor weight = torch.empty(new long[] {all.size(0), tile, C}, floats, null);
        Tensor unpacked = torch.empty(new long[] {C, tile}, floats, null);
        for (long t = 0; t < all.size(0); t++) {
            unpack(t, unpacked);
            weight.select(0, t).copy_(unpacked.t());
        }
        return weight.view(-1, C).narrow(0, 0, shape.dim(0)).clone();
    }

    // Tile t as its transpose, [C, R], in the type of the target.
    private void unpack(long t, Tensor target) {
        Tensor bytes = codes.at().select(0, t); // [C, R/2]
        long tile = target.size(1);
        target.narrow(1, 0, tile / 2).copy_(bytes.bitwise_and(new Scalar(HIGH - 1)));
        target.narrow(1, tile / 2, tile / 2).copy_(bytes.__rshift__(new Scalar(4L)));
        Tensor perGroup = scalesAndZeros.at().narrow(1, t * tile, tile).to(ScalarType.Float); // [C/G, R, 2]
        Tensor scale = perGroup.select(2, 0);
        Tensor offset = perGroup.select(2, 1).sub(scale.mul(new Scalar(MIDDLE)));
        Tensor groups = target.view(-1, group, tile); // [C/G, G, R]
        groups.mul_(scale.unsqueeze(1)).add_(offset.unsqueeze(1));
    }

    @Override
    public long bytes() {
        return codes.bytes() + scalesAndZeros.bytes();
    }

    @Override
    public void close() {
        codes.close();
        scalesAndZeros.close();
    }
}
