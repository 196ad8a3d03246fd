package io.kinora.actors.pipeline;

import akka.actor.typed.ActorSystem;
import akka.kafka.Subscriptions;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.clip.PieceReader;
import io.kinora.kafka.headers.ClipPiece;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.kafka.topic.TopicSpec;
import io.kinora.kafka.transaction.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Brings the clips of other topics to the topic of clips: each once, in the order of its partition. A clip that came in pieces is put together when its last
 * piece is there, and one that is too large for a record is claimed. What is no clip is brought as it is: whoever reads the topic of clips says why.
 */
final class ClipIntake implements RecordWork {
    private static final String ROLE = "intake";
    private static final int AT_ONCE = 4;

    private final PieceReader pieces;
    private final ClipPayloads payloads;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final Executor blocking;

    private ClipIntake(
            PieceReader pieces,
            ClipPayloads payloads,
            RecordDecoder decoder,
            RecordEncoder encoder,
            Executor blocking) {
        this.pieces = pieces;
        this.payloads = payloads;
        this.decoder = decoder;
        this.encoder = encoder;
        this.blocking = blocking;
    }

    /**
     * Begins to read the topics that the settings name.
     *
     * @param pieces reads the pieces of clips; closed by the caller, after the pipeline
     */
    static PipelineControl start(
            ActorSystem<?> system,
            KafkaClients clients,
            IntakeSettings settings,
            PieceReader pieces,
            ClipPayloads payloads,
            RecordDecoder decoder,
            RecordEncoder encoder,
            Executor blocking,
            ServingMetrics metrics) {
        ClipIntake intake = new ClipIntake(pieces, payloads, decoder, encoder, blocking);
        String topics = pattern(settings.topics(), clients.settings().topics());
        return new TransactionalPipeline(
                        system, clients, ROLE, Subscriptions.topicPattern(topics), AT_ONCE, () -> intake, metrics)
                .start();
    }

    /** Of all names that are to be read; Kinora's own topics are not, whatever matches them, and neither are dead letters. */
    static String pattern(List<String> topics, TopicCatalog own) {
        String never = Stream.concat(
                        own.all().stream().map(TopicSpec::name).map(Pattern::quote),
                        Stream.of(".*" + Pattern.quote(own.deadLetterName(""))))
                .collect(Collectors.joining("|"));
        String wanted = topics.stream().map("(?:%s)"::formatted).collect(Collectors.joining("|"));
        return "(?!(?:%s)$)(?:%s)".formatted(never, wanted);
    }

    @Override
    public CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record) {
        return CompletableFuture.supplyAsync(() -> Result.of(Transaction.of(brought(record))), blocking);
    }

    private List<ProducerRecord<byte[], byte[]>> brought(ConsumerRecord<byte[], byte[]> record) {
        try {
            Optional<ClipPiece> piece = ClipPiece.of(record.headers());
            if (piece.isEmpty()) {
                return List.of(whole(record));
            }
            return piece.get().isLast() ? List.of(assembled(record, piece.get())) : List.of();
        } catch (MalformedRecordException e) {
            return List.of(encoder.broughtNoClip(record, e.getMessage()));
        }
    }

    private ProducerRecord<byte[], byte[]> whole(ConsumerRecord<byte[], byte[]> record) {
        Event<Clip> event = decoder.clip(record);
        Clip packed = packed(event.body());
        return packed.payload().equals(event.body().payload())
                ? encoder.broughtClip(record, packed.stream())
                : encoder.broughtClip(record, packed, event.trace());
    }

    private ProducerRecord<byte[], byte[]> assembled(ConsumerRecord<byte[], byte[]> last, ClipPiece piece) {
        Event<Clip> event = decoder.clipOf(last, pieces.assemble(last, piece));
        return encoder.broughtClip(last, packed(event.body()), event.trace());
    }

    private Clip packed(Clip clip) {
        ClipPayload payload = clip.payload() instanceof ClipPayload.Inline inline
                ? payloads.pack(inline.blob(), clip.mediaType().orElse("application/octet-stream"))
                : clip.payload();
        return new Clip(clip.id(), clip.stream(), clip.mediaType(), payload, clip.at());
    }
}
