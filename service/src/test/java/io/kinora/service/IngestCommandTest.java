package io.kinora.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.kinora.actors.pipeline.Ingest;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.CutSettings;
import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.LiveAddress;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedBroker.class)
class IngestCommandTest {
    @TempDir
    Path folder;

    @Test
    void aRecordingBecomesClipsOnTheTopicThatSayWhenTheyWere(KafkaClients clients) throws Exception {
        Path file = Files.write(folder.resolve("recording.mp4"), recording());
        String topic = clients.settings().topics().name(Topic.CLIPS);
        String server = clients.settings().bootstrapServers().orElseThrow();
        assertThat(KinoraCommand.run(
                        "ingest",
                        file.toString(),
                        "--topic",
                        topic,
                        "--stream",
                        "door",
                        "--clip",
                        "2s",
                        "--overlap",
                        "500ms",
                        "--at",
                        "2026-11-01T08:00:00Z",
                        "--bootstrap-servers",
                        server))
                .isZero();
        List<Clip> clips = clips(clients, topic, "door");
        assertThat(clips).hasSizeGreaterThanOrEqualTo(3);
        assertThat(clips.get(0).at()).isEqualTo(Instant.parse("2026-11-01T08:00:00Z"));
        assertThat(clips).isSortedAccordingTo((a, b) -> a.at().compareTo(b.at()));
        for (Clip clip : clips) {
            byte[] bytes = ((ClipPayload.Inline) clip.payload()).blob().bytes();
            assertThat(VideoProbe.probe(VideoSource.bytes(bytes), DecodeLimits.defaults())
                            .codec())
                    .isEqualTo("h264");
        }
        assertThat(KinoraCommand.run("ingest", "gopher://camera", "--bootstrap-servers", server))
                .isEqualTo(3);
        assertThat(KinoraCommand.run("ingest", file.toString(), "--clip", "long", "--bootstrap-servers", server))
                .isEqualTo(3);
    }

    @Test
    void aLiveSourceThatBreaksOffIsConnectedToAgain(KafkaClients clients) throws Exception {
        byte[] recording = recording();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/live", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(recording);
            }
        });
        server.start();
        String topic = clients.settings().topics().name(Topic.CLIPS);
        Ingest.Settings settings = new Ingest.Settings(
                topic,
                "live",
                CutSettings.of(Duration.ofSeconds(4), Duration.ZERO),
                Optional.empty(),
                2,
                false,
                true,
                false);
        LiveAddress address = LiveAddress.of(
                "http://127.0.0.1:%d/live".formatted(server.getAddress().getPort()));
        Ingest ingest = new Ingest(clients, "/kinora/test", address, settings, Clock.systemUTC());
        try {
            Ingest.Report report = ingest.run(heard -> {
                if (heard.connections() == 2) {
                    ingest.stop();
                }
            });
            assertThat(report.connections()).isGreaterThanOrEqualTo(2);
            assertThat(report.dropped()).isZero();
            assertThat(clips(clients, topic, "live")).hasSize((int) report.clips());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whereTheTopicIsSlowerThanTheSourceTheOldestClipsAreDroppedIfThatIsWanted(KafkaClients clients)
            throws Exception {
        Path file = Files.write(folder.resolve("slow.mp4"), recording());
        LiveAddress address = LiveAddress.of(file.toString());
        long all = new Ingest(clients, "/kinora/test", address, cutBySeconds(clients, "all", false), Clock.systemUTC())
                .run(heard -> {})
                .clips();
        assertThat(all).isGreaterThanOrEqualTo(3);

        Ingest dropping =
                new Ingest(clients, "/kinora/test", address, cutBySeconds(clients, "newest", true), Clock.systemUTC());
        Ingest.Report report = dropping.run(heard -> {
            if (heard.clips() == 1) {
                untilTheSourceHasBeenRead(address);
            }
        });
        assertThat(report.clips()).isBetween(1L, 2L);
        assertThat(report.clips() + report.dropped()).isEqualTo(all);
        String topic = clients.settings().topics().name(Topic.CLIPS);
        List<Clip> whole = clips(clients, topic, "all");
        List<Clip> newest = clips(clients, topic, "newest");
        assertThat(newest.get(newest.size() - 1).at())
                .isEqualTo(whole.get(whole.size() - 1).at());
    }

    private static Ingest.Settings cutBySeconds(KafkaClients clients, String stream, boolean dropOldest) {
        return new Ingest.Settings(
                clients.settings().topics().name(Topic.CLIPS),
                stream,
                CutSettings.of(Duration.ofSeconds(1), Duration.ZERO),
                Optional.of(Instant.parse("2026-11-01T08:00:00Z")),
                1,
                dropOldest,
                false,
                false);
    }

    private static void untilTheSourceHasBeenRead(LiveAddress address) {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("ingest " + address.shown()))
                .forEach(reader -> {
                    try {
                        reader.join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static List<Clip> clips(KafkaClients clients, String topic, String key) {
        RecordDecoder decoder = new RecordDecoder();
        return new TopicReader(clients)
                .all(topic).stream()
                        .filter(record -> new String(record.key(), UTF_8).equals(key))
                        .map(record -> decoder.clip(record).body())
                        .toList();
    }

    /** Six seconds, twelve frames a second. */
    private static byte[] recording() {
        List<RgbFrame> frames = IntStream.range(0, 72)
                .mapToObj(i -> {
                    byte[] pixels = new byte[64 * 48 * 3];
                    Arrays.fill(pixels, (byte) (3 * i));
                    return RgbFrame.of(64, 48, pixels);
                })
                .toList();
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
