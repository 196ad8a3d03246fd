package io.kinora.tensor.libtorch;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A convolution with kernel 3×3, stride 1 and padding 1 by minimal filtering: kernels and overlapping tiles of 6×6 pixels are transformed, 36 matrix
 * products take the place of 144, and what they give is transformed to tiles of 4×4 pixels. Tiles go through in groups, so that a group's numbers stay in
 * the processor's cache and the memory needed does not grow with the picture. For use inside a call.
 *
 * <p>Lavin and Gray 2016, arXiv:1509.09308, F(4×4, 3×3), with the points 0, 1, -1, 1/2 and -2 of Barabasz et al. 2018, arXiv:1803.10986: the rounding error
 * is that of the direct sum within a factor of three, where the usual points make it five to ten.
 *
 * <p>Letters: N images, C channels in, O channels out, Y × X pixels, T tiles of a group.
 */
final class WinogradConvolution {
    private static final int OUT = 4; // pixels of a tile's side, coming out
    private static final int IN = 6; // going in
    private static final int PRODUCTS = IN * IN;

    // Below these the transforms cost more than the products save.
    private static final long LEAST_CHANNELS = 96;
    private static final long LEAST_CHANNEL_PAIRS = 128 * 256;
    private static final long LEAST_PIXELS = 1024;

    private static final long KERNEL_BYTES = 64L << 20;
    private static final long GROUP_BYTES = 16L << 20;
    private static final long LEAST_TILES = 128;

    private static final float[][] FROM_PIXELS = {
        {1, -1.5f, -2, 1.5f, 1, 0},
        {0, -1, 0.5f, 2.5f, 1, 0},
        {0, 1, -2.5f, 0.5f, 1, 0},
        {0, -2, -1, 2, 1, 0},
        {0, 0.5f, -1, -0.5f, 1, 0},
        {0, 1, -1.5f, -2, 1.5f, 1}
    };
    private static final float[][] FROM_KERNEL = {
        {1, 0, 0},
        {1 / 3f, 1 / 3f, 1 / 3f},
        {-1 / 3f, 1 / 3f, -1 / 3f},
        {-16 / 15f, -8 / 15f, -4 / 15f},
        {1 / 15f, -2 / 15f, 4 / 15f},
        {0, 0, 1}
    };
    private static final float[][] TO_PIXELS = {
        {1, 1, 1, 1, 1, 0}, {0, 1, -1, 0.5f, -2, 0}, {0, 1, 1, 0.25f, 4, 0}, {0, 1, -1, 0.125f, -8, 1}
    };

    private final Tensor x; // [N, Y, X, C]
    private final Tensor out; // [N, Y', X', O], whole tiles
    private final Group group;
    private final Tensor strip; // [n, 4·k + 2, X' + 2, C]: the pixels of a group, zeros around the image
    private final Tensor tiles; // [36, T·C]
    private final Tensor transformed; // [36, T·C]
    private final Tensor fromPixels; // [36, 36]
    private final Tensor toPixels; // [16, 36]

    /**
     * Tiles that go through together: some rows of tiles of one image, or several whole images.
     *
     * @param images n
     * @param rows rows of tiles of each, k
     * @param columns tiles of a row
     */
    private record Group(long images, long rows, long columns) {
        static Group of(long images, long rows, long columns, long most) {
            if (rows * columns >= most) {
                return new Group(1, Math.max(1, most / columns), columns);
            }
            return new Group(Math.min(images, most / (rows * columns)), rows, columns);
        }

        long tiles() {
            return images * rows * columns;
        }
    }

    private WinogradConvolution(Tensor x, Tensor out, Group group) {
        long C = x.size(3);
        this.x = x;
        this.out = out;
        this.group = group;
        this.strip = torch.zeros(group.images, OUT * group.rows + 2, OUT * group.columns + 2, C);
        this.tiles = torch.empty(PRODUCTS, group.tiles() * C);
        this.transformed = torch.empty_like(tiles);
        this.fromPixels = twice(FROM_PIXELS);
        this.toPixels = twice(TO_PIXELS);
    }

    /** True where this is the faster way: single precision on the CPU, channels last, with enough to do. */
    static boolean suits(Tensor x, Tensor weight, int stride, int padding) {
        return stride == 1
                && padding == 1
                && x.dim() == 4
                && weight.dim() == 4
                && weight.size(2) == 3
                && weight.size(3) == 3
                && weight.size(1) == x.size(1)
                && Math.min(weight.size(0), weight.size(1)) >= LEAST_CHANNELS
                && weight.size(0) * weight.size(1) >= LEAST_CHANNEL_PAIRS
                && x.size(0) * x.size(2) * x.size(3) >= LEAST_PIXELS
                && fillsTiles(x.size(2), x.size(3))
                && x.is_cpu()
                && x.scalar_type().intern() == ScalarType.Float
                && weight.scalar_type().intern() == ScalarType.Float
                && x.suggest_memory_format().intern() == MemoryFormat.ChannelsLast
                && !GradMode.is_enabled();
    }

    private static boolean fillsTiles(long height, long width) {
        long computed = tiles(height) * tiles(width) * OUT * OUT;
        return 2 * computed <= 3 * height * width;
    }

    private static long tiles(long side) {
        return (side + OUT - 1) / OUT;
    }

    // x [N, C, Y, X], weight [O, C, 3, 3] -> [N, O, Y, X], channels last
    static Tensor compute(Tensor x, Tensor weight, TensorOptional bias) {
        long N = x.size(0);
        long C = x.size(1);
        long O = weight.size(0);
        long rows = tiles(x.size(2));
        long columns = tiles(x.size(3));
        long most = Math.max(LEAST_TILES, GROUP_BYTES / (Float.BYTES * PRODUCTS * (2 * C + O)));
        Tensor out = torch.empty(N, OUT * rows, OUT * columns, O);
        WinogradConvolution convolution =
                new WinogradConvolution(x.permute(0, 2, 3, 1).contiguous(), out, Group.of(N, rows, columns, most));
        Tensor kernels = weight.reshape(O * C, 9);
        long part = Math.min(O, Math.max(LEAST_CHANNELS, KERNEL_BYTES / (Float.BYTES * PRODUCTS * C)));
        for (long from = 0; from < O; from += part) {
            convolution.compute(kernels, bias, from, Math.min(from + part, O));
        }
        return out.narrow(1, 0, x.size(2)).narrow(2, 0, x.size(3)).contiguous().permute(0, 3, 1, 2);
    }

    /** The channels {@code from} to {@code to} of what comes out. */
    private void compute(Tensor kernels, TensorOptional bias, long from, long to) {
        long C = x.size(3);
        long O = to - from;
        Tensor products = torch.empty(PRODUCTS, O * C);
        torch.mm_out(
                products, twice(FROM_KERNEL), kernels.narrow(0, from * C, O * C).t());
        Tensor weights = products.view(PRODUCTS, O, C).transpose(1, 2); // [36, C, O]
        Tensor sums = torch.empty(PRODUCTS, group.tiles() * O);
        Tensor pixels = torch.empty(OUT * OUT, group.tiles() * O);
        TensorOptional shift = bias.has_value() ? new TensorOptional(bias.get().narrow(0, from, O)) : bias;
        Tensor target = out.narrow(3, from, O);
        long images = out.size(0);
        long rows = out.size(1) / OUT;
        for (long image = 0; image < images; image += group.images) {
            for (long row = 0; row < rows; row += group.rows) {
                Group part = new Group(
                        Math.min(group.images, images - image), Math.min(group.rows, rows - row), group.columns);
                compute(part, image, row, weights, sums, pixels);
                put(part, pixels, shift, target.narrow(0, image, part.images).narrow(1, OUT * row, OUT * part.rows));
            }
        }
    }

    private void compute(Group part, long image, long row, Tensor weights, Tensor sums, Tensor pixels) {
        long C = weights.size(1);
        long O = weights.size(2);
        long T = part.tiles();
        fill(part, image, row);
        long[] strides = {strip.stride(1), strip.stride(2), strip.stride(0), OUT * strip.stride(1), OUT * C, 1};
        Tensor overlapping = strip.as_strided(new long[] {IN, IN, part.images, part.rows, part.columns, C}, strides);
        Tensor some = head(tiles, T * C);
        some.view(IN, IN, part.images, part.rows, part.columns, C).copy_(overlapping);
        Tensor given = head(transformed, T * C);
        torch.mm_out(given, fromPixels, some);
        Tensor made = head(sums, T * O);
        torch.bmm_out(made.view(PRODUCTS, T, O), given.view(PRODUCTS, T, C), weights);
        torch.mm_out(head(pixels, T * O), toPixels, made);
    }

    /** The first columns of a buffer, packed as if it had no others. */
    private static Tensor head(Tensor buffer, long columns) {
        return buffer.view(-1).narrow(0, 0, buffer.size(0) * columns).view(buffer.size(0), columns);
    }

    /** Copies a group's pixels, and those around it, into the strip. */
    private void fill(Group part, long image, long row) {
        long first = OUT * row - 1;
        long from = Math.max(first, 0);
        long to = Math.min(first + OUT * part.rows + 2, x.size(1));
        if (from > first || to < first + strip.size(1)) {
            strip.zero_();
        }
        strip.narrow(0, 0, part.images)
                .narrow(1, from - first, to - from)
                .narrow(2, 1, x.size(2))
                .copy_(x.narrow(0, image, part.images).narrow(1, from, to - from));
    }

    // pixels [16, T·O] -> target [n, 4·k, X', O]
    private static void put(Group part, Tensor pixels, TensorOptional bias, Tensor target) {
        long O = target.size(3);
        Tensor tiles = head(pixels, part.tiles() * O)
                .view(OUT, OUT, part.images, part.rows, part.columns, O)
                .permute(2, 3, 0, 4, 1, 5); // [n, k, 4, columns, 4, O]
        Tensor places = target.unflatten(2, new long[] {part.columns, OUT}).unflatten(1, new long[] {part.rows, OUT});
        if (bias.has_value()) {
            torch.add_out(places, tiles, bias.get());
        } else {
            places.copy_(tiles);
        }
    }

    /** A transform of rows and of columns in one matrix: its Kronecker product with itself. */
    private static Tensor twice(float[][] matrix) {
        int high = matrix.length;
        int wide = matrix[0].length;
        float[] product = new float[high * high * wide * wide];
        for (int i = 0; i < high * high; i++) {
            for (int j = 0; j < wide * wide; j++) {
                product[i * wide * wide + j] = matrix[i / high][j / wide] * matrix[i % high][j % wide];
            }
        }
        Tensor tensor = torch.empty((long) high * high, (long) wide * wide);
        new FloatPointer(tensor.data_ptr()).put(product);
        return tensor;
    }
}
