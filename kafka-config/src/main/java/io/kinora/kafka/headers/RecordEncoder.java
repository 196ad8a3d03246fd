package io.kinora.kafka.headers;

import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerDelta;
import io.kinora.kafka.record.ClaimCheck;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.Instruction;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.LetterDecision;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Response;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.record.WireJson;
import io.kinora.kafka.record.WireSchema;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Writes wire records as CloudEvents in binary mode, each to its topic under its key. Ids follow from the records, so
 * encoding one again gives the same bytes. Thread-safe.
 */
public final class RecordEncoder {
    private static final String JSON = "application/json";
    /** Names the session of a question that is only a text. */
    static final String SESSION_HEADER = "kinora-session";

    /** On a record that was brought from another topic and can be no clip: why. */
    static final String NO_CLIP = "kinora-no-clip";

    private static final String BROUGHT_FROM = "kinora-brought-from";
    private static final String REDRIVE = "kinora-redrive-of";

    private final TopicCatalog topics;
    private final String source;

    /**
     * @param topics the names of the topics
     * @param source every event's {@code ce_source}: a URI reference that names this service, for example
     *     {@code /kinora}
     */
    public RecordEncoder(TopicCatalog topics, String source) {
        this.topics = Objects.requireNonNull(topics);
        this.source = Objects.requireNonNull(source);
    }

    /** A question under a key: a clip's id or a stream's. */
    public ProducerRecord<byte[], byte[]> question(Question question, String key, TraceContext trace) {
        Headers headers = headers(WireSchema.QUESTION.kind(), question.id(), Optional.empty(), trace);
        return json(Topic.QUESTIONS, key, question, WireSchema.QUESTION, headers);
    }

    /** A request, a cancel or a delete. */
    public ProducerRecord<byte[], byte[]> prompt(Prompt prompt, TraceContext trace) {
        String suffix = prompt instanceof Prompt.Cancel ? "-cancel" : prompt instanceof Prompt.Delete ? "-delete" : "";
        String id = prompt.jobId() + suffix;
        Headers headers = headers(WireSchema.PROMPT.kind(), id, Optional.empty(), trace);
        return json(Topic.PROMPTS, prompt.jobId(), prompt, WireSchema.PROMPT, headers);
    }

    public ProducerRecord<byte[], byte[]> answer(Answer answer, TraceContext trace) {
        Headers headers = headers(WireSchema.ANSWER.kind(), answer.id(), Optional.of(answer.createdAt()), trace);
        return json(Topic.ANSWERS, answer.stream(), answer, WireSchema.ANSWER, headers);
    }

    public ProducerRecord<byte[], byte[]> answerDelta(AnswerDelta delta, TraceContext trace) {
        String id = delta.requestId() + "-" + delta.index();
        Headers headers = headers(WireSchema.ANSWER_DELTA.kind(), id, Optional.empty(), trace);
        return json(Topic.PARTIAL_ANSWERS, delta.requestId(), delta, WireSchema.ANSWER_DELTA, headers);
    }

    public ProducerRecord<byte[], byte[]> jobState(JobState state, TraceContext trace) {
        String step = state.progress().map(progress -> "-" + progress.step()).orElse("");
        String id = state.jobId() + "-" + state.status().name().toLowerCase(Locale.ROOT) + step;
        Headers headers = headers(WireSchema.JOB_STATE.kind(), id, Optional.of(state.updatedAt()), trace);
        return json(Topic.JOBS, state.jobId(), state, WireSchema.JOB_STATE, headers);
    }

    /** The tombstone of a job that is forgotten. */
    public ProducerRecord<byte[], byte[]> jobForgotten(String jobId, TraceContext trace) {
        Headers headers = headers(WireSchema.JOB_STATE.kind(), jobId + "-forgotten", Optional.empty(), trace);
        return new ProducerRecord<>(topics.name(Topic.JOBS), null, HeaderText.bytes(jobId), null, headers);
    }

    /** A standing question, created or changed. */
    public ProducerRecord<byte[], byte[]> subscription(Subscription subscription, TraceContext trace) {
        Headers headers = headers(WireSchema.SUBSCRIPTION.kind(), subscription.id(), Optional.empty(), trace);
        return json(Topic.SUBSCRIPTIONS, subscription.id(), subscription, WireSchema.SUBSCRIPTION, headers);
    }

    /** The tombstone that ends a standing question. */
    public ProducerRecord<byte[], byte[]> subscriptionEnd(String id) {
        return new ProducerRecord<>(topics.name(Topic.SUBSCRIPTIONS), HeaderText.bytes(id), null);
    }

    public ProducerRecord<byte[], byte[]> subscriptionState(SubscriptionState state, TraceContext trace) {
        Headers headers = headers(WireSchema.SUBSCRIPTION_STATE.kind(), state.key(), Optional.empty(), trace);
        return json(Topic.SUBSCRIPTION_STATES, state.key(), state, WireSchema.SUBSCRIPTION_STATE, headers);
    }

    /** A conversation as it is kept. */
    public ProducerRecord<byte[], byte[]> session(Session session, TraceContext trace) {
        String id = session.id() + "-" + session.length();
        Headers headers = headers(WireSchema.SESSION.kind(), id, Optional.of(session.updatedAt()), trace);
        return json(Topic.SESSIONS, session.id(), session, WireSchema.SESSION, headers);
    }

    /** The tombstone of a conversation. */
    public ProducerRecord<byte[], byte[]> sessionForgotten(String id) {
        return new ProducerRecord<>(topics.name(Topic.SESSIONS), HeaderText.bytes(id), null);
    }

    /** Asks that a conversation be forgotten: a question of the session without a value. */
    public ProducerRecord<byte[], byte[]> forgetSession(String id) {
        Headers headers = new RecordHeaders().add(SESSION_HEADER, HeaderText.bytes(id));
        return new ProducerRecord<>(topics.name(Topic.QUESTIONS), null, HeaderText.bytes(id), null, headers);
    }

    public ProducerRecord<byte[], byte[]> alert(Alert alert, TraceContext trace) {
        String id = alert.id() + "-" + alert.kind().name().toLowerCase(Locale.ROOT);
        Headers headers = headers(WireSchema.ALERT.kind(), id, Optional.of(alert.at()), trace);
        return json(Topic.ALERTS, alert.stream(), alert, WireSchema.ALERT, headers);
    }

    /** A clip that lies on another topic, as it came there, for the topic of clips: under its stream, and with its place in a header. */
    public ProducerRecord<byte[], byte[]> broughtClip(ConsumerRecord<byte[], byte[]> clip, String stream) {
        return brought(clip, HeaderText.bytes(stream), clip.value());
    }

    /** A clip whose record on another topic is too large for the topic of clips, or is one of several. */
    public ProducerRecord<byte[], byte[]> broughtClip(
            ConsumerRecord<byte[], byte[]> from, Clip clip, TraceContext trace) {
        ProducerRecord<byte[], byte[]> record = clip(clip, trace);
        add(record.headers(), BROUGHT_FROM, place(from).toString());
        return record;
    }

    /** A record of another topic that is no clip, for the topic of clips, where whoever reads it says so; without a value that is too large for it. */
    public ProducerRecord<byte[], byte[]> broughtNoClip(ConsumerRecord<byte[], byte[]> record, String reason) {
        int most = topics.spec(Topic.CLIPS).maxMessageBytes() / 2;
        boolean fits = record.value() == null || record.value().length <= most;
        ProducerRecord<byte[], byte[]> brought = brought(record, record.key(), fits ? record.value() : null);
        add(brought.headers(), NO_CLIP, reason);
        return brought;
    }

    private ProducerRecord<byte[], byte[]> brought(ConsumerRecord<byte[], byte[]> from, byte[] key, byte[] value) {
        Headers headers = new RecordHeaders(from.headers().toArray());
        add(headers, BROUGHT_FROM, place(from).toString());
        long timestamp = Math.max(0, from.timestamp());
        return new ProducerRecord<>(topics.name(Topic.CLIPS), null, timestamp, key, value, headers);
    }

    private static ClipReference place(ConsumerRecord<byte[], byte[]> record) {
        return new ClipReference(record.topic(), record.partition(), record.offset());
    }

    public ProducerRecord<byte[], byte[]> clip(Clip clip, TraceContext trace) {
        Headers headers = headers("clip", clip.id(), Optional.of(clip.at()), trace);
        byte[] value = payload(clip.payload(), clip.mediaType(), headers);
        return new ProducerRecord<>(topics.name(Topic.CLIPS), null, HeaderText.bytes(clip.stream()), value, headers);
    }

    public ProducerRecord<byte[], byte[]> video(GeneratedVideo video, TraceContext trace) {
        String job = video.provenance().jobId();
        Headers headers = headers("video", job, Optional.of(video.at()), trace);
        ProvenanceHeaders.write(video.provenance(), headers);
        byte[] value = payload(video.payload(), Optional.of(video.format().mediaType()), headers);
        return new ProducerRecord<>(topics.name(Topic.VIDEOS), null, HeaderText.bytes(job), value, headers);
    }

    /** An instruction with media. */
    public ProducerRecord<byte[], byte[]> instruction(Instruction instruction, TraceContext trace) {
        Headers headers = headers(WireSchema.INSTRUCTION.kind(), instruction.id(), Optional.empty(), trace);
        return json(Topic.INSTRUCTIONS, instruction.id(), instruction, WireSchema.INSTRUCTION, headers);
    }

    public ProducerRecord<byte[], byte[]> response(Response response, TraceContext trace) {
        Headers headers = headers(WireSchema.RESPONSE.kind(), response.id(), Optional.of(response.createdAt()), trace);
        return json(Topic.RESPONSES, response.requestId(), response, WireSchema.RESPONSE, headers);
    }

    /** Something that was made for an instruction: it goes where the clips of jobs go. */
    public ProducerRecord<byte[], byte[]> medium(GeneratedMedium medium, TraceContext trace) {
        GeneratedMedium.Lineage lineage = medium.lineage();
        Headers headers = headers("medium", lineage.id(), Optional.of(medium.at()), trace);
        LineageHeaders.write(lineage, headers);
        byte[] value = payload(medium.payload(), Optional.of(medium.mediaType()), headers);
        return new ProducerRecord<>(
                topics.name(Topic.VIDEOS), null, HeaderText.bytes(lineage.requestId()), value, headers);
    }

    /**
     * The record as it came, with the reason in further headers, for the dead-letter topic of its topic and the partition
     * it came from.
     */
    public ProducerRecord<byte[], byte[]> deadLetter(ConsumerRecord<byte[], byte[]> failed, DeadLetter letter) {
        Headers headers = new RecordHeaders(failed.headers().toArray());
        ClipReference origin = new ClipReference(failed.topic(), failed.partition(), failed.offset());
        DeadLetterHeaders.write(origin, letter, headers);
        Integer partition = deadLetterPartition(failed).orElse(null);
        return new ProducerRecord<>(
                topics.deadLetterName(failed.topic()), partition, failed.key(), failed.value(), headers);
    }

    /** None for an input that was given more partitions than are declared: its dead letters have fewer. */
    private Optional<Integer> deadLetterPartition(ConsumerRecord<byte[], byte[]> failed) {
        return topics.topicNamed(failed.topic())
                .flatMap(topics::deadLetter)
                .filter(spec -> failed.partition() < spec.partitions())
                .map(spec -> failed.partition());
    }

    /**
     * A dead letter as the record it was, for the topic and partition it came from, saying which dead letter it is.
     *
     * @throws io.kinora.kafka.MalformedRecordException when the record is no dead letter
     */
    public ProducerRecord<byte[], byte[]> redrive(ConsumerRecord<byte[], byte[]> dead) {
        ClipReference origin = DeadLetterHeaders.origin(dead.headers());
        Headers headers = new RecordHeaders(dead.headers().toArray());
        DeadLetterHeaders.remove(headers);
        String place = new ClipReference(dead.topic(), dead.partition(), dead.offset()).defaultId();
        headers.add(REDRIVE, HeaderText.bytes(place));
        return new ProducerRecord<>(origin.topic(), origin.partition(), dead.key(), dead.value(), headers);
    }

    /** The reason that a dead letter names, as a word a program can branch on. */
    public static Optional<String> deadLetterCode(Headers headers) {
        return HeaderText.last(headers, DeadLetterHeaders.CODE);
    }

    /** How often a record was sent back by {@link #redrive}. */
    public static int redrives(Headers headers) {
        int times = 0;
        for (Header ignored : headers.headers(REDRIVE)) {
            times++;
        }
        return times;
    }

    /** What was decided about a dead letter. */
    public ProducerRecord<byte[], byte[]> letterDecision(LetterDecision decision, TraceContext trace) {
        String id = decision.letter().defaultId();
        Headers headers = headers(WireSchema.LETTER_DECISION.kind(), id, Optional.of(decision.at()), trace);
        String key = decision.letter().toString();
        return json(Topic.LETTER_DECISIONS, key, decision, WireSchema.LETTER_DECISION, headers);
    }

    private ProducerRecord<byte[], byte[]> json(
            Topic topic, String key, Object body, WireSchema schema, Headers headers) {
        add(headers, "content-type", JSON);
        add(headers, "ce_dataschema", schema.id());
        return new ProducerRecord<>(topics.name(topic), null, HeaderText.bytes(key), WireJson.write(body), headers);
    }

    private Headers headers(String kind, String id, Optional<Instant> time, TraceContext trace) {
        Headers headers = new RecordHeaders();
        add(headers, "ce_specversion", EventAttributes.VERSION);
        add(headers, "ce_id", id);
        add(headers, "ce_source", source);
        add(headers, "ce_type", "io.kinora." + kind + ".v1");
        time.ifPresent(at -> add(headers, "ce_time", at.toString()));
        trace.traceparent().ifPresent(value -> addTrace(headers, "traceparent", value));
        trace.tracestate().ifPresent(value -> addTrace(headers, "tracestate", value));
        trace.baggage().ifPresent(value -> add(headers, "baggage", value));
        return headers;
    }

    private static byte[] payload(ClipPayload payload, Optional<String> mediaType, Headers headers) {
        if (payload instanceof ClipPayload.Claimed claimed) {
            add(headers, "content-type", ClaimCheck.MEDIA_TYPE);
            add(headers, "ce_dataref", claimed.check().uri().toString());
            return WireJson.write(claimed.check());
        }
        mediaType.ifPresent(type -> add(headers, "content-type", type));
        return ((ClipPayload.Inline) payload).blob().bytes();
    }

    private static void addTrace(Headers headers, String name, String value) {
        add(headers, name, value);
        add(headers, "ce_" + name, value);
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, HeaderText.bytes(value));
    }
}
