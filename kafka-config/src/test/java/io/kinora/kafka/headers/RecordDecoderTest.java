package io.kinora.kafka.headers;

import static io.kinora.kafka.testing.Records.headers;
import static io.kinora.kafka.testing.Records.received;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.Question;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordDecoderTest {
    private static final String TOPIC = "kinora.questions";
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String OTHER_PARENT = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void aConsoleProducersLineIsTheQuestionAndItsKeyTheClipOrStream() {
        Event<Question> event = decoder.question(received(TOPIC, "cam1", "What happens?\n", headers()));
        assertThat(event.body())
                .isEqualTo(Question.of("kinora.questions-2-42", "What happens?", new ClipTarget.Named("cam1")));
        assertThat(event.attributes()).isEmpty();
        assertThat(event.trace()).isEqualTo(TraceContext.NONE);
        assertThat(event.place()).hasToString("kafka://kinora.questions/2/42");
    }

    @Test
    void readingARecordAgainGivesTheSameQuestion() {
        assertThat(decoder.question(received(TOPIC, "cam1", "What?", headers())).body())
                .isEqualTo(decoder.question(received(TOPIC, "cam1", "What?", headers()))
                        .body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "Application/JSON; charset=UTF-8", "application/vnd.own+json"})
    void aJsonContentTypeMakesTheBodyJson(String contentType) {
        Headers headers = headers("content-type", contentType);
        assertThat(decoder.question(received(TOPIC, "k", "{\"text\":\"What?\",\"frames\":16}", headers))
                        .body()
                        .frames())
                .isEqualTo(16);
    }

    @Test
    void withoutAContentTypeABodyThatBeginsWithABraceIsJson() {
        assertThat(decoder.question(received(TOPIC, "k", " \n{\"text\":\"What?\"}", headers()))
                        .body()
                        .text())
                .isEqualTo("What?");
    }

    @Test
    void aTextContentTypeMakesABraceALetter() {
        Headers headers = headers("content-type", "text/plain; charset=utf-8");
        assertThat(decoder.question(received(TOPIC, "k", "{why}", headers))
                        .body()
                        .text())
                .isEqualTo("{why}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"text\":       |                            | SYNTAX",
                "{\"frames\":8}   |                            | VALUE",
                "{\"text\":7}     |                            | VALUE",
                "{\"text\":\" \"} |                            | VALUE",
                "[1]              | application/json           | VALUE",
                "null             | application/json           | SYNTAX",
                "{} {}            | application/json           | VALUE",
                "What?            | application/json           | SYNTAX",
                "What?            | video/mp4                  | CONTENT_TYPE",
                "What?            | text/plain; charset=latin1 | CONTENT_TYPE",
                "What?            | nonsense                   | CONTENT_TYPE",
            })
    void aBodyThatCannotBeReadSaysOfWhichKindItIs(String body, String contentType, Code code) {
        Headers headers = contentType == null ? headers() : headers("content-type", contentType);
        assertMalformed(code, () -> decoder.question(received(TOPIC, "k", body, headers)));
    }

    @Test
    void aQuestionWithoutClipStreamAndKeyIsRefusedInWordsThatHelp() {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> decoder.question(received(TOPIC, null, "What?", headers())))
                .withMessageContaining("no clip is named");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedAndNotRepaired() {
        byte[] latin1 = {'W', (byte) 0xe4, 'r', 'e', '?'};
        assertMalformed(Code.SYNTAX, () -> decoder.question(received(TOPIC, "k".getBytes(UTF_8), latin1, headers())));
        assertMalformed(
                Code.HEADER, () -> decoder.question(received(TOPIC, latin1, "What?".getBytes(UTF_8), headers())));
    }

    @Test
    void aRecordWithoutValueIsNoQuestion() {
        assertMalformed(Code.EMPTY, () -> decoder.question(received(TOPIC, "k", null, headers())));
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedBeforeItIsParsed() {
        String huge = "{\"text\":\"" + "x".repeat(1024 * 1024) + "\"}";
        assertMalformed(Code.TOO_LARGE, () -> decoder.question(received(TOPIC, "k", huge, headers())));
    }

    @Test
    void aBinaryCloudEventGivesItsIdToWhatHasNone() {
        Headers headers = headers(
                "ce_specversion", "1.0",
                "ce_id", "event-7",
                "ce_source", "/console",
                "ce_type", "question",
                "ce_time", "2026-11-22T11:15:30+01:00",
                "ce_tenant", "a",
                "content-type", "text/plain");
        Event<Question> event = decoder.question(received(TOPIC, "k", "What?", headers));
        assertThat(event.body().id()).isEqualTo("event-7");
        EventAttributes attributes = event.attributes().orElseThrow();
        assertThat(attributes.time()).contains(Instant.parse("2026-11-22T10:15:30Z"));
        assertThat(attributes.extensions()).containsEntry("tenant", "a");
    }

    @ParameterizedTest
    @CsvSource({
        "ce_specversion, 0.3",
        "ce_specversion, ''",
        "ce_id, ''",
        "ce_source, ''",
        "ce_type, ''",
        "ce_time, noon",
        "ce_Up, x",
        "ce_a-b, x"
    })
    void aCloudEventThatBreaksTheSpecificationIsRefused(String name, String value) {
        Headers headers =
                headers("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", "t", name, value);
        assertMalformed(Code.CLOUD_EVENT, () -> decoder.question(received(TOPIC, "k", "What?", headers)));
    }

    @Test
    void aQuestionIsWantedUntilItsOwnDeadlineOrTheEventsExpiry() {
        Headers headers = headers(
                "ce_specversion",
                "1.0",
                "ce_id",
                "1",
                "ce_source",
                "/s",
                "ce_type",
                "t",
                "ce_expirytime",
                "2026-11-22T10:16:00+01:00");
        assertThat(decoder.question(received(TOPIC, "k", "What?", headers))
                        .body()
                        .deadline())
                .contains(Instant.parse("2026-11-22T09:16:00Z"));
        String own = "{\"text\":\"What?\",\"deadline\":\"2026-11-22T12:00:00Z\"}";
        assertThat(decoder.question(received(TOPIC, "k", own, headers)).body().deadline())
                .contains(Instant.parse("2026-11-22T12:00:00Z"));
        Headers wrong = headers(
                "ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", "t", "ce_expirytime", "soon");
        assertMalformed(Code.CLOUD_EVENT, () -> decoder.question(received(TOPIC, "k", "What?", wrong)));
    }

    @Test
    void aPromptIsWantedUntilItsOwnDeadlineOrTheEventsExpiry() {
        Headers headers = headers(
                "ce_specversion",
                "1.0",
                "ce_id",
                "1",
                "ce_source",
                "/s",
                "ce_type",
                "t",
                "ce_expirytime",
                "2026-11-22T10:16:00+01:00");
        assertThat(deadline(received(TOPIC, "k", "a red ball", headers)))
                .contains(Instant.parse("2026-11-22T09:16:00Z"));
        String own = "{\"prompt\":\"a red ball\",\"deadline\":\"2026-11-22T12:00:00Z\"}";
        assertThat(deadline(received(TOPIC, "k", own, headers))).contains(Instant.parse("2026-11-22T12:00:00Z"));
        assertThat(deadline(received(TOPIC, "k", "a red ball", headers()))).isEmpty();
    }

    private Optional<Instant> deadline(ConsumerRecord<byte[], byte[]> record) {
        return ((Prompt.Generate) decoder.prompt(record).body()).order().deadline();
    }

    @Test
    void aPictureOnTheClipTopicIsAClipToMakeSomethingFrom() {
        Headers headers = headers("content-type", "image/png");
        assertThat(decoder.clip(received(TOPIC, "k", "bytes of a picture", headers))
                        .body()
                        .mediaType())
                .contains("image/png");
    }

    @Test
    void aStructuredCloudEventIsReadLikeABinaryOne() {
        String envelope = """
                {"specversion":"1.0","id":"e-1","source":"/s","type":"question","subject":"cam1","partitionkey":"k",
                 "data":{"text":"What?","stream":"cam9"}}""";
        Headers headers = headers("content-type", "application/cloudevents+json; charset=UTF-8");
        Event<Question> event = decoder.question(received(TOPIC, null, envelope, headers));
        assertThat(event.body()).isEqualTo(Question.of("e-1", "What?", new ClipTarget.LatestOf("cam9")));
        assertThat(event.attributes().orElseThrow().subject()).contains("cam1");
        assertThat(event.attributes().orElseThrow().extensions()).containsEntry("partitionkey", "k");
    }

    @Test
    void aStructuredCloudEventMayCarryTextOrBytes() {
        Headers headers = headers("content-type", "application/cloudevents+json");
        String text = """
                {"specversion":"1.0","id":"e","source":"/s","type":"t","datacontenttype":"text/plain","data":"What?"}""";
        assertThat(decoder.question(received(TOPIC, "k", text, headers)).body().text())
                .isEqualTo("What?");
        byte[] video = {0, 0, 0, 24, 'f', 't', 'y', 'p', (byte) 0xff};
        String bytes = """
                {"specversion":"1.0","id":"e","source":"/s","type":"t","datacontenttype":"video/mp4","data_base64":"%s"}""".formatted(Base64.getEncoder().encodeToString(video));
        Clip clip = decoder.clip(received("clips", "cam1", bytes, headers)).body();
        assertThat(clip.payload()).isEqualTo(new ClipPayload.Inline(Blob.wrap(video)));
        assertThat(clip.mediaType()).contains("video/mp4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/s\"}",
                "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/s\",\"type\":\"t\",\"a\":{}}",
                "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/s\",\"type\":\"t\",\"data_base64\":\"?\"}",
                "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/s\",\"type\":\"t\",\"data_base64\":7}",
                "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/s\",\"type\":\"t\",\"data\":1,\"data_base64\":\"\"}"
            })
    void aStructuredCloudEventThatBreaksTheSpecificationIsRefused(String envelope) {
        Headers headers = headers("content-type", "application/cloudevents+json");
        assertMalformed(Code.CLOUD_EVENT, () -> decoder.question(received(TOPIC, "k", envelope, headers)));
    }

    @Test
    void structuredModesThatAreNotReadAreRefusedByName() {
        Headers batch = headers("content-type", "application/cloudevents-batch+json");
        assertMalformed(Code.CONTENT_TYPE, () -> decoder.question(received(TOPIC, "k", "[]", batch)));
    }

    @Test
    void traceContextIsPassedOnAndThePlainHeaderWins() {
        Headers both = headers(
                "ce_traceparent", OTHER_PARENT, "traceparent", PARENT, "ce_tracestate", "a=1", "baggage", "user=7");
        assertThat(decoder.question(received(TOPIC, "k", "What?", both)).trace())
                .isEqualTo(new TraceContext(Optional.of(PARENT), Optional.of("a=1"), Optional.of("user=7")));
        Headers onlyEvent = headers("ce_traceparent", OTHER_PARENT);
        assertThat(decoder.question(received(TOPIC, "k", "What?", onlyEvent))
                        .trace()
                        .traceparent())
                .contains(OTHER_PARENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"
            })
    void aTraceparentThatIsNoneIsDroppedWithItsState(String traceparent) {
        TraceContext trace = new TraceContext(Optional.of(traceparent), Optional.of("a=1"), Optional.of("user=7"));
        assertThat(trace.traceparent()).isEmpty();
        assertThat(trace.tracestate()).isEmpty();
        assertThat(trace.baggage()).contains("user=7");
    }

    @Test
    void aPlainClipTakesItsIdFromItsPlaceAndItsStreamFromItsKey() {
        byte[] bytes = {1, 2, 3};
        Clip clip = decoder.clip(received("clips", "cam1".getBytes(UTF_8), bytes, headers()))
                .body();
        assertThat(clip)
                .isEqualTo(new Clip(
                        "clips-2-42",
                        "cam1",
                        Optional.empty(),
                        new ClipPayload.Inline(Blob.wrap(bytes)),
                        Instant.ofEpochMilli(1_700_000_000_000L)));
    }

    @Test
    void aClipWithoutAKeyBelongsToItsSubjectOrElseToItsTopic() {
        byte[] bytes = {1, 2, 3};
        assertThat(decoder.clip(received("clips", null, bytes, headers())).body().stream())
                .isEqualTo("clips");
        Headers event =
                headers("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", "t", "ce_subject", "gate");
        assertThat(decoder.clip(received("clips", null, bytes, event)).body().stream())
                .isEqualTo("gate");
    }

    @Test
    void whatIsNoVideoByItsOwnWordIsNoClip() {
        assertMalformed(
                Code.CONTENT_TYPE,
                () -> decoder.clip(received("clips", "k", "hello", headers("content-type", "text/plain"))));
        assertMalformed(Code.EMPTY, () -> decoder.clip(received("clips", "k", "", headers())));
        assertMalformed(Code.EMPTY, () -> decoder.clip(received("clips", "k", null, headers())));
    }

    @Test
    void aPlainLineOnThePromptTopicIsARequestForTheJobNamedByItsKey() {
        assertThat(decoder.prompt(received("prompts", "job-1", "A red ball", headers()))
                        .body())
                .isEqualTo(Prompt.Generate.of("job-1", "A red ball"));
        assertThat(decoder.prompt(received("prompts", null, "A red ball", headers()))
                        .body()
                        .jobId())
                .isEqualTo("prompts-2-42");
        assertThat(decoder.prompt(received("prompts", "job-1", "{\"action\":\"cancel\"}", headers()))
                        .body())
                .isEqualTo(new Prompt.Cancel("job-1", ""));
    }

    @Test
    void aTombstoneOnTheJobTopicIsNoState() {
        assertThat(decoder.jobState(received("jobs", "job-1", null, headers()))).isEmpty();
    }

    @Property
    void hostileRecordsAreMalformedOrReadAndNeverAnythingElse(
            @ForAll byte[] key, @ForAll byte[] value, @ForAll @Size(max = 4) byte[] header, @ForAll boolean event) {
        Headers headers = new RecordHeaders();
        headers.add(event ? "ce_specversion" : "content-type", header);
        headers.add("traceparent", header);
        readOrMalformed(() -> decoder.question(received(TOPIC, key, value, headers)));
        readOrMalformed(() -> decoder.prompt(received(TOPIC, key, value, headers)));
        readOrMalformed(() -> decoder.clip(received(TOPIC, key, value, headers)));
        readOrMalformed(() -> decoder.answer(received(TOPIC, key, value, headers)));
        readOrMalformed(() -> decoder.video(received(TOPIC, key, value, headers)));
    }

    private static void readOrMalformed(Runnable read) {
        try {
            read.run();
        } catch (MalformedRecordException e) {
            assertThat(e.code()).isNotNull();
            assertThat(e).message().isNotBlank();
        }
    }

    private static void assertMalformed(Code code, ThrowingCallable read) {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(read)
                .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }
}
