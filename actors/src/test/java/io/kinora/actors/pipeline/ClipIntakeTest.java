package io.kinora.actors.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.DispatcherSelector;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.clip.PieceReader;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedBroker.class)
@Tag("slow")
final class ClipIntakeTest {
    private static final String NORTH = "intake-cameras.north";
    private static final String SOUTH = "intake-cameras.south";
    private static final String GATE = "intake-gate";
    private static final String OTHER = "intake-other";
    private static final int INLINE = 5_000;
    private static final long LARGEST = 100_000;

    private final RecordDecoder decoder = new RecordDecoder();
    private final KafkaClients clients;
    private final Bench bench;

    @TempDir
    Path folder;

    ClipIntakeTest(KafkaClients clients) {
        this.clients = clients;
        this.bench = new Bench(clients);
    }

    @Test
    void clipsOfOtherTopicsAreBroughtOnceAndThosePutTogetherThatCameInPieces() throws Exception {
        create(NORTH, SOUTH, GATE, OTHER);
        byte[] piece = bytes(1, 3_000);
        byte[] large = bytes(2, 20_000);
        send(NORTH, "cam1", "north 1".getBytes(UTF_8), Map.of("content-type", "video/mp4", "own", "1"));
        send(NORTH, "cam1", "north 2".getBytes(UTF_8), Map.of("content-type", "video/webm"));
        send(SOUTH, "", "of nobody".getBytes(UTF_8), Map.of());
        send(GATE, "gate", large, Map.of("content-type", "video/mp4"));
        send(OTHER, "cam9", "not asked for".getBytes(UTF_8), Map.of());
        try (Running first = new Running()) {
            assertThat(first).isNotNull();
            bench.await(bench.topic(Topic.CLIPS), 4);
            // A kill between pieces would lose nothing: they are read again.
            send(GATE, "gate", piece, chunk("whole", 0, 3));
            send(GATE, "gate", bytes(3, 3_000), chunk("whole", 1, 3));
            send(GATE, "gate", "between them".getBytes(UTF_8), Map.of());
            bench.await(bench.topic(Topic.CLIPS), 5);
        }
        try (Running again = new Running()) {
            assertThat(again).isNotNull();
            send(GATE, "gate", bytes(4, 10), chunk("whole", 2, 3));
            send(GATE, "gate", piece, chunk("gap", 2, 3));
            send(GATE, "gate", piece, Map.of("chunk-id", "half said"));
            send(
                    GATE,
                    "gate",
                    piece,
                    Map.of("chunk-id", "other", "chunk-index", "0", "chunk-count", "1", "sha256", "0".repeat(64)));
            send(
                    GATE,
                    "gate",
                    piece,
                    Map.of("chunk-id", "huge", "chunk-index", "0", "chunk-count", "1", "total-bytes", "100001"));
            send(GATE, "gate", "last".getBytes(UTF_8), Map.of());
            List<ConsumerRecord<byte[], byte[]>> all = bench.await(bench.topic(Topic.CLIPS), 11);

            assertThat(clips(all, "cam1").stream().map(ClipIntakeTest::text)).containsExactly("north 1", "north 2");
            assertThat(clips(all, "cam1").stream().flatMap(clip -> clip.mediaType().stream()))
                    .containsExactly("video/mp4", "video/webm");
            assertThat(clips(all, SOUTH).stream().map(ClipIntakeTest::text)).containsExactly("of nobody");
            assertThat(all)
                    .filteredOn(record -> record.headers().lastHeader("own") != null)
                    .hasSize(1)
                    .allSatisfy(record -> assertThat(Bench.header(record, "kinora-brought-from"))
                            .startsWith("kafka://" + NORTH + "/"));

            List<Clip> gate = clips(all, "gate");
            assertThat(gate).hasSize(4);
            assertThat(gate.get(0).payload()).isInstanceOf(ClipPayload.Claimed.class);
            assertThat(payloads().unpack(gate.get(0).payload()).bytes()).isEqualTo(large);
            assertThat(text(gate.get(1))).isEqualTo("between them");
            assertThat(payloads().unpack(gate.get(2).payload()).bytes())
                    .isEqualTo(joined(piece, bytes(3, 3_000), bytes(4, 10)));
            assertThat(gate.get(2).mediaType().orElse("")).isEqualTo("video/mp4");
            assertThat(text(gate.get(3))).isEqualTo("last");

            assertThat(refusals(all))
                    .containsExactly(
                            "clip gap has 3 pieces, and [0, 1] of them are not among the records of the PT10M before its last one",
                            "header chunk-id is there, and chunk-index is not",
                            "the pieces of clip other have the SHA-256 %s, they say %s"
                                    .formatted(Blob.wrap(piece).sha256(), "0".repeat(64)),
                            "the pieces of clip huge have 100001 bytes, a clip has at most 100000");
        }
    }

    @Test
    void aPatternNamesWholeTopicsAndNeverThoseOfKinoraItself() {
        Pattern pattern = Pattern.compile(ClipIntake.pattern(
                List.of("cameras\\..*", "gate", ".*clips.*"), clients.settings().topics()));
        assertThat(List.of("cameras.north", "gate", "clips-of-others"))
                .allMatch(name -> pattern.matcher(name).matches());
        assertThat(List.of(
                        "gates",
                        "my.cameras",
                        "cameras.north.dlq",
                        bench.topic(Topic.CLIPS),
                        bench.topic(Topic.CLIPS) + ".dlq"))
                .noneMatch(name -> pattern.matcher(name).matches());
        assertThatThrownBy(() -> new IntakeSettings(List.of("cam["), Duration.ofMinutes(1)))
                .hasMessageContaining("kinora.pipelines.clip-topics has \"cam[\"");
    }

    /** The intake of a node. */
    private final class Running implements AutoCloseable {
        private final ActorTestKit kit = ActorTestKit.create();
        private final PieceReader pieces = new PieceReader(clients, Duration.ofMinutes(10), LARGEST);
        private final PipelineControl control = ClipIntake.start(
                kit.system(),
                clients,
                new IntakeSettings(List.of("intake-cameras\\..*", GATE), Duration.ofMinutes(10)),
                pieces,
                payloads(),
                decoder,
                new RecordEncoder(clients.settings().topics(), "/kinora/test"),
                kit.system().dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking")),
                ServingMetrics.inMemory());

        @Override
        public void close() throws Exception {
            control.stop();
            control.whenEnded().toCompletableFuture().get(1, TimeUnit.MINUTES);
            pieces.close();
            kit.shutdownTestKit();
        }
    }

    private ClipPayloads payloads() {
        return new ClipPayloads(ClaimCheckStore.inFolder(folder, LARGEST), INLINE);
    }

    private void create(String... topics) throws Exception {
        try (Admin admin = clients.admin()) {
            admin.createTopics(Arrays.stream(topics)
                            .map(topic -> new NewTopic(topic, 1, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    private void send(String topic, String key, byte[] value, Map<String, String> said) throws Exception {
        RecordHeaders headers = new RecordHeaders();
        said.forEach((name, text) -> headers.add(name, text.getBytes(UTF_8)));
        bench.send(new ProducerRecord<>(topic, null, key.isEmpty() ? null : key.getBytes(UTF_8), value, headers));
    }

    private static Map<String, String> chunk(String clip, int index, int count) {
        return Map.of(
                "content-type",
                "video/mp4",
                "chunk-id",
                clip,
                "chunk-index",
                Integer.toString(index),
                "chunk-count",
                Integer.toString(count));
    }

    private List<Clip> clips(List<ConsumerRecord<byte[], byte[]>> records, String stream) {
        List<Clip> clips = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.headers().lastHeader("kinora-no-clip") == null) {
                clips.add(decoder.clip(record).body());
            }
        }
        return clips.stream().filter(clip -> clip.stream().equals(stream)).toList();
    }

    private List<String> refusals(List<ConsumerRecord<byte[], byte[]>> records) {
        List<String> reasons = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                decoder.clip(record);
            } catch (MalformedRecordException e) {
                reasons.add(e.getMessage());
            }
        }
        return reasons;
    }

    private static String text(Clip clip) {
        return new String(((ClipPayload.Inline) clip.payload()).blob().bytes(), UTF_8);
    }

    private static byte[] bytes(int first, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
