package io.kinora.tensor;

/**
 * The random numbers of PyTorch's CPU generator: a seed gives the noise that {@code torch.randn} gives for it, so that a prompt and a
 * seed make the video that the reference pipelines make.
 *
 * <p>Mersenne Twister (Matsumoto and Nishimura, 1998, MT19937) seeded with the low 32 bits of the seed. Each call continues the stream
 * where the last one ended, as successive calls of {@code torch.randn} with one {@code torch.Generator} do. PyTorch's vectorised
 * logarithm and cosine differ between processors; against its AVX-512 build five values of six are equal to the last bit and the others
 * agree within 4e-7 relative.
 *
 * <p>Not thread-safe.
 */
public final class TorchRandom {
    private static final int N = 624;
    private static final int M = 397;
    private static final int BLOCK = 16; // values that torch's vectorised fill makes together

    private static final float FLOAT_STEP = 0x1p-24f;
    private static final double DOUBLE_STEP = 0x1p-53;
    private static final float TWO_PI = (float) (2 * Math.PI);

    private final int[] state = new int[N];
    private int next = N;
    private double spare; // second value of a Box-Muller pair, as torch keeps it between small draws
    private boolean hasSpare;

    /** A generator after {@code manual_seed(seed)}; seeds with equal low 32 bits give equal streams, as in torch. */
    public TorchRandom(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /**
     * Standard normal values: {@code torch.randn} of {@code count} elements of float32, in row-major order.
     *
     * <p>Float16 and bfloat16 noise of torch is this noise, rounded.
     */
    public float[] normal(int count) {
        float[] values = new float[count];
        if (count < BLOCK) {
            for (int i = 0; i < count; i++) {
                values[i] = (float) nextNormal();
            }
            return values;
        }
        for (int i = 0; i < count; i++) {
            values[i] = nextFloat();
        }
        for (int from = 0; from + BLOCK <= count; from += BLOCK) {
            toNormal(values, from);
        }
        if (count % BLOCK != 0) {
            // torch makes the last block anew from fresh numbers, over the end of the one before.
            for (int i = count - BLOCK; i < count; i++) {
                values[i] = nextFloat();
            }
            toNormal(values, count - BLOCK);
        }
        return values;
    }

    /** {@link #normal(int)} as a tensor {@link DType#F32} of that shape on an engine's device. */
    public Tensor normal(Engine engine, long... sizes) {
        return engine.of(normal(Math.toIntExact(Shape.of(sizes).elements())), sizes);
    }

    /** Values in 0 (inclusive) to 1 (exclusive): {@code torch.rand} of {@code count} elements of float32. */
    public float[] uniform(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = nextFloat();
        }
        return values;
    }

    /** Box-Muller on the uniforms of one block: the first half gives the radii, the second the angles. */
    private static void toNormal(float[] values, int from) {
        for (int j = from; j < from + BLOCK / 2; j++) {
            float log = (float) Math.log(1 - values[j]);
            float radius = (float) Math.sqrt(-2 * log);
            float angle = TWO_PI * values[j + BLOCK / 2];
            values[j] = radius * (float) Math.cos(angle);
            values[j + BLOCK / 2] = radius * (float) Math.sin(angle);
        }
    }

    private double nextNormal() {
        if (hasSpare) {
            hasSpare = false;
            return spare;
        }
        double angle = 2 * Math.PI * nextDouble();
        double radius = Math.sqrt(-2 * Math.log1p(-nextDouble()));
        spare = radius * Math.sin(angle);
        hasSpare = true;
        return radius * Math.cos(angle);
    }

    private float nextFloat() {
        return (nextInt() & 0xFFFFFF) * FLOAT_STEP;
    }

    private double nextDouble() {
        long high = Integer.toUnsignedLong(nextInt());
        long low = Integer.toUnsignedLong(nextInt());
        return ((high << 32 | low) & 0x1FFFFFFFFFFFFFL) * DOUBLE_STEP;
    }

    private int nextInt() {
        if (next == N) {
            twist();
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >>> 18);
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7FFFFFFF);
            state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }
    }
}
