package io.kinora.training.data;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/** Square pictures of 8-bit RGB, packed one behind the other. */
public final class Pixels {
    private final byte[] rgb; // [N, size, size, 3]
    private final int count;
    private final int size;

    /** Pictures of {@code size · size · 3} bytes each. */
    public Pixels(List<byte[]> pictures, int size) {
        this.count = pictures.size();
        this.size = size;
        int each = size * size * 3;
        this.rgb = new byte[count * each];
        for (int i = 0; i < count; i++) {
            System.arraycopy(pictures.get(i), 0, rgb, i * each, each);
        }
    }

    /** How many. */
    public int count() {
        return count;
    }

    /** As bytes, {@code [N, size, size, 3]}: what an encoder's normalisation takes. */
    public Tensor bytes(Engine engine) {
        return engine.copyOf(ByteBuffer.wrap(rgb), DType.U8, Shape.of(count, size, size, 3));
    }

    /** From -1 to 1, {@code [N, 3, size, size]} in single precision: what an autoencoder takes. */
    public Tensor signed(Engine engine) {
        try (Scope scope = engine.scope()) {
            Tensor unit = bytes(engine).to(DType.F32).mul(2 / 255.0).add(-1);
            return scope.keep(unit.permute(0, 3, 1, 2).contiguous());
        }
    }
}
