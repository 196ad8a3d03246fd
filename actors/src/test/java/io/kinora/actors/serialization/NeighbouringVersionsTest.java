package io.kinora.actors.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorSystem;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializer;
import com.typesafe.config.ConfigFactory;
import java.io.NotSerializableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two versions of a program talk: the later one has a message with more components, and one message more. */
class NeighbouringVersionsTest {
    /** Both versions' messages have the number that their catalogue gives them. */
    record Before(String word, Inner inner, int count) implements KryoMessage {}

    record Inner(int value) implements KryoMessage {}

    record After(
            String word,
            LaterInner inner,
            int count,
            @Appended Optional<String> mood,
            @Appended List<Added> added,
            @Appended int most,
            @Appended boolean sure)
            implements KryoMessage {}

    record LaterInner(int value, @Appended long again) implements KryoMessage {}

    record Added(String name) implements KryoMessage {}

    record Misplaced(@Appended Optional<String> mood, String word) implements KryoMessage {}

    record Indispensable(String word, @Appended String mood) implements KryoMessage {}

    /** Of the earlier version. */
    public static final class Earlier implements MessageCatalog {
        @Override
        public List<Class<?>> types() {
            return List.of(Before.class, Inner.class);
        }
    }

    /** Of the later version. */
    public static final class Later implements MessageCatalog {
        @Override
        public List<Class<?>> types() {
            return List.of(After.class, LaterInner.class, Added.class);
        }
    }

    private static ActorTestKit kit;
    private static ActorTestKit laterKit;
    private static Serializer earlier;
    private static Serializer later;

    @BeforeAll
    static void open() throws NotSerializableException {
        kit = kit(Earlier.class);
        laterKit = kit(Later.class);
        earlier = serializer(kit.system());
        later = serializer(laterKit.system());
    }

    @AfterAll
    static void close() {
        kit.shutdownTestKit();
        laterKit.shutdownTestKit();
    }

    private static ActorTestKit kit(Class<?> catalog) {
        return ActorTestKit.create(ConfigFactory.parseMap(Map.of("kinora.serialization.catalog", catalog.getName()))
                .withFallback(ConfigFactory.load()));
    }

    private static Serializer serializer(ActorSystem<?> system) throws NotSerializableException {
        return SerializationExtension.get(system).serializerFor(KryoMessage.class);
    }

    @Test
    void theEarlierVersionPassesOverWhatItDoesNotKnow() {
        After sent =
                new After("stay", new LaterInner(3, 4), 7, Optional.of("calm"), List.of(new Added("one")), 9, true);
        assertThat(earlier.fromBinary(later.toBinary(sent))).isEqualTo(new Before("stay", new Inner(3), 7));
        assertThat(later.fromBinary(later.toBinary(sent))).isEqualTo(sent);
    }

    @Test
    void whatTheEarlierVersionDoesNotSayIsAbsentInTheLaterOne() {
        assertThat(later.fromBinary(earlier.toBinary(new Before("stay", new Inner(3), 7))))
                .isEqualTo(new After("stay", new LaterInner(3, 0), 7, Optional.empty(), List.of(), 0, false));
    }

    @Test
    void aMessageThatOnlyTheLaterVersionHasIsRefusedWithThatReason() {
        assertThatThrownBy(() -> earlier.fromBinary(later.toBinary(new Added("one"))))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("nothing that this version of the program knows");
    }

    @Test
    void aComponentIsAppendedBehindTheOthersAndCanBeAbsent() {
        assertThatThrownBy(() -> new RecordValues<>(Misplaced.class)).hasMessageContaining("appended components");
        assertThatThrownBy(() -> new RecordValues<>(Indispensable.class)).hasMessageContaining("mood");
    }
}
