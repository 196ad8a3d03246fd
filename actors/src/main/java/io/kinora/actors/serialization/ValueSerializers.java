package io.kinora.actors.serialization;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.util.ByteString;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** How the values inside messages are written; each checks a length before it allocates. */
final class ValueSerializers {
    private static final int MAX_RANK = 8;

    private ValueSerializers() {}

    private static BoundedInput bounded(Input input) {
        return (BoundedInput) input;
    }

    /** UTF-8 with its length in bytes in front. */
    static final class Text extends Serializer<String> {
        Text() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
        }

        @Override
        public String read(Kryo kryo, Input input, Class<? extends String> type) {
            return new String(input.readBytes(input.readVarInt(true)), StandardCharsets.UTF_8);
        }
    }

    /** Raw bytes with their length in front. */
    static final class Bytes extends Serializer<byte[]> {
        @Override
        public void write(Kryo kryo, Output output, byte[] bytes) {
            output.writeVarInt(bytes.length, true);
            output.writeBytes(bytes);
        }

        @Override
        public byte[] read(Kryo kryo, Input input, Class<? extends byte[]> type) {
            return input.readBytes(input.readVarInt(true));
        }
    }

    /** Akka's immutable bytes, with their length in front. */
    static final class ByteStrings extends Serializer<ByteString> {
        ByteStrings() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, ByteString bytes) {
            output.writeVarInt(bytes.size(), true);
            output.writeBytes(bytes.toArray());
        }

        @Override
        public ByteString read(Kryo kryo, Input input, Class<? extends ByteString> type) {
            return ByteString.fromArrayUnsafe(input.readBytes(input.readVarInt(true)));
        }
    }

    /** An immutable list of registered values. */
    static final class Lists extends Serializer<List<?>> {
        Lists() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, List<?> list) {
            output.writeVarInt(list.size(), true);
            list.forEach(element -> kryo.writeClassAndObject(output, element));
        }

        @Override
        public List<?> read(Kryo kryo, Input input, Class<? extends List<?>> type) {
            int size = bounded(input).checkedLength(input.readVarInt(true), 1);
            List<Object> list = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                list.add(kryo.readClassAndObject(input));
            }
            return List.copyOf(list);
        }
    }

    /** A map of registered values that keeps its order. */
    static final class Maps extends Serializer<Map<?, ?>> {
        Maps() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, Map<?, ?> map) {
            output.writeVarInt(map.size(), true);
            map.forEach((key, value) -> {
                kryo.writeClassAndObject(output, key);
                kryo.writeClassAndObject(output, value);
            });
        }

        @Override
        public Map<?, ?> read(Kryo kryo, Input input, Class<? extends Map<?, ?>> type) {
            int size = bounded(input).checkedLength(input.readVarInt(true), 2);
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(kryo.readClassAndObject(input), kryo.readClassAndObject(input));
            }
            return map;
        }
    }

    /** An actor's full address. */
    static final class ActorRefs extends Serializer<ActorRef<?>> {
        private final ActorRefResolver resolver;

        ActorRefs(ActorRefResolver resolver) {
            super(false, true);
            this.resolver = resolver;
        }

        @Override
        public void write(Kryo kryo, Output output, ActorRef<?> ref) {
            kryo.writeObject(output, resolver.toSerializationFormat(ref));
        }

        @Override
        public ActorRef<?> read(Kryo kryo, Input input, Class<? extends ActorRef<?>> type) {
            return resolver.resolveActorRef(kryo.readObject(input, String.class));
        }
    }

    /**
     * Element type, sizes, and the elements as they are, little endian. Whoever writes gives the tensor away: it is closed. Read onto the node's host engine.
     */
    static final class Tensors extends Serializer<Tensor> {
        private final Supplier<Engine> host;

        Tensors(Supplier<Engine> host) {
            this.host = host;
        }

        @Override
        public void write(Kryo kryo, Output output, Tensor tensor) {
            kryo.writeObject(output, tensor.dtype().name());
            output.writeByte(tensor.rank());
            for (long size : tensor.shape().toArray()) {
                output.writeVarLong(size, true);
            }
            output.writeBytes(tensor.toBytes());
            tensor.close();
        }

        @Override
        public Tensor read(Kryo kryo, Input input, Class<? extends Tensor> type) {
            DType dtype = DType.valueOf(kryo.readObject(input, String.class));
            int rank = input.readByte();
            if (rank < 0 || rank > MAX_RANK) {
                throw new KryoException("a tensor of %d axes, at most %d are sent".formatted(rank, MAX_RANK));
            }
            long[] sizes = new long[rank];
            for (int axis = 0; axis < rank; axis++) {
                sizes[axis] = input.readVarLong(true);
            }
            Shape shape = Shape.of(sizes);
            int elements = bounded(input).checkedLength(shape.elements(), dtype.bytes());
            byte[] bytes = input.readBytes(elements * dtype.bytes());
            return host.get().copyOf(ByteBuffer.wrap(bytes), dtype, shape);
        }
    }
}
