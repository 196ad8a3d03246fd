package io.kinora.tensor.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/** A tensor as the cases file holds it: type, shape and little-endian bytes. */
final class StoredTensor {
    private final DType dtype;
    private final Shape shape;
    private final byte[] bytes;

    private StoredTensor(DType dtype, Shape shape, byte[] bytes) {
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    static StoredTensor read(JsonNode node) {
        long[] sizes = StreamSupport.stream(node.get("shape").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        return new StoredTensor(
                DType.valueOf(node.get("dtype").asText()),
                Shape.of(sizes),
                Base64.getDecoder().decode(node.get("data").asText()));
    }

    DType dtype() {
        return dtype;
    }

    Shape shape() {
        return shape;
    }

    /** The tensor on an engine, in its stored type. */
    Tensor on(Engine engine) {
        return engine.copyOf(ByteBuffer.wrap(bytes), dtype, shape);
    }

    /** The elements of an F32 tensor. */
    float[] floats() {
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /** The elements of an I64 tensor. */
    long[] longs() {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return LongStream.range(0, bytes.length / Long.BYTES)
                .map(i -> buffer.getLong((int) i * Long.BYTES))
                .toArray();
    }
}
