package io.kinora.actors.serialization;

import akka.actor.typed.ActorRef;
import akka.util.ByteString;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A Kryo that knows only registered classes, and treats every list, map, tensor, byte string and actor reference as the type that is registered. */
final class RegisteredKryo extends Kryo {
    private static final List<Class<?>> BY_INTERFACE =
            List.of(List.class, Map.class, Tensor.class, ActorRef.class, ByteString.class);

    RegisteredKryo() {
        super(new NumbersOnly(), null);
        setRegistrationRequired(true);
        setReferences(false);
        setMaxDepth(64);
    }

    @Override
    public Registration getRegistration(@SuppressWarnings("rawtypes") Class type) {
        for (Class<?> known : BY_INTERFACE) {
            if (known.isAssignableFrom(type)) {
                return super.getRegistration(known);
            }
        }
        return super.getRegistration(type);
    }

    /** Refuses class names in the bytes, which Kryo would otherwise look up, and so load, before it refuses them. */
    private static final class NumbersOnly extends DefaultClassResolver {
        /** Messages are only ever added: what is unknown here is known to a later version. */
        @Override
        public Registration readClass(Input input) {
            int start = input.position();
            try {
                return super.readClass(input);
            } catch (KryoException e) {
                input.setPosition(start);
                int number = input.readVarInt(true) - 2; // Kryo keeps 0 for null and 1 for names
                throw number < 0
                        ? e
                        : new KryoException(
                                "number %d is nothing that this version of the program knows: a later one may"
                                        .formatted(number),
                                e);
            }
        }

        @Override
        protected Registration readName(Input input) {
            throw new KryoException("a class name instead of a registered number");
        }
    }
}
