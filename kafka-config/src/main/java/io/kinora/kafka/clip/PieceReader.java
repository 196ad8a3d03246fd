package io.kinora.kafka.clip;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.ClipPiece;
import io.kinora.kafka.record.Blob;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Puts a clip together whose bytes came as several records. It keeps nothing between calls: when a clip's last piece has come, the others are read again
 * from the partition, so that no kill loses what was half collected. Blocks: run it on a dispatcher of its own. Thread-safe; calls go one after the other.
 */
public final class PieceReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final Duration within;
    private final long maxBytes;

    /**
     * @param within how much older than its last piece a clip's others may be
     * @param maxBytes of a clip
     */
    public PieceReader(KafkaClients clients, Duration within, long maxBytes) {
        this.consumer = clients.consumer("piece-reader", Map.of());
        this.within = within;
        this.maxBytes = maxBytes;
    }

    /**
     * The whole clip.
     *
     * @param last the record of its last piece
     * @param piece what that says
     * @throws MalformedRecordException when a piece is not there, or what they give is not what they say
     * @throws TransientBrokerException when the cluster did not answer in time
     */
    public synchronized Blob assemble(ConsumerRecord<byte[], byte[]> last, ClipPiece piece) {
        if (piece.size().orElse(0) > maxBytes) {
            throw tooLarge(piece, piece.size().getAsLong());
        }
        try {
            return whole(piece, collected(last, piece));
        } catch (RetriableException e) {
            throw new TransientBrokerException("the pieces of clip %s cannot be read now".formatted(piece.clip()), e);
        } finally {
            consumer.unsubscribe();
        }
    }

    /** By their places; of one that came twice the later. */
    private Map<Integer, byte[]> collected(ConsumerRecord<byte[], byte[]> last, ClipPiece piece) {
        TopicPartition partition = new TopicPartition(last.topic(), last.partition());
        consumer.assign(List.of(partition));
        consumer.seek(partition, first(last, partition));
        Map<Integer, byte[]> pieces = new TreeMap<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.position(partition) <= last.offset()) {
            if (System.nanoTime() > end) {
                throw new TransientBrokerException(
                        "the pieces of clip %s did not arrive in time".formatted(piece.clip()),
                        new KafkaException("no records within the time allowed"));
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.offset() <= last.offset() && Arrays.equals(record.key(), last.key())) {
                    read(record).filter(piece::belongsTo).ifPresent(found -> pieces.put(found.index(), record.value()));
                }
                requireBounded(piece, pieces);
            }
        }
        return pieces;
    }

    private long first(ConsumerRecord<byte[], byte[]> last, TopicPartition partition) {
        long oldest = consumer.beginningOffsets(List.of(partition)).get(partition);
        long from = Math.max(0, last.timestamp() - within.toMillis());
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(Map.of(partition, from)).get(partition);
        return Math.max(oldest, Math.min(last.offset(), found == null ? last.offset() : found.offset()));
    }

    private static Optional<ClipPiece> read(ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.value() == null ? Optional.empty() : ClipPiece.of(record.headers());
        } catch (MalformedRecordException e) {
            return Optional.empty(); // no piece of this clip; whoever reads it in its turn says why it is none
        }
    }

    private void requireBounded(ClipPiece piece, Map<Integer, byte[]> pieces) {
        long bytes = pieces.values().stream().mapToLong(part -> part.length).sum();
        if (bytes > maxBytes) {
            throw tooLarge(piece, bytes);
        }
    }

    private MalformedRecordException tooLarge(ClipPiece piece, long bytes) {
        return new MalformedRecordException(
                Code.TOO_LARGE,
                "the pieces of clip %s have %d bytes, a clip has at most %d".formatted(piece.clip(), bytes, maxBytes));
    }

    private Blob whole(ClipPiece piece, Map<Integer, byte[]> pieces) {
        List<Integer> missing = IntStream.range(0, piece.count())
                .filter(index -> !pieces.containsKey(index))
                .boxed()
                .toList();
        if (!missing.isEmpty()) {
            throw new MalformedRecordException(
                    Code.VALUE,
                    "clip %s has %d pieces, and %s of them are not among the records of the %s before its last one"
                            .formatted(piece.clip(), piece.count(), missing, within));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        pieces.values().forEach(bytes::writeBytes);
        Blob blob = Blob.wrap(bytes.toByteArray());
        if (piece.size().isPresent() && piece.size().getAsLong() != blob.size()) {
            throw new MalformedRecordException(
                    Code.VALUE,
                    "the pieces of clip %s have %d bytes, total-bytes is %d"
                            .formatted(piece.clip(), blob.size(), piece.size().getAsLong()));
        }
        if (piece.sha256().filter(said -> !said.equalsIgnoreCase(blob.sha256())).isPresent()) {
            throw new MalformedRecordException(
                    Code.VALUE,
                    "the pieces of clip %s have the SHA-256 %s, they say %s"
                            .formatted(
                                    piece.clip(), blob.sha256(), piece.sha256().get()));
        }
        return blob;
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }
}
