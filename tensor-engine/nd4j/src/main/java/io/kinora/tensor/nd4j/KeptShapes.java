package io.kinora.tensor.nd4j;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.BaseShapeInfoProvider;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;
import org.nd4j.linalg.api.shape.options.ArrayType;

/**
 * Describes the sizes and strides of ND4J's arrays to its native library, once for each that occurs: ND4J's own provider describes them anew
 * for every array, and leaves the old descriptions to the garbage collector. The native library keeps every description for good, so this
 * adds nothing to what stays. Thread-safe. ND4J makes it by name.
 */
public final class KeptShapes extends BaseShapeInfoProvider {
    private final Map<Key, Pair<DataBuffer, long[]>> kept = new ConcurrentHashMap<>();

    @Override
    public Pair<DataBuffer, long[]> createShapeInformation(
            long[] shape, long[] stride, long elementWiseStride, char order, DataType dataType, boolean empty) {
        long type = ArrayOptionsHelper.setOptionBit(0L, dataType);
        return createShapeInformation(
                shape,
                stride,
                elementWiseStride,
                order,
                empty ? ArrayOptionsHelper.setOptionBit(type, ArrayType.EMPTY) : type);
    }

    @Override
    public Pair<DataBuffer, long[]> createShapeInformation(
            long[] shape, long[] stride, long elementWiseStride, char order, long extras) {
        Key key = new Key(shape, stride, Math.max(0, elementWiseStride), order, extras);
        Pair<DataBuffer, long[]> known = kept.get(key);
        return known != null ? known : kept.computeIfAbsent(key.copy(), this::described);
    }

    private Pair<DataBuffer, long[]> described(Key key) {
        // For the copies of sizes and strides that ND4J hands over and never frees.
        try (PointerScope handed = new PointerScope()) {
            return super.createShapeInformation(key.shape, key.stride, key.elementWiseStride, key.order, key.extras);
        }
    }

    @Override
    public void purgeCache() {
        // Arrays that are open use what is kept.
    }

    private static final class Key {
        private final long[] shape;
        private final long[] stride;
        private final long elementWiseStride;
        private final char order;
        private final long extras;

        Key(long[] shape, long[] stride, long elementWiseStride, char order, long extras) {
            this.shape = shape;
            this.stride = stride;
            this.elementWiseStride = elementWiseStride;
            this.order = order;
            this.extras = extras;
        }

        Key copy() {
            return new Key(shape.clone(), stride.clone(), elementWiseStride, order, extras);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && elementWiseStride == that.elementWiseStride
                    && order == that.order
                    && extras == that.extras
                    && Arrays.equals(shape, that.shape)
                    && Arrays.equals(stride, that.stride);
        }

        @Override
        public int hashCode() {
            int result = 31 * Arrays.hashCode(shape) + Arrays.hashCode(stride);
            return 31 * (31 * result + Long.hashCode(elementWiseStride)) + Long.hashCode(extras) + order;
        }
    }
}
