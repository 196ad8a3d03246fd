package io.kinora.kafka.headers;

import static io.kinora.kafka.testing.Records.headers;
import static io.kinora.kafka.testing.Records.received;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerDelta;
import io.kinora.kafka.record.AnswerModality;
import io.kinora.kafka.record.AnswerTimings;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClaimCheck;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.Instruction;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.VideoFormat;
import io.kinora.kafka.record.VideoProvenance;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.topic.TopicCatalog;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

final class RecordEncoderTest {
    private static final Instant AT = Instant.parse("2026-11-22T10:15:30Z");
    private static final ModelIdentity MODEL = new ModelIdentity("unet-tiny", "r1", true);
    private static final String SHA256 = "0123456789abcdef".repeat(4);
    private static final TraceContext TRACE = new TraceContext(
            Optional.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            Optional.of("vendor=1"),
            Optional.of("user=7"));
    private static final VideoProvenance PROVENANCE = new VideoProvenance(
            "job-1",
            "Ein roter Ball – rollt",
            "",
            Optional.of(new ClipReference("kinora.clips", 3, 7)),
            MODEL,
            7,
            25,
            9.5,
            "ddim",
            16,
            256,
            144,
            8);

    private final RecordEncoder encoder =
            new RecordEncoder(TopicCatalog.from(ConfigFactory.defaultReference()), "/kinora");
    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void anAnswerIsABinaryCloudEventUnderItsStream() {
        ProducerRecord<byte[], byte[]> sent = encoder.answer(answer(), TRACE);
        assertThat(sent.topic()).isEqualTo("kinora.answers");
        assertThat(new String(sent.key(), UTF_8)).isEqualTo("cam1");
        assertThat(text(sent.headers(), "ce_specversion")).isEqualTo("1.0");
        assertThat(text(sent.headers(), "ce_id")).isEqualTo(answer().id());
        assertThat(text(sent.headers(), "ce_source")).isEqualTo("/kinora");
        assertThat(text(sent.headers(), "ce_type")).isEqualTo("io.kinora.answer.v1");
        assertThat(text(sent.headers(), "ce_time")).isEqualTo("2026-11-22T10:15:30Z");
        assertThat(text(sent.headers(), "ce_dataschema")).isEqualTo("urn:kinora:schema:answer:1");
        assertThat(text(sent.headers(), "content-type")).isEqualTo("application/json");
        assertThat(text(sent.headers(), "ce_traceparent"))
                .isEqualTo(text(sent.headers(), "traceparent"))
                .isEqualTo(TRACE.traceparent().orElseThrow());
    }

    @Test
    void everyRecordIsReadBackWithItsTrace() {
        Question question = Question.of("q-1", "What?", new ClipTarget.Named("cam1"));
        assertThat(decoder.question(received(encoder.question(question, "cam1", TRACE))))
                .satisfies(event -> assertThat(event.body()).isEqualTo(question))
                .satisfies(event -> assertThat(event.trace()).isEqualTo(TRACE));
        Prompt prompt = Prompt.Generate.of("job-1", "A red ball");
        assertThat(decoder.prompt(received(encoder.prompt(prompt, TRACE))).body())
                .isEqualTo(prompt);
        Prompt cancel = new Prompt.Cancel("job-1", "enough");
        assertThat(decoder.prompt(received(encoder.prompt(cancel, TRACE))).body())
                .isEqualTo(cancel);
        assertThat(decoder.answer(received(encoder.answer(answer(), TRACE))).body())
                .isEqualTo(answer());
        AnswerDelta delta = new AnswerDelta("q-1", 3, " a man", Optional.empty(), Optional.empty());
        assertThat(decoder.answerDelta(received(encoder.answerDelta(delta, TRACE)))
                        .body())
                .isEqualTo(delta);
        JobState state =
                JobState.queued(Prompt.Generate.of("job-1", "A red ball"), AT).running(1, 25, AT);
        assertThat(decoder.jobState(received(encoder.jobState(state, TRACE)))
                        .orElseThrow()
                        .body())
                .isEqualTo(state);
    }

    @Test
    void encodingTheSameTwiceGivesTheSameBytes() {
        ProducerRecord<byte[], byte[]> once = encoder.answer(answer(), TRACE);
        ProducerRecord<byte[], byte[]> again = encoder.answer(answer(), TRACE);
        assertThat(again.headers()).isEqualTo(once.headers());
        assertThat(again.value()).isEqualTo(once.value());
    }

    @Test
    void aClipTravelsInlineAndIsReadBack() {
        Clip clip = new Clip(
                "clip-1", "cam1", Optional.of("video/webm"), new ClipPayload.Inline(Blob.wrap(new byte[] {1, 2})), AT);
        ProducerRecord<byte[], byte[]> sent = encoder.clip(clip, TraceContext.NONE);
        assertThat(sent.value()).containsExactly(1, 2);
        assertThat(decoder.clip(received(sent)).body()).isEqualTo(clip);
    }

    @Test
    void aClaimedClipTravelsAsItsClaimAndNamesItInDataref() {
        ClaimCheck check = new ClaimCheck(URI.create("urn:sha256:" + SHA256), SHA256, 1_000_000, "video/mp4");
        Clip clip = new Clip("clip-1", "cam1", Optional.of("video/mp4"), new ClipPayload.Claimed(check), AT);
        ProducerRecord<byte[], byte[]> sent = encoder.clip(clip, TraceContext.NONE);
        assertThat(text(sent.headers(), "ce_dataref")).isEqualTo("urn:sha256:" + SHA256);
        assertThat(text(sent.headers(), "content-type")).isEqualTo(ClaimCheck.MEDIA_TYPE);
        assertThat(decoder.clip(received(sent)).body()).isEqualTo(clip);
    }

    @Test
    void aGeneratedVideoCarriesItsProvenanceInReadableHeaders() {
        GeneratedVideo video = new GeneratedVideo(
                PROVENANCE, VideoFormat.MP4, new ClipPayload.Inline(Blob.wrap(new byte[] {1, 2})), AT);
        ProducerRecord<byte[], byte[]> sent = encoder.video(video, TRACE);
        assertThat(text(sent.headers(), "content-type")).isEqualTo("video/mp4");
        assertThat(text(sent.headers(), "kinora-prompt")).isEqualTo("Ein roter Ball – rollt");
        assertThat(text(sent.headers(), "kinora-untrained")).isEqualTo("true");
        assertThat(decoder.video(received(sent)).body()).isEqualTo(video);
    }

    @Test
    void somethingMadeForAnInstructionCarriesItsLineageInReadableHeaders() {
        GeneratedMedium.Lineage lineage = new GeneratedMedium.Lineage(
                "r-1",
                1,
                0,
                AnswerModality.AUDIO,
                "Modality: [AUDIO] Prompt: Regen – leise",
                "Regen – leise",
                PROVENANCE.model(),
                "audioldm",
                7,
                List.of(SHA256, SHA256),
                Optional.of(SHA256));
        GeneratedMedium medium =
                new GeneratedMedium(lineage, "audio/wav", new ClipPayload.Inline(Blob.wrap(new byte[] {1, 2})), AT);

        ProducerRecord<byte[], byte[]> sent = encoder.medium(medium, TRACE);

        assertThat(sent.topic()).isEqualTo("kinora.videos");
        assertThat(new String(sent.key(), UTF_8)).isEqualTo("r-1");
        assertThat(text(sent.headers(), "kinora-meta-response")).isEqualTo(lineage.metaResponse());
        assertThat(RecordDecoder.isMedium(received(sent))).isTrue();
        assertThat(decoder.medium(received(sent)).body()).isEqualTo(medium);
        ConsumerRecord<byte[], byte[]> wrong = received(sent);
        wrong.headers().add("kinora-part", "first".getBytes(UTF_8));
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> decoder.medium(wrong))
                .withMessageContaining("kinora-part is \"first\"");
    }

    @Test
    void anInstructionIsReadBackAndTakesItsKeyForItsIdWhereItHasNone() {
        Instruction.Medium enclosed = new Instruction.Medium(
                Instruction.MediumType.IMAGE, new Instruction.Enclosed(Blob.wrap(new byte[] {1, 2})));
        Instruction.Medium latest = new Instruction.Medium(
                Instruction.MediumType.AUDIO, new Instruction.OnTopic(new ClipTarget.LatestOf("rain")));
        Instruction instruction = new Instruction(
                "r-1",
                "Look",
                List.of(enclosed, latest),
                List.of(AnswerModality.IMAGE),
                true,
                24,
                7,
                OptionalDouble.of(0.5),
                3,
                Optional.of(AT));

        assertThat(decoder.instruction(received(encoder.instruction(instruction, TRACE)))
                        .body())
                .isEqualTo(instruction);
        Instruction plain = decoder.instruction(received("kinora.instructions", "mine", "Sing", headers()))
                .body();
        assertThat(plain).isEqualTo(Instruction.of("mine", "Sing"));
    }

    @Test
    void aVideoWithoutOrWithFalseProvenanceIsMalformed() {
        GeneratedVideo video = new GeneratedVideo(
                PROVENANCE, VideoFormat.MP4, new ClipPayload.Inline(Blob.wrap(new byte[] {1, 2})), AT);
        ConsumerRecord<byte[], byte[]> missing = received(encoder.video(video, TRACE));
        missing.headers().remove("kinora-seed");
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> decoder.video(missing))
                .withMessageContaining("kinora-seed is missing");
        ConsumerRecord<byte[], byte[]> wrong = received(encoder.video(video, TRACE));
        wrong.headers().add("kinora-steps", "many".getBytes(UTF_8));
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> decoder.video(wrong))
                .withMessageContaining("kinora-steps is \"many\"");
    }

    @Test
    void aDeadLetterIsTheRecordAsItCameAndSaysWhy() {
        ConsumerRecord<byte[], byte[]> failed =
                received("kinora.questions", "cam1", "{\"text\":", headers("own", "header", "content-type", "x/y"));
        MalformedRecordException failure =
                new MalformedRecordException(MalformedRecordException.Code.SYNTAX, "body is not JSON");
        ProducerRecord<byte[], byte[]> dead = encoder.deadLetter(failed, DeadLetter.of(failure, "decode"));
        assertThat(dead.topic()).isEqualTo("kinora.questions.dlq");
        assertThat(dead.partition()).isEqualTo(failed.partition());
        assertThat(dead.key()).isEqualTo(failed.key());
        assertThat(dead.value()).isEqualTo(failed.value());
        assertThat(text(dead.headers(), "own")).isEqualTo("header");
        assertThat(text(dead.headers(), "content-type")).isEqualTo("x/y");
        assertThat(text(dead.headers(), "__connect.errors.topic")).isEqualTo("kinora.questions");
        assertThat(text(dead.headers(), "__connect.errors.partition")).isEqualTo("2");
        assertThat(text(dead.headers(), "__connect.errors.offset")).isEqualTo("42");
        assertThat(text(dead.headers(), "__connect.errors.connector.name")).isEqualTo("kinora");
        assertThat(text(dead.headers(), "__connect.errors.stage")).isEqualTo("decode");
        assertThat(text(dead.headers(), "__connect.errors.exception.class.name"))
                .isEqualTo(MalformedRecordException.class.getName());
        assertThat(text(dead.headers(), "__connect.errors.exception.message")).isEqualTo("body is not JSON");
        assertThat(text(dead.headers(), "__connect.errors.exception.stacktrace"))
                .contains("RecordEncoderTest");
        assertThat(text(dead.headers(), "kinora-error-code")).isEqualTo("malformed.syntax");
        assertThat(text(dead.headers(), "kinora-attempt")).isEqualTo("1");
        assertThat(failed.headers().toArray())
                .as("the failed record's own headers")
                .hasSize(2);
    }

    @Test
    void aDeadLetterOfAPartitionBeyondTheDeclaredOnesGoesToAny() {
        ConsumerRecord<byte[], byte[]> failed =
                new ConsumerRecord<>("kinora.questions", 4, 42, null, "bad".getBytes(UTF_8));
        DeadLetter letter = DeadLetter.of("lost", new IllegalStateException("gone"), "answer", 1);
        assertThat(encoder.deadLetter(failed, letter).partition()).isNull();
    }

    @Test
    void aDeadLetterTellsItsStoryAndGoesBackAsTheRecordItWas() {
        ConsumerRecord<byte[], byte[]> failed = received("kinora.questions", null, "bad", headers("own", "header"));
        DeadLetter letter = DeadLetter.of("decoder.lost", new IllegalStateException("gone"), "answer", 3);
        ConsumerRecord<byte[], byte[]> dead = received(encoder.deadLetter(failed, letter));
        DeadLetterReport report = DeadLetterReport.of(dead);
        assertThat(report.letter()).isEqualTo(letter);
        assertThat(report.origin()).hasToString("kafka://kinora.questions/2/42");
        ProducerRecord<byte[], byte[]> back = encoder.redrive(dead);
        assertThat(back.topic()).isEqualTo("kinora.questions");
        assertThat(back.partition())
                .as("where the others of its key are, however they were spread")
                .isEqualTo(2);
        assertThat(RecordEncoder.redrives(back.headers())).isEqualTo(1);
        assertThat(back.key()).isNull();
        assertThat(back.value()).isEqualTo(failed.value());
        assertThat(back.headers())
                .isEqualTo(headers("own", "header", "kinora-redrive-of", "kinora.questions.dlq-2-42"));
    }

    @Test
    void anOrdinaryRecordCannotBeRedriven() {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> encoder.redrive(received("kinora.questions", "k", "v", headers())))
                .withMessageContaining("__connect.errors.topic is missing");
    }

    private static Answer answer() {
        return Answer.failed(
                Question.of("q-1", "What?", new ClipTarget.Named("cam1")),
                "cam1",
                Optional.empty(),
                MODEL,
                new WireError("clip.expired", "retention removed it"),
                AnswerTimings.NONE,
                AT);
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), UTF_8);
    }
}
