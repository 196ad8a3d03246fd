package io.kinora.kafka.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.LetterDecision;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedBroker.class)
final class DeadLettersTest {
    private final KafkaClients clients;
    private final TopicCatalog topics;
    private final DeadLetters letters;
    private final RecordEncoder encoder;
    private final Producer<byte[], byte[]> producer;
    private Instant begun = Instant.EPOCH;

    DeadLettersTest(KafkaClients clients) {
        this.clients = clients;
        this.topics = clients.settings().topics();
        this.letters = new DeadLetters(clients, "/kinora/test", Clock.systemUTC());
        this.encoder = new RecordEncoder(topics, "/kinora/test");
        this.producer = clients.producer("test");
    }

    /** All tests share the topics: each looks at what came since it began. */
    @BeforeEach
    void begin() {
        begun = nextMillisecond();
    }

    @AfterEach
    void disconnect() {
        producer.close();
    }

    @Test
    void theNewestAreListedByInputAndReason() throws Exception {
        ClipReference first = dead(Topic.CLIPS, "cam1", "no video", "malformed.empty");
        ClipReference second = dead(Topic.QUESTIONS, "cam1", "{}", "malformed.value");
        ClipReference third = dead(Topic.CLIPS, "cam2", "no video either", "malformed.empty");

        assertThat(places(all(10))).containsExactly(third, second, first);
        assertThat(places(all(2))).containsExactly(third, second);
        assertThat(places(letters.list(new LetterFilter(
                        Optional.of(Topic.QUESTIONS), Optional.empty(), Optional.of(begun), true, 10))))
                .containsExactly(second);
        assertThat(places(letters.list(new LetterFilter(
                        Optional.empty(), Optional.of("malformed.empty"), Optional.of(begun), true, 10))))
                .containsExactly(third, first);
        StoredLetter shown = letters.find(second);
        assertThat(shown.key()).contains("cam1");
        assertThat(shown.size()).isEqualTo(2);
        assertThat(shown.report().origin()).isEqualTo(new ClipReference(name(Topic.QUESTIONS), 1, 42));
        assertThat(shown.report().letter().message()).isEqualTo("it is bad");
        assertThat(letters.record(second).value()).isEqualTo("{}".getBytes(UTF_8));
    }

    @Test
    void aLetterIsSentBackOnceToThePartitionItCameFrom() throws Exception {
        ClipReference place = dead(Topic.CLIPS, "redriven", "bytes", "clip.unreadable");
        ClipReference copy = letters.redrive(place);

        assertThat(copy.topic()).isEqualTo(name(Topic.CLIPS));
        assertThat(copy.partition()).isEqualTo(1);
        List<ConsumerRecord<byte[], byte[]>> back = new TopicReader(clients).records(name(Topic.CLIPS), "redriven");
        assertThat(back).singleElement().satisfies(record -> {
            assertThat(record.offset()).isEqualTo(copy.offset());
            assertThat(record.value()).isEqualTo("bytes".getBytes(UTF_8));
            assertThat(record.headers().lastHeader("own").value()).isEqualTo("header".getBytes(UTF_8));
            assertThat(record.headers().lastHeader("__connect.errors.topic")).isNull();
        });
        assertThatExceptionOfType(LetterRefusedException.class)
                .isThrownBy(() -> letters.redrive(place))
                .withMessageContaining("sent back to " + copy);
        assertThat(new TopicReader(clients).records(name(Topic.CLIPS), "redriven"))
                .hasSize(1);
        assertThat(all(10)).as("open letters").isEmpty();
        assertThat(letters.find(place).decision().orElseThrow().action()).isEqualTo(LetterDecision.Action.REDRIVEN);
    }

    @Test
    void whatComesBackAgainAndAgainIsSentBackNoMore() throws Exception {
        ClipReference place = dead(Topic.CLIPS, "boomerang", "bytes", "clip.unreadable");
        for (int i = 0; i < DeadLetters.MOST_REDRIVES; i++) {
            letters.redrive(place);
            List<ConsumerRecord<byte[], byte[]>> back =
                    new TopicReader(clients).records(name(Topic.CLIPS), "boomerang");
            place = written(encoder.deadLetter(back.get(back.size() - 1), letter("clip.unreadable")));
        }
        ClipReference last = place;
        assertThatExceptionOfType(LetterRefusedException.class)
                .isThrownBy(() -> letters.redrive(last))
                .withMessageContaining("5 times");
        letters.drop(last);
        assertThat(letters.find(last).decision().orElseThrow().action()).isEqualTo(LetterDecision.Action.DROPPED);
        assertThat(letters.find(last).redrives()).isEqualTo(5);
    }

    @Test
    void aDroppedLetterIsDecidedAndStaysReadable() throws Exception {
        ClipReference place = dead(Topic.PROMPTS, "job", "?", "malformed.syntax");
        letters.drop(place);
        assertThat(all(10)).isEmpty();
        LetterFilter decidedToo = new LetterFilter(Optional.empty(), Optional.empty(), Optional.of(begun), false, 10);
        assertThat(places(letters.list(decidedToo))).containsExactly(place);
        assertThatExceptionOfType(LetterRefusedException.class).isThrownBy(() -> letters.drop(place));
        assertThatExceptionOfType(LetterRefusedException.class).isThrownBy(() -> letters.redrive(place));
        assertThat(letters.record(place).value()).isEqualTo("?".getBytes(UTF_8));
    }

    @Test
    void aForgedOriginIsNotWrittenTo() throws Exception {
        ConsumerRecord<byte[], byte[]> elsewhere = failed(Topic.ANSWERS, "cam1", "forged");
        ProducerRecord<byte[], byte[]> letter = encoder.deadLetter(elsewhere, letter("forged"));
        ClipReference place = written(new ProducerRecord<>(
                topics.deadLetterName(name(Topic.CLIPS)), 0, letter.key(), letter.value(), letter.headers()));
        assertThatExceptionOfType(LetterRefusedException.class)
                .isThrownBy(() -> letters.redrive(place))
                .withMessageContaining(name(Topic.ANSWERS));
        letters.drop(place);
    }

    @Test
    void whatIsNoDeadLetterIsNotListedAndNotTouched() throws Exception {
        ClipReference stray = written(new ProducerRecord<>(
                topics.deadLetterName(name(Topic.CLIPS)), 0, "k".getBytes(UTF_8), "v".getBytes(UTF_8)));
        assertThat(all(10)).isEmpty();
        assertThatExceptionOfType(MalformedRecordException.class).isThrownBy(() -> letters.redrive(stray));
        assertThatExceptionOfType(ClipGoneException.class)
                .isThrownBy(() -> letters.find(new ClipReference(stray.topic(), 0, stray.offset() + 1_000)));
        assertThatExceptionOfType(ClipGoneException.class)
                .isThrownBy(() -> letters.find(new ClipReference(name(Topic.JOBS), 0, 0)));
    }

    private static Instant nextMillisecond() {
        Instant next = Instant.now().truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
        while (Instant.now().isBefore(next)) {
            Thread.onSpinWait();
        }
        return next;
    }

    private List<StoredLetter> all(int limit) {
        return letters.list(new LetterFilter(Optional.empty(), Optional.empty(), Optional.of(begun), true, limit));
    }

    private static List<ClipReference> places(List<StoredLetter> found) {
        return found.stream().map(StoredLetter::place).toList();
    }

    private ClipReference dead(Topic input, String key, String value, String code) throws Exception {
        ClipReference place = written(encoder.deadLetter(failed(input, key, value), letter(code)));
        nextMillisecond(); // the next one is younger
        return place;
    }

    private ConsumerRecord<byte[], byte[]> failed(Topic input, String key, String value) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("own", "header".getBytes(UTF_8));
        return new ConsumerRecord<>(
                name(input),
                1,
                42,
                1_700_000_000_000L,
                TimestampType.CREATE_TIME,
                0,
                0,
                key.getBytes(UTF_8),
                value.getBytes(UTF_8),
                headers,
                Optional.empty());
    }

    private static DeadLetter letter(String code) {
        return DeadLetter.of(code, new IllegalStateException("it is bad"), "decode", 1);
    }

    private ClipReference written(ProducerRecord<byte[], byte[]> record) throws Exception {
        RecordMetadata place = producer.send(record).get();
        return new ClipReference(place.topic(), place.partition(), place.offset());
    }

    private String name(Topic topic) {
        return topics.name(topic);
    }
}
