package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerDelta;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClaimCheck;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.Instruction;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.LetterDecision;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.PromptBody;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Response;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.record.VideoFormat;
import io.kinora.kafka.record.WireJson;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Reads Kafka records into wire records: plain ones as a console producer sends them, and CloudEvents in binary or
 * structured mode. Every method throws {@link MalformedRecordException} for a record that cannot be read, and nothing
 * else. Ids that a record does not bring follow from its place, so reading it again gives the same. Thread-safe.
 */
public final class RecordDecoder {
    /** Far above any body that the records' own limits allow. */
    private static final int MAX_JSON_BYTES = 1024 * 1024;

    /**
     * A question: a JSON body, or plain text that is the question itself. Without a content type, a body that starts
     * with a brace is JSON. Without a deadline of its own, it is wanted until the event's {@code expirytime}. The header {@code kinora-session} says
     * which conversation it belongs to, where the body does not.
     */
    public Event<Question> question(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        Question.Body body = textOrJson(incoming, Question.Body.class, Question.Body::ofText)
                .inSession(HeaderText.last(kafka.headers(), RecordEncoder.SESSION_HEADER));
        Question question = body.resolve(defaultId(incoming), incoming.key());
        Optional<Instant> expiry = incoming.attributes().flatMap(EventAttributes::expiry);
        return incoming.event(question.withDeadline(question.deadline().or(() -> expiry)));
    }

    /**
     * The conversation that a record of the questions' topic asks to be forgotten: one without a value whose header {@code kinora-session} names it. Empty
     * for any other record.
     */
    public Optional<String> forgottenSession(ConsumerRecord<byte[], byte[]> kafka) {
        return kafka.value() == null
                ? HeaderText.last(kafka.headers(), RecordEncoder.SESSION_HEADER)
                : Optional.empty();
    }

    /** A conversation as it is kept; empty for the tombstone of one that is forgotten. */
    public Optional<Event<Session>> session(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.data().isEmpty()
                ? Optional.empty()
                : Optional.of(incoming.event(json(incoming, Session.class)));
    }

    /**
     * A generation request, a cancel or a delete: a JSON body, or plain text that is the prompt itself. A request without a deadline of its own is
     * wanted until the event's {@code expirytime}.
     */
    public Event<Prompt> prompt(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        PromptBody body = textOrJson(incoming, PromptBody.class, PromptBody::ofText);
        Optional<Instant> expiry = incoming.attributes().flatMap(EventAttributes::expiry);
        return incoming.event(body.wantedUntil(expiry).resolve(defaultId(incoming), incoming.key()));
    }

    /**
     * A clip: bytes of a video, of a picture or sound that something is to be made from, or a claim check. The stream is the record's key; without
     * one, the CloudEvent's subject; without both, the topic's name.
     */
    public Event<Clip> clip(ConsumerRecord<byte[], byte[]> kafka) {
        refuseWhatIsNoClip(kafka.headers());
        IncomingRecord incoming = IncomingRecord.of(kafka);
        ClipPayload payload = payload(incoming);
        Optional<String> mediaType = payload instanceof ClipPayload.Claimed claimed
                ? Optional.of(claimed.check().mediaType())
                : incoming.contentType().map(ContentType::mediaType);
        String stream = incoming.key()
                .or(() -> incoming.attributes().flatMap(EventAttributes::subject))
                .orElse(kafka.topic());
        Instant at = incoming.attributes().flatMap(EventAttributes::time).orElse(incoming.timestamp());
        return valid(() -> incoming.event(new Clip(defaultId(incoming), stream, mediaType, payload, at)));
    }

    private static void refuseWhatIsNoClip(Headers headers) {
        HeaderText.last(headers, RecordEncoder.NO_CLIP).ifPresent(reason -> {
            throw new MalformedRecordException(Code.VALUE, reason);
        });
        ClipPiece.of(headers).ifPresent(piece -> {
            throw new MalformedRecordException(
                    Code.HEADER,
                    "piece %d of %d of clip %s is no clip: clips come in pieces on topics of kinora.pipelines.clip-topics"
                            .formatted(piece.index() + 1, piece.count(), piece.clip()));
        });
    }

    /** The clip whose bytes came as several records. */
    public Event<Clip> clipOf(ConsumerRecord<byte[], byte[]> last, Blob whole) {
        Headers headers = new RecordHeaders(last.headers().toArray());
        ClipPiece.remove(headers);
        return clip(new ConsumerRecord<>(
                last.topic(),
                last.partition(),
                last.offset(),
                last.timestamp(),
                last.timestampType(),
                last.serializedKeySize(),
                Math.toIntExact(whole.size()),
                last.key(),
                whole.bytes(),
                headers,
                last.leaderEpoch()));
    }

    /** A generated clip with its provenance. */
    public Event<GeneratedVideo> video(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        ClipPayload payload = payload(incoming);
        String mediaType = payload instanceof ClipPayload.Claimed claimed
                ? claimed.check().mediaType()
                : incoming.contentType().map(ContentType::mediaType).orElse("none");
        VideoFormat format = Arrays.stream(VideoFormat.values())
                .filter(candidate -> candidate.mediaType().equals(mediaType))
                .findFirst()
                .orElseThrow(() -> new MalformedRecordException(
                        Code.CONTENT_TYPE,
                        "content-type is %s, a generated clip is video/mp4 or video/webm, a picture image/png or image/jpeg"
                                .formatted(mediaType)));
        Instant at = incoming.attributes().flatMap(EventAttributes::time).orElse(incoming.timestamp());
        return incoming.event(new GeneratedVideo(ProvenanceHeaders.read(incoming.headers()), format, payload, at));
    }

    /**
     * An instruction: a JSON body, or plain text that is the instruction itself. Its id is the body's, else the event's, else the record's key. Without a
     * deadline of its own it is wanted until the event's {@code expirytime}.
     */
    public Event<Instruction> instruction(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        Instruction.Body body = textOrJson(incoming, Instruction.Body.class, Instruction.Body::ofText);
        Optional<Instant> expiry = incoming.attributes().flatMap(EventAttributes::expiry);
        String id =
                incoming.attributes().map(EventAttributes::id).or(incoming::key).orElseGet(() -> defaultId(incoming));
        return incoming.event(body.wantedUntil(expiry).resolve(id));
    }

    public Event<Response> response(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.event(json(incoming, Response.class));
    }

    /** True for a record that {@link #medium} reads, as opposed to a clip that a job made. */
    public static boolean isMedium(ConsumerRecord<byte[], byte[]> kafka) {
        return LineageHeaders.has(kafka.headers());
    }

    /** Something that was made for an instruction, with its lineage. */
    public Event<GeneratedMedium> medium(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        ClipPayload payload = payload(incoming);
        String mediaType = payload instanceof ClipPayload.Claimed claimed
                ? claimed.check().mediaType()
                : incoming.contentType().map(ContentType::mediaType).orElse("application/octet-stream");
        Instant at = incoming.attributes().flatMap(EventAttributes::time).orElse(incoming.timestamp());
        return incoming.event(new GeneratedMedium(LineageHeaders.read(incoming.headers()), mediaType, payload, at));
    }

    public Event<Answer> answer(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.event(json(incoming, Answer.class));
    }

    public Event<AnswerDelta> answerDelta(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.event(json(incoming, AnswerDelta.class));
    }

    /** The state of a job; empty for the tombstone of a job that is forgotten. */
    public Optional<Event<JobState>> jobState(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.data().isEmpty()
                ? Optional.empty()
                : Optional.of(incoming.event(json(incoming, JobState.class)));
    }

    /**
     * A standing question; empty for the tombstone of one that was deleted. Where the body does not say since when it asks, it asks about clips from its
     * record's time on.
     */
    public Optional<Event<Subscription>> subscription(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        if (incoming.data().isEmpty()) {
            return Optional.empty();
        }
        Subscription read = json(incoming, Subscription.Body.class).resolve(incoming.key());
        return Optional.of(incoming.event(read.since().isPresent() ? read : read.withSince(incoming.timestamp())));
    }

    /** How far a subscription is in a stream; empty for a tombstone. */
    public Optional<Event<SubscriptionState>> subscriptionState(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.data().isEmpty()
                ? Optional.empty()
                : Optional.of(incoming.event(json(incoming, SubscriptionState.class)));
    }

    public Event<Alert> alert(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.event(json(incoming, Alert.class));
    }

    /** What was decided about a dead letter. */
    public Event<LetterDecision> letterDecision(ConsumerRecord<byte[], byte[]> kafka) {
        IncomingRecord incoming = IncomingRecord.of(kafka);
        return incoming.event(json(incoming, LetterDecision.class));
    }

    private static ClipPayload payload(IncomingRecord incoming) {
        byte[] bytes = data(incoming);
        if (bytes.length == 0) {
            throw new MalformedRecordException(Code.EMPTY, "clip has no bytes");
        }
        if (incoming.contentType().map(ContentType::isMedium).orElse(true)) {
            return new ClipPayload.Inline(Blob.wrap(bytes));
        }
        String mediaType = incoming.contentType().get().mediaType();
        if (mediaType.equals(ClaimCheck.MEDIA_TYPE)) {
            return new ClipPayload.Claimed(json(incoming, ClaimCheck.class));
        }
        if (mediaType.equals("application/octet-stream")) {
            return new ClipPayload.Inline(Blob.wrap(bytes));
        }
        throw new MalformedRecordException(
                Code.CONTENT_TYPE,
                "content-type of a clip is %s, allowed are video/*, image/*, audio/*, %s, application/octet-stream and none"
                        .formatted(mediaType, ClaimCheck.MEDIA_TYPE));
    }

    private static <T> T textOrJson(IncomingRecord incoming, Class<T> type, Function<String, T> ofText) {
        byte[] data = data(incoming);
        Optional<ContentType> contentType = incoming.contentType();
        boolean isJson = contentType.map(ContentType::isJson).orElseGet(() -> startsWithBrace(data));
        if (isJson) {
            return json(incoming, type);
        }
        if (contentType.isPresent()
                && !(contentType.get().isPlainText() && contentType.get().isUtf8())) {
            throw new MalformedRecordException(
                    Code.CONTENT_TYPE,
                    "content-type is %s, allowed are application/json, text/plain in UTF-8 and none"
                            .formatted(contentType.get().mediaType()));
        }
        return ofText.apply(HeaderText.utf8(data, "body", Code.SYNTAX).strip());
    }

    private static boolean startsWithBrace(byte[] data) {
        for (byte next : data) {
            if (!Character.isWhitespace(next)) {
                return next == '{';
            }
        }
        return false;
    }

    private static <T> T json(IncomingRecord incoming, Class<T> type) {
        byte[] data = data(incoming);
        if (data.length > MAX_JSON_BYTES) {
            throw new MalformedRecordException(
                    Code.TOO_LARGE,
                    "body has %d bytes, a JSON body has at most %d".formatted(data.length, MAX_JSON_BYTES));
        }
        return WireJson.read(data, type);
    }

    private static byte[] data(IncomingRecord incoming) {
        return incoming.data().orElseThrow(() -> new MalformedRecordException(Code.EMPTY, "record has no value"));
    }

    private static String defaultId(IncomingRecord incoming) {
        return incoming.attributes().map(EventAttributes::id).orElseGet(() -> incoming.place()
                .defaultId());
    }

    private static <T> T valid(Supplier<T> construct) {
        try {
            return construct.get();
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.VALUE, e.getMessage(), e);
        }
    }
}
