package io.kinora.actors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializer;
import akka.util.ByteString;
import io.kinora.actors.serialization.HostEngine;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.actors.serialization.KryoSerializer;
import io.kinora.actors.shard.StageHost;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.io.NotSerializableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RemoteMessagesTest {
    private static final List<Class<?>> TYPES = new RemoteMessages().types();

    private static ActorTestKit kit;
    private static Engine engine;
    private static Serialization serialization;
    private static Serializer kryo;

    @BeforeAll
    static void open() throws NotSerializableException {
        kit = ActorTestKit.create();
        engine = HostEngine.of(kit.system());
        serialization = SerializationExtension.get(kit.system());
        kryo = serialization.serializerFor(StageHost.Run.class);
    }

    @AfterAll
    static void close() {
        kit.shutdownTestKit();
    }

    static Stream<Class<?>> messages() {
        return TYPES.stream();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyRegisteredRecordAndEnumIsReadBackAsItWas(Class<?> type) {
        for (Object value : examples(type)) {
            Object message = new Envelope(value).message();
            String described = describe(message); // before it is written: its tensors are given away
            Object read = kryo.fromBinary(kryo.toBinary(message));
            assertThat(describe(read)).isEqualTo(described);
        }
    }

    @Test
    void aMessageOfTheActorsGoesThroughThisSerializer() {
        assertThat(kryo).isInstanceOf(KryoSerializer.class);
    }

    @Test
    void everyRecordThatMayCrossNodesIsRegistered() {
        List<Class<?>> protocol = new ArrayList<>();
        for (Class<?> registered : List.copyOf(TYPES)) {
            Class<?> owner = registered.getDeclaringClass();
            if (owner != null) {
                Arrays.stream(owner.getDeclaredClasses())
                        .filter(nested -> nested.isRecord() && KryoMessage.class.isAssignableFrom(nested))
                        .forEach(protocol::add);
            }
        }
        assertThat(TYPES).containsAll(protocol).doesNotHaveDuplicates();
    }

    @Test
    void aTensorArrivesWithItsTypeShapeAndBytes() {
        for (DType dtype :
                List.of(DType.F32, DType.F64, DType.F16, DType.BF16, DType.I64, DType.I32, DType.U8, DType.BOOL)) {
            try (Tensor values = engine.of(new float[] {0, 1, 0, 3, 0, 5}, 2, 3);
                    Tensor sent = values.to(dtype)) {
                Shape shape = sent.shape();
                byte[] elements = sent.toBytes();
                StageHost.Run run = example(sent);
                StageHost.Run read = (StageHost.Run) kryo.fromBinary(kryo.toBinary(run));
                try (Tensor received = ((io.kinora.actors.shard.StageInput.Hidden) read.input()).rows()) {
                    assertThat(received.dtype()).isEqualTo(dtype);
                    assertThat(received.shape()).isEqualTo(shape);
                    assertThat(received.toBytes()).isEqualTo(elements);
                    assertThatThrownBy(sent::toBytes)
                            .as("whoever sends it gives it away")
                            .isInstanceOf(IllegalStateException.class);
                }
            }
        }
    }

    @Test
    void randomBytesAreAnErrorAndNeverAnObjectOfAnotherClass() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            readOrRefuse(bytes);
        }
    }

    @Test
    void mutatedAndTruncatedMessagesAreReadAsMessagesOrRefused() {
        Random random = new Random(4);
        try (Tensor rows = engine.of(new float[] {1, 2, 3, 4}, 2, 2)) {
            byte[] whole = kryo.toBinary(example(rows));
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> kryo.fromBinary(cut)).isInstanceOf(NotSerializableException.class);
            }
            for (int i = 0; i < 20_000; i++) {
                byte[] mutated = whole.clone();
                for (int k = 0; k <= random.nextInt(4); k++) {
                    mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
                }
                readOrRefuse(mutated);
            }
        }
    }

    @Test
    void aClassNameInTheBytesIsRefusedWithoutLoadingTheClass() {
        byte[] name = "java.util.HashMap".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[name.length + 2];
        bytes[0] = 1; // Kryo's mark of a class that comes by name
        System.arraycopy(name, 0, bytes, 2, name.length);
        assertThatThrownBy(() -> kryo.fromBinary(bytes))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("class name");
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            assertThat(kryo.fromBinary(bytes)).isInstanceOf(KryoMessage.class);
        } catch (Exception e) {
            assertThat(e).isInstanceOf(NotSerializableException.class);
        }
    }

    private static StageHost.Run example(Tensor rows) {
        return new StageHost.Run(
                7,
                io.kinora.model.llm.StageBatch.of(3, 1, 2),
                new io.kinora.actors.shard.StageInput.Hidden(rows),
                new io.kinora.actors.shard.StageOutputs(List.of(0), List.of(1)));
    }

    /** Puts values that are no messages by themselves into one. */
    private record Envelope(Object value) {
        Object message() {
            return value instanceof KryoMessage
                    ? value
                    : new io.kinora.actors.shard.StageHost.Crash(String.valueOf(value));
        }
    }

    private static List<Object> examples(Class<?> type) {
        return type.isEnum() ? List.of(type.getEnumConstants()) : List.of(example(type));
    }

    private static Object example(Type type) {
        if (type instanceof ParameterizedType generic) {
            Object inner = example(generic.getActualTypeArguments()[0]);
            if (generic.getRawType() == Optional.class) {
                return Optional.of(inner);
            }
            if (generic.getRawType() == List.class) {
                return List.of(inner);
            }
            if (generic.getRawType() == Map.class) {
                return Map.of(inner, example(generic.getActualTypeArguments()[1]));
            }
            return example(generic.getRawType());
        }
        Class<?> raw = (Class<?>) type;
        if (raw == int.class || raw == Integer.class) {
            return 2;
        }
        if (raw == long.class || raw == Long.class) {
            return 5_000_000_000L;
        }
        if (raw == double.class || raw == Double.class) {
            return 0.5;
        }
        if (raw == float.class) {
            return 0.25f;
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return true;
        }
        if (raw == String.class) {
            return "Größe 図形";
        }
        if (raw == Instant.class) {
            return Instant.ofEpochSecond(1_790_000_000L, 123_456_789);
        }
        if (raw == Duration.class) {
            return Duration.ofNanos(1_234_567_890_123L);
        }
        if (raw == ByteString.class) {
            return ByteString.fromArray(new byte[] {1, 2, 3});
        }
        if (raw == Tensor.class) {
            return engine.of(new float[] {1.5f, -2, 3, 4}, 2, 2);
        }
        if (raw == ActorRef.class) {
            return kit.createTestProbe().ref();
        }
        if (raw.isEnum()) {
            return raw.getEnumConstants()[0];
        }
        if (raw.isInterface()) {
            return example(TYPES.stream()
                    .filter(candidate -> raw.isAssignableFrom(candidate))
                    .findFirst()
                    .orElseThrow());
        }
        return build(raw);
    }

    private static Object build(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(components)
                .map(component ->
                        component.getName().equals("ids") ? List.of(1, 2, 3) : example(component.getGenericType()))
                .toArray();
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new AssertionError("no example of " + type, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /** The value in words, tensors by their contents. */
    private static String describe(Object value) {
        if (value instanceof Tensor tensor) {
            return tensor.dtype() + tensor.shape().toString() + Arrays.toString(tensor.toBytes());
        }
        if (value instanceof Optional<?> optional) {
            return optional.map(RemoteMessagesTest::describe).orElse("none");
        }
        if (value instanceof List<?> list) {
            return list.stream().map(RemoteMessagesTest::describe).toList().toString();
        }
        if (value != null && value.getClass().isRecord()) {
            StringBuilder words = new StringBuilder(value.getClass().getName());
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                try {
                    component.getAccessor().setAccessible(true);
                    words.append(' ').append(describe(component.getAccessor().invoke(value)));
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError(e.getMessage(), e);
                }
            }
            return words.toString();
        }
        return String.valueOf(value);
    }
}
