package io.kinora.actors.serialization;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.util.ByteString;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.EnumSerializer;
import com.esotericsoftware.kryo.serializers.OptionalSerializers.OptionalSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.DurationSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.InstantSerializer;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which classes may cross nodes, each under a number for good. Values have the numbers below {@link #FIRST_MESSAGE}, messages and
 * their parts follow in the order of the {@link MessageCatalog}.
 */
final class MessageRegistry {
    private static final int FIRST_VALUE = 10; // Kryo's own primitives end at 9
    private static final int FIRST_MESSAGE = 100;

    private MessageRegistry() {}

    /** A Kryo that knows all of them. */
    static RegisteredKryo newKryo(MessageCatalog catalog, ActorRefResolver resolver, Supplier<Engine> host) {
        RegisteredKryo kryo = new RegisteredKryo();
        kryo.register(String.class, new ValueSerializers.Text()); // keeps Kryo's own number for it
        int value = FIRST_VALUE;
        kryo.register(byte[].class, new ValueSerializers.Bytes(), value++);
        kryo.register(List.class, new ValueSerializers.Lists(), value++);
        kryo.register(Map.class, new ValueSerializers.Maps(), value++);
        kryo.register(Optional.class, new OptionalSerializer(), value++);
        kryo.register(Instant.class, new InstantSerializer(), value++);
        kryo.register(Duration.class, new DurationSerializer(), value++);
        kryo.register(ActorRef.class, new ValueSerializers.ActorRefs(resolver), value++);
        kryo.register(Tensor.class, new ValueSerializers.Tensors(host), value++);
        kryo.register(ByteString.class, new ValueSerializers.ByteStrings(), value);
        int message = FIRST_MESSAGE;
        for (Class<?> type : catalog.types()) {
            register(kryo, type, message++);
        }
        return kryo;
    }

    private static void register(Kryo kryo, Class<?> type, int number) {
        if (type.isEnum()) {
            kryo.register(type, new EnumSerializer(type.asSubclass(Enum.class)), number);
        } else {
            kryo.register(type, new RecordValues<>(type), number);
        }
    }
}
