package io.kinora.actors.serialization;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.JSerializer;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.Pool;
import java.io.NotSerializableException;

/**
 * Akka's way to Kryo: turns every {@link KryoMessage} into bytes and back.
 *
 * <p>The bytes hold the number of a class from the {@link MessageCatalog} and the values of its components. Bytes that name another class, that are
 * cut short, or whose lengths exceed what follows give a {@link NotSerializableException}; they never create an object that is not a registered
 * message. Thread-safe: each call borrows a Kryo of its own.
 */
public final class KryoSerializer extends JSerializer {
    private static final int IDENTIFIER = 0x4b494e4f; // "KINO"; Akka tells serializers apart by number
    private static final int INITIAL_BUFFER = 512;

    private final Pool<RegisteredKryo> kryos;

    /** Called by Akka. */
    public KryoSerializer(ExtendedActorSystem system) {
        ActorSystem<?> typed = Adapter.toTyped(system);
        MessageCatalog catalog =
                MessageCatalog.named(system.settings().config().getString("kinora.serialization.catalog"));
        this.kryos = new Pool<>(true, true) {
            @Override
            protected RegisteredKryo create() {
                return MessageRegistry.newKryo(catalog, ActorRefResolver.get(typed), () -> HostEngine.of(typed));
            }
        };
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    /** False: the bytes themselves say which registered class they hold. */
    @Override
    public boolean includeManifest() {
        return false;
    }

    @Override
    public byte[] toBinary(Object message) {
        RegisteredKryo kryo = kryos.obtain();
        try (Output output = new Output(INITIAL_BUFFER, -1)) {
            kryo.writeClassAndObject(output, message);
            return output.toBytes();
        } finally {
            kryos.free(kryo);
        }
    }

    @Override
    public Object fromBinaryJava(byte[] bytes, Class<?> manifest) {
        RegisteredKryo kryo = kryos.obtain();
        try (BoundedInput input = new BoundedInput(bytes)) {
            Object message = kryo.readClassAndObject(input);
            if (!(message instanceof KryoMessage)) {
                throw new KryoException("the bytes hold no message");
            }
            if (input.available() > 0) {
                throw new KryoException(input.available() + " bytes are left behind the message");
            }
            return message;
        } catch (RuntimeException e) {
            throw sneaky(new MalformedMessageException("not a message of this program: " + e.getMessage(), e));
        } finally {
            kryos.free(kryo);
        }
    }

    // Akka's remoting drops a message whose serializer throws NotSerializableException and keeps the connection; the
    // Java API declares no checked exception.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
        throw (E) failure;
    }

    /** Bytes that are not a registered message; the text says why. */
    static final class MalformedMessageException extends NotSerializableException {
        MalformedMessageException(String message, Throwable cause) {
            super(message);
            initCause(cause);
        }
    }
}
