package io.kinora.kafka.clip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.client.KafkaSettings.ClipIndexSettings;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedBroker.class)
final class ClipIndexTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Clock CLOCK = Clock.systemUTC();

    private final KafkaClients clients;
    private final String topic;
    private final RecordDecoder decoder = new RecordDecoder();
    private final RecordEncoder encoder;
    private final Producer<byte[], byte[]> producer;

    ClipIndexTest(KafkaClients clients) {
        this.clients = clients;
        this.topic = clients.settings().topics().name(Topic.CLIPS);
        this.encoder = new RecordEncoder(clients.settings().topics(), "/test");
        this.producer = clients.producer("test");
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void onceCaughtUpTheIndexKnowsTheNewestClipOfAStreamAndEachById() throws Exception {
        publish("one-1", "one", 10);
        ClipReference second = publish("one-2", "one", 20);
        try (ClipIndex index = start(clients)) {
            await(index.whenCaughtUp());
            assertThat(index.latest("one").orElseThrow())
                    .isEqualTo(new IndexedClip(second, "one-2", "one", Optional.of("video/mp4"), 20, Instant.EPOCH));
            assertThat(index.recent("one")).extracting(IndexedClip::id).containsExactly("one-2", "one-1");
            assertThat(index.streams()).contains("one");
            assertThat(index.resolve(new ClipTarget.LatestOf("one"))).contains(second);
            assertThat(index.resolve(new ClipTarget.WithId("one-2"))).contains(second);
            assertThat(index.resolve(new ClipTarget.Named("one"))).contains(second);
            assertThat(index.resolve(new ClipTarget.Named("one-2"))).contains(second);
            assertThat(index.resolve(new ClipTarget.At(second))).contains(second);
            assertThat(index.resolve(new ClipTarget.LatestOf("none"))).isEmpty();
        }
    }

    @Test
    void whoWaitsForAnOffsetFindsTheClipThatWasPublishedBehindTheIndexsStart() throws Exception {
        try (ClipIndex index = start(clients)) {
            await(index.whenCaughtUp());
            assertThat(index.latest("two")).isEmpty();
            ClipReference clip = publish("two-1", "two", 10);
            await(index.whenRead(clip.partition(), clip.offset() + 1));
            assertThat(index.latest("two")).map(IndexedClip::reference).contains(clip);
            assertThat(index.position().get(clip.partition())).isGreaterThan(clip.offset());
        }
    }

    @Test
    void transactionMarksAtTheEndDoNotKeepAnyoneWaiting() throws Exception {
        ClipReference clip = publishInTransaction("three-1", "three");
        try (ClipIndex index = start(clients)) {
            await(index.whenRead(clip.partition(), clip.offset() + 2));
            await(index.whenCaughtUp());
            assertThat(index.latest("three")).isPresent();
        }
    }

    @Test
    void recordsThatAreNoClipsArePassedOver() throws Exception {
        producer.send(new ProducerRecord<>(topic, null, null)).get();
        publish("four-1", "four", 10);
        try (ClipIndex index = start(clients)) {
            await(index.whenCaughtUp());
            assertThat(index.latest("four")).isPresent();
        }
    }

    @Test
    void withALookbackOnlyYoungerRecordsAreRead() throws Exception {
        ProducerRecord<byte[], byte[]> young = record("five-1", "five", 10);
        long old = Instant.now().minus(Duration.ofHours(2)).toEpochMilli();
        producer.send(new ProducerRecord<>(topic, 0, old, "five-old".getBytes(UTF_8), new byte[] {1}))
                .get();
        producer.send(young).get();
        KafkaSettings settings = clients.settings();
        ClipIndexSettings hour = new ClipIndexSettings(4, 100, Optional.of(Duration.ofHours(1)));
        try (ClipIndex index = start(new KafkaClients(with(settings, hour)))) {
            await(index.whenCaughtUp());
            assertThat(index.latest("five")).isPresent();
        }
        ClipIndexSettings all = new ClipIndexSettings(4, 100, Optional.empty());
        try (ClipIndex index = start(new KafkaClients(with(settings, all)))) {
            await(index.whenCaughtUp());
            assertThat(index.latest("five-old")).isPresent();
        }
    }

    @Test
    void whoWaitsWhenTheIndexIsClosedIsTold() {
        CompletionStage<Void> waiting;
        CompletionStage<Void> ended;
        try (ClipIndex index = start(clients)) {
            waiting = index.whenRead(0, Long.MAX_VALUE);
            ended = index.whenEnded();
        }
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> waiting.toCompletableFuture().join())
                .withMessageContaining("was closed");
        assertThat(ended).isCompleted();
    }

    @Test
    void anIndexOfATopicThatDoesNotExistEndsAndSaysSo() {
        try (ClipIndex index = ClipIndex.start(clients, "nowhere", decoder, CLOCK)) {
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> index.whenEnded().toCompletableFuture().join())
                    .withMessageContaining("topic nowhere does not exist");
        }
    }

    @Test
    void aReferenceIsReadToTheByteAndSoIsTheNextWithTheSameReader() throws Exception {
        ClipReference first = publish("six-1", "six", 1_000_000);
        ClipReference second = publish("six-2", "six", 3);
        try (ClipReader reader = new ClipReader(clients, Set.of(topic), CLOCK)) {
            Clip clip = decoder.clip(reader.read(second, TIMEOUT)).body();
            assertThat(clip.id()).isEqualTo("six-2");
            assertThat(clip.payload()).isEqualTo(new ClipPayload.Inline(bytes(3)));
            assertThat(decoder.clip(reader.read(first, TIMEOUT)).body().payload())
                    .isEqualTo(new ClipPayload.Inline(bytes(1_000_000)));
        }
    }

    @Test
    void aClipAsLargeAsItsTopicTakesIsPublishedAndRead() throws Exception {
        int size = clients.settings().topics().spec(Topic.CLIPS).maxMessageBytes() - 64 * 1024;
        ClipReference clip = publish("large-1", "large", size);
        try (ClipReader reader = new ClipReader(clients, Set.of(topic), CLOCK)) {
            assertThat(decoder.clip(reader.read(clip, TIMEOUT)).body().payload())
                    .isEqualTo(new ClipPayload.Inline(bytes(size)));
        }
    }

    @Test
    void aReferenceThatNamesNoRecordSaysWhy() throws Exception {
        ClipReference clip = publish("seven-1", "seven", 3);
        ClipReference last = publish("seven-2", "seven", 3);
        try (Admin admin = clients.admin()) {
            admin.deleteRecords(Map.of(
                            new TopicPartition(topic, clip.partition()),
                            RecordsToDelete.beforeOffset(clip.offset() + 1)))
                    .all()
                    .get();
        }
        try (ClipReader reader = new ClipReader(clients, Set.of(topic, "nowhere"), CLOCK)) {
            assertGone(ClipGoneException.Reason.EXPIRED, reader, clip);
            assertGone(
                    ClipGoneException.Reason.NOT_WRITTEN,
                    reader,
                    new ClipReference(topic, last.partition(), last.offset() + 1_000));
            assertGone(ClipGoneException.Reason.NO_PARTITION, reader, new ClipReference(topic, 99, 0));
            assertGone(ClipGoneException.Reason.NO_PARTITION, reader, new ClipReference("nowhere", 0, 0));
            assertGone(ClipGoneException.Reason.FORBIDDEN, reader, new ClipReference("__consumer_offsets", 0, 0));
            assertThat(reader.read(last, TIMEOUT).offset()).isEqualTo(last.offset());
        }
    }

    @Test
    void thePlaceOfATransactionsMarkHoldsNoRecord() throws Exception {
        ClipReference written = publishInTransaction("eight-1", "eight");
        ClipReference mark = new ClipReference(topic, written.partition(), written.offset() + 1);
        // Reading behind the transaction waits until its mark is there.
        assertThat(new TopicReader(clients).all(topic)).isNotEmpty();
        try (ClipReader reader = new ClipReader(clients, Set.of(topic), CLOCK)) {
            assertGone(ClipGoneException.Reason.NO_RECORD, reader, mark);
            publish("eight-2", "eight", 3);
            assertGone(ClipGoneException.Reason.NO_RECORD, reader, mark);
        }
    }

    private static void assertGone(ClipGoneException.Reason reason, ClipReader reader, ClipReference reference) {
        assertThatExceptionOfType(ClipGoneException.class)
                .isThrownBy(() -> reader.read(reference, TIMEOUT))
                .withMessageStartingWith(reference.toString())
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
                .satisfies(e -> assertThat(e.reference()).isEqualTo(reference));
    }

    private ClipIndex start(KafkaClients with) {
        return ClipIndex.start(with, topic, decoder, CLOCK);
    }

    private static KafkaSettings with(KafkaSettings settings, ClipIndexSettings index) {
        return new KafkaSettings(
                settings.bootstrapServers(),
                settings.embedded(),
                settings.clientId(),
                settings.groupId(),
                settings.requestTimeout(),
                settings.deliveryTimeout(),
                settings.transactionTimeout(),
                settings.properties(),
                settings.claimCheck(),
                index,
                settings.topics());
    }

    private ClipReference publishInTransaction(String id, String stream) {
        AtomicReference<ClipReference> written = new AtomicReference<>();
        try (TransactionalWriter writer = TransactionalWriter.open(clients, id)) {
            writer.commit(Transaction.of(List.of(record(id, stream, 3))).followedBy(places -> {
                written.set(reference(places.get(0)));
                return List.of();
            }));
        }
        return written.get();
    }

    private ClipReference publish(String id, String stream, int size) throws Exception {
        return reference(producer.send(record(id, stream, size)).get());
    }

    private ProducerRecord<byte[], byte[]> record(String id, String stream, int size) {
        ClipPayload payload = new ClipPayload.Inline(bytes(size));
        return encoder.clip(new Clip(id, stream, Optional.of("video/mp4"), payload, Instant.EPOCH), TraceContext.NONE);
    }

    private static Blob bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return Blob.wrap(bytes);
    }

    private static ClipReference reference(RecordMetadata place) {
        return new ClipReference(place.topic(), place.partition(), place.offset());
    }

    private static void await(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
}
