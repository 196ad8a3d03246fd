package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.compose.ComposeEvent;
import io.kinora.actors.compose.ComposeRequest;
import io.kinora.actors.compose.Material;
import io.kinora.actors.shard.TextOptions;
import io.kinora.video.AudioClip;
import io.kinora.video.AudioEncoder;
import io.kinora.video.AudioFormat;
import io.kinora.video.AudioLimits;
import io.kinora.video.AudioReader;
import io.kinora.video.DecodeLimits;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes of the authors' 53 demo requests from end to end, on small checkpoints of every kind; and media that cannot be used. */
@Tag("slow")
class DemoRequestsTest {
    private static final int AT_ONCE = 4;

    @TempDir
    static Path folder;

    private static KinoraNode node;
    private static Map<String, Material> media;

    @BeforeAll
    static void start() throws IOException {
        Map<String, Object> settings = Map.of(
                "kinora.checkpoint",
                SmallModaVerse.make(folder.resolve("modaverse")).toString(),
                "kinora.data-dir",
                folder.resolve("data").toString(),
                "kinora.generators.image",
                Map.of(
                        "kind",
                        "checkpoint",
                        "folder",
                        SmallPipelines.textToImage(folder.resolve("t2i")).toString(),
                        "steps",
                        1),
                "kinora.generators.video",
                Map.of(
                        "kind",
                        "checkpoint",
                        "folder",
                        SmallPipelines.textToVideo(folder.resolve("t2v")).toString(),
                        "steps",
                        1,
                        "frames",
                        8),
                "kinora.generators.audio",
                Map.of(
                        "kind",
                        "checkpoint",
                        "folder",
                        SmallPipelines.textToSound(folder.resolve("t2a")).toString(),
                        "steps",
                        1,
                        "seconds",
                        0.2));
        Config config = ConfigFactory.parseMap(settings)
                .withFallback(ConfigFactory.load())
                .resolve();
        node = KinoraNode.start(config);
        media = Map.of(
                "image", new Material.Picture(bytes(dot()), "image", DecodeLimits.defaults()),
                "video", new Material.Clip(bytes(clip()), "video", DecodeLimits.defaults()),
                "audio", sound("audio", tone(22_050)));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest(name = "{0} to {1}, {2} of 53")
    @CsvSource({
        "text, text, 10",
        "text, image, 9",
        "text, video, 5",
        "image, text, 9",
        "image, image, 6",
        "image, audio, 5",
        "image, video, 2",
        "audio, text, 2",
        "audio, image, 2",
        "video, text, 1",
        "image+audio, text, 1",
        "image+audio, video, 1"
    })
    void eachDemoRequestEndsInWhatItAsksFor(String given, String asked, int count) {
        List<Material> materials = Stream.of(given.split("\\+", -1))
                .filter(media::containsKey)
                .map(media::get)
                .toList();

        List<List<ComposeEvent>> answers = Source.range(1, count)
                .mapAsync(AT_ONCE, i -> node.composes()
                        .compose(request("%s-%s-%d".formatted(given, asked, i), materials, asked))
                        .runWith(Sink.seq(), node.system()))
                .runWith(Sink.seq(), node.system())
                .toCompletableFuture()
                .join();

        assertThat(answers).hasSize(count);
        for (List<ComposeEvent> events : answers) {
            ComposeEvent last = events.get(events.size() - 1);
            assertThat(last).as("%s", events).isEqualTo(new ComposeEvent.Finished(id(last), 1, 0));
            if (asked.equals("text")) {
                assertThat(only(events, ComposeEvent.Said.class).text()).isNotBlank();
            } else {
                assertMade(only(events, ComposeEvent.Made.class), asked, materials.size());
            }
        }
    }

    private static void assertMade(ComposeEvent.Made made, String asked, int given) {
        VideoSource source = VideoSource.bytes(made.files().get(0).toArray());
        assertThat(made.contentType()).startsWith(asked + "/");
        assertThat(made.lineage().modality()).isEqualTo(asked);
        assertThat(made.lineage().media()).hasSize(given);
        assertThat(made.lineage().generator())
                .isEqualTo(
                        Map.of("image", "t2i", "video", "t2v", "audio", "t2a").get(asked));
        switch (asked) {
            case "image" ->
                assertThat(StillImage.decode(source, DecodeLimits.defaults()).width())
                        .isEqualTo(64);
            case "video" ->
                assertThat(VideoProbe.probe(source, DecodeLimits.defaults()).frameCount())
                        .hasValue(8);
            default ->
                assertThat(AudioReader.whole()
                                .read(source, AudioLimits.defaults())
                                .clip()
                                .duration())
                        .isEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void aPictureOfOnePixelIsSeenLikeAnyOther() {
        List<ComposeEvent> events = carriedOut("pixel", List.of(media.get("image")), "text");

        assertThat(only(events, ComposeEvent.Perceived.class).medium()).isZero();
        assertThat(events).hasAtLeastOneElementOfType(ComposeEvent.Said.class);
    }

    @Test
    void aClipWithoutSoundTrackIsNotHeard() throws IOException {
        assertRefused(sound("silent", clip()), "media.no_sound");
    }

    @Test
    void tenMillisecondsOfSoundAreTooLittle() {
        assertRefused(sound("tick", tone(160)), "media.unusable");
    }

    @Test
    void aSoundOfTwelveHoursIsRefusedBeforeItIsDecoded() throws IOException {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();

        assertRefused(sound("night", resource("/sounds/silence-12h.flac")), "media.limit");

        assertThat(runtime.totalMemory() - runtime.freeMemory() - before)
                .as("heap that was taken, in bytes; decoded it would be 43,200,000 samples")
                .isLessThan(100L << 20);
    }

    @Test
    void whatIsNoPictureIsRefused() {
        Material text = new Material.Picture(bytes(new byte[] {1, 2, 3}), "text", DecodeLimits.defaults());

        assertRefused(text, "media.unreadable");
    }

    private static void assertRefused(Material medium, String code) {
        List<ComposeEvent> events = carriedOut("refused-" + code, List.of(medium), "text");

        assertThat(events).hasSize(1);
        assertThat(events.get(0)).isInstanceOfSatisfying(ComposeEvent.NotUnderstood.class, refused -> {
            assertThat(refused.code()).as(refused.reason()).isEqualTo(code);
            assertThat(refused.retriable()).isFalse();
            assertThat(refused.reason()).startsWith("medium 1: ");
        });
    }

    private static List<ComposeEvent> carriedOut(String id, List<Material> materials, String asked) {
        return node.composes()
                .compose(request(id, materials, asked))
                .runWith(Sink.seq(), node.system())
                .toCompletableFuture()
                .join();
    }

    private static ComposeRequest request(String id, List<Material> materials, String asked) {
        return new ComposeRequest(
                id,
                "Answer request " + id,
                materials,
                TextOptions.greedy(20),
                ComposeRequest.form(true, List.of(asked)),
                1,
                Optional.empty(),
                0,
                Optional.empty());
    }

    private static String id(ComposeEvent last) {
        return last instanceof ComposeEvent.Finished finished ? finished.id() : "unfinished: " + last;
    }

    private static <E extends ComposeEvent> E only(List<ComposeEvent> events, Class<E> type) {
        List<E> found = events.stream().filter(type::isInstance).map(type::cast).toList();
        assertThat(found).as("%s in %s", type.getSimpleName(), events).hasSize(1);
        return found.get(0);
    }

    private static VideoSource bytes(byte[] content) {
        return VideoSource.bytes(content);
    }

    private static Material sound(String sha256, byte[] content) {
        return new Material.Sound(bytes(content), sha256, AudioLimits.defaults());
    }

    private static byte[] dot() {
        return StillImage.png(RgbFrame.of(1, 1, new byte[] {90, 120, 30}));
    }

    private static byte[] clip() throws IOException {
        return resource("/samples/red-circle.mp4");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DemoRequestsTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }

    private static byte[] tone(int samples) {
        float[] tone = new float[samples];
        for (int n = 0; n < samples; n++) {
            tone[n] = (float) (0.3 * Math.sin(n * 0.1));
        }
        return AudioEncoder.encode(AudioClip.of(16_000, tone), AudioFormat.WAV);
    }
}
