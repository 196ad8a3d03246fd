package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.topic.Topic;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A question and a job, each one trace from whoever asked to what comes back, as a collector receives it. */
@ExtendWith(RunningKinora.Extension.class)
class TracesTest {
    private static final String CALLER = "00f067aa0ba902b7";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final String traceId = UUID.randomUUID().toString().replace("-", "");
    private final String traceparent = "00-%s-%s-01".formatted(traceId, CALLER);

    @Test
    void aQuestionOverKafkaIsOneTraceFromItsHeaderToTheAnswers(RunningKinora kinora) throws Exception {
        RecordEncoder encoder = new RecordEncoder(kinora.clients().settings().topics(), "/kinora/tests");
        TraceContext trace = new TraceContext(Optional.of(traceparent), Optional.empty(), Optional.of("shop=12"));
        String id = "traced-" + UUID.randomUUID();
        ConsumerRecord<byte[], byte[]> answer;
        try (Producer<byte[], byte[]> producer = kinora.clients().producer("traced");
                Consumer<byte[], byte[]> answers = atTheEnd(kinora, Topic.ANSWERS)) {
            var place = producer.send(encoder.clip(
                            new Clip(
                                    id,
                                    "traced",
                                    Optional.of("video/mp4"),
                                    new ClipPayload.Inline(Blob.wrap(unseenClip(kinora))),
                                    Instant.now()),
                            TraceContext.NONE))
                    .get();
            ClipReference clip = new ClipReference(place.topic(), place.partition(), place.offset());
            producer.send(encoder.question(Question.of(id, "What moves?", new ClipTarget.At(clip)), id, trace))
                    .get();
            answer = first(answers, record -> text(record).contains(id));
        }

        List<Span> spans = kinora.traces()
                .trace(traceId, "question", "answer", "clip.decode", "clip.encode", "llm.prefill", "llm.decode");
        Span question = named(spans, "question");
        Span answering = named(spans, "answer");
        assertThat(OtlpReceiver.hex(question.getParentSpanId().toByteArray())).isEqualTo(CALLER);
        assertThat(question.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CONSUMER);
        assertThat(answering.getParentSpanId()).isEqualTo(question.getSpanId());
        for (String part : List.of("clip.decode", "clip.encode", "llm.prefill", "llm.decode")) {
            assertIsWithin(named(spans, part), answering);
        }
        assertThat(header(answer, "traceparent"))
                .isEqualTo("00-%s-%s-01"
                        .formatted(
                                traceId, OtlpReceiver.hex(question.getSpanId().toByteArray())));
        assertThat(header(answer, "baggage")).isEqualTo("shop=12");
    }

    @Test
    void aQuestionOverHttpIsOneTraceFromItsHeaderToTheResponses(RunningKinora kinora) throws Exception {
        String clip = "data:video/mp4;base64," + Base64.getEncoder().encodeToString(unseenClip(kinora));
        String body = """
                {"model": "%s", "stream": true, "max_tokens": 4, "messages": [{"role": "user", "content": [
                {"type": "video_url", "video_url": {"url": "%s"}}, {"type": "text", "text": "What moves?"}]}]}""".formatted(kinora.model(), clip);
        HttpResponse<byte[]> response = kinora.send(kinora.request("/v1/chat/completions")
                .header("traceparent", traceparent)
                .POST(HttpRequest.BodyPublishers.ofString(body)));

        assertThat(response.statusCode()).isEqualTo(200);
        List<Span> spans = kinora.traces()
                .trace(
                        traceId,
                        "POST /v1/chat/completions",
                        "answer",
                        "clip.decode",
                        "clip.encode",
                        "llm.prefill",
                        "llm.decode");
        Span request = named(spans, "POST /v1/chat/completions");
        assertThat(OtlpReceiver.hex(request.getParentSpanId().toByteArray())).isEqualTo(CALLER);
        assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(named(spans, "answer").getParentSpanId()).isEqualTo(request.getSpanId());
        // The stream's end is the request's.
        assertThat(request.getEndTimeUnixNano())
                .isGreaterThanOrEqualTo(named(spans, "llm.decode").getEndTimeUnixNano());
        assertThat(response.headers().firstValue("traceresponse"))
                .hasValue("00-%s-%s-01"
                        .formatted(traceId, OtlpReceiver.hex(request.getSpanId().toByteArray())));
    }

    @Test
    void aJobOverHttpIsOneTraceThroughTheTopicsToItsVideo(RunningKinora kinora) throws Exception {
        ConsumerRecord<byte[], byte[]> video;
        try (Consumer<byte[], byte[]> videos = atTheEnd(kinora, Topic.VIDEOS)) {
            JsonNode job = kinora.json(
                    kinora.send(
                            kinora.request("/v1/videos")
                                    .header("traceparent", traceparent)
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "{\"prompt\": \"a red circle\", \"num_frames\": 8, \"size\": \"64x64\", \"num_inference_steps\": 2}"))));
            String id = job.get("id").asText();
            video = first(videos, record -> new String(record.key(), StandardCharsets.UTF_8).equals(id));
        }

        List<Span> spans = kinora.traces()
                .trace(
                        traceId,
                        "POST /v1/videos",
                        "job",
                        "render",
                        "llm.prefill",
                        "llm.decode",
                        "video.denoise",
                        "video.decode",
                        "video.encode");
        Span request = named(spans, "POST /v1/videos");
        Span job = named(spans, "job");
        Span render = named(spans, "render");
        assertThat(OtlpReceiver.hex(request.getParentSpanId().toByteArray())).isEqualTo(CALLER);
        assertThat(job.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(render.getParentSpanId()).isEqualTo(job.getSpanId());
        for (String part : List.of("llm.prefill", "llm.decode", "video.denoise", "video.decode", "video.encode")) {
            assertIsWithin(named(spans, part), render);
        }
        assertThat(header(video, "traceparent"))
                .isEqualTo("00-%s-%s-01"
                        .formatted(traceId, OtlpReceiver.hex(job.getSpanId().toByteArray())));
    }

    /** Clocks of two kinds meet here: a hundredth of a second is allowed. */
    private static void assertIsWithin(Span part, Span whole) {
        long slack = Duration.ofMillis(10).toNanos();
        assertThat(part.getParentSpanId()).as(part.getName()).isEqualTo(whole.getSpanId());
        assertThat(part.getStartTimeUnixNano())
                .as(part.getName())
                .isBetween(whole.getStartTimeUnixNano() - slack, part.getEndTimeUnixNano());
        assertThat(part.getEndTimeUnixNano())
                .as(part.getName())
                .isLessThanOrEqualTo(whole.getEndTimeUnixNano() + slack);
    }

    private static Span named(List<Span> spans, String name) {
        List<Span> found =
                spans.stream().filter(span -> span.getName().equals(name)).toList();
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    /** The sample with a box that players skip: a clip whose embeddings nobody has asked for. */
    private static byte[] unseenClip(RunningKinora kinora) {
        byte[] box = ByteBuffer.allocate(24)
                .putInt(24)
                .put("free".getBytes(StandardCharsets.US_ASCII))
                .putLong(UUID.randomUUID().getMostSignificantBits())
                .putLong(UUID.randomUUID().getMostSignificantBits())
                .array();
        ByteArrayOutputStream clip = new ByteArrayOutputStream();
        clip.writeBytes(kinora.clipBytes());
        clip.writeBytes(box);
        return clip.toByteArray();
    }

    private static Consumer<byte[], byte[]> atTheEnd(RunningKinora kinora, Topic topic) {
        Consumer<byte[], byte[]> consumer = kinora.clients().consumer("traced", Map.of());
        List<TopicPartition> partitions =
                consumer.partitionsFor(kinora.clients().settings().topics().name(topic)).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
        return consumer;
    }

    private static ConsumerRecord<byte[], byte[]> first(
            Consumer<byte[], byte[]> consumer, Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                if (wanted.test(record)) {
                    return record;
                }
            }
        }
        throw new AssertionError("no such record came");
    }

    private static String text(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
