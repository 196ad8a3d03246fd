package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.AudioClip;
import io.kinora.video.AudioEncoder;
import io.kinora.video.AudioFormat;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kinora chat} on a small ModaVerse of the released layout, with a real checkpoint and a real HTTP server as generators. */
@Tag("slow")
class ChatCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PIXEL =
            Base64.getEncoder().encodeToString(StillImage.png(RgbFrame.of(1, 1, new byte[] {1, 2, 3})));

    @TempDir
    static Path shared;

    private static Path modaVerse;
    private static Path textToImage;
    private static Path clip;
    private static Path sound;
    private static Path picture;
    private static HttpServer server;
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @BeforeAll
    static void makeEverything() throws IOException {
        modaVerse = SmallModaVerse.make(shared.resolve("modaverse"));
        textToImage = SmallPipelines.textToImage(shared.resolve("text-to-image"));
        clip = shared.resolve("cat.mp4");
        try (InputStream in =
                Objects.requireNonNull(ChatCommandTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            Files.write(clip, in.readAllBytes());
        }
        sound = shared.resolve("rain.wav");
        writeSound(sound, 22_050);
        picture = shared.resolve("dot.png");
        Files.write(picture, StillImage.png(RgbFrame.of(1, 1, new byte[] {90, 120, 30})));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/", ChatCommandTest::answer);
        server.start();
    }

    @AfterAll
    static void stopServer() {
        server.stop(0);
    }

    @BeforeEach
    void askAnew() {
        ASKED.clear();
    }

    @Test
    void aClipAndASoundBecomeAPictureThatSaysWhereItComesFrom() throws IOException {
        JsonNode facts = chat(
                "--model",
                "modaverse",
                "--media",
                clip.toString(),
                "--media",
                sound.toString(),
                "Make a picture of this",
                "--answer",
                "image",
                "--generator",
                "image=" + textToImage,
                "--seed",
                "5");

        assertThat(facts.path("metaResponse").asText()).startsWith("Modality: [IMAGE] Prompt:");
        Path made = Path.of(facts.path("files").path(0).asText());
        assertThat(made).hasExtension("png").isNotEmptyFile();
        JsonNode lineage = JSON.readTree(Path.of(made.toString().replaceAll("(-\\d)?(-\\d)?\\.png$", "$1.json"))
                .toFile());
        assertThat(lineage.path("prompt").asText()).isNotBlank();
        assertThat(lineage.path("seed").asLong()).isEqualTo(5);
        assertThat(lineage.path("media")).hasSize(2);
        assertThat(lineage.path("metaResponse").asText())
                .isEqualTo(facts.path("metaResponse").asText());
    }

    @Test
    void aPictureIsChangedWhereAPictureIsAskedFor() throws IOException {
        JsonNode facts = chat(
                "--media",
                picture.toString(),
                "Paint it at night",
                "--answer",
                "image",
                "--generator",
                "image=" + textToImage,
                "--strength",
                "0.5");

        String made = facts.path("files").path(0).asText();
        JsonNode lineage = JSON.readTree(
                Path.of(made.replaceAll("(-\\d)?(-\\d)?\\.png$", "$1.json")).toFile());
        assertThat(lineage.path("changed").asText())
                .isEqualTo(lineage.path("media").path(0).asText());
    }

    /** The shapes of the authors' demo requests; which generator is asked is all that the address shows. */
    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({
        "text, text, ''",
        "text, image, /v1/images/generations",
        "text, video, /v1/videos",
        "image, text, ''",
        "image, image, /v1/images/generations",
        "image, audio, /v1/audio/speech",
        "image, video, /v1/videos",
        "audio, text, ''",
        "audio, image, /v1/images/generations",
        "video, text, ''",
        "image+audio, video, /v1/videos",
        "image+audio, text, ''"
    })
    void eachShapeGoesToItsGenerator(String given, String asked, String path) throws IOException {
        List<String> arguments = new ArrayList<>();
        for (String kind : List.of(given.split("\\+", -1))) {
            Path file = kind.equals("image") ? picture : kind.equals("audio") ? sound : clip;
            if (!kind.equals("text")) {
                arguments.addAll(List.of("--media", file.toString()));
            }
        }
        String address = "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
        for (String modality : List.of("image", "audio", "video")) {
            arguments.addAll(List.of("--generator", modality + "=" + address));
        }
        arguments.addAll(List.of("Answer this", "--answer", asked));

        JsonNode facts = chat(arguments.toArray(String[]::new));

        if (path.isEmpty()) {
            assertThat(ASKED).isEmpty();
            assertThat(facts.path("texts")).hasSize(1);
        } else {
            assertThat(ASKED.get(0)).isEqualTo("POST " + path);
            assertThat(facts.path("files")).hasSize(1);
        }
    }

    @Test
    void theVideoGeneratorIsSwappedByConfigurationAlone() throws IOException {
        Path own = config(
                "kind = checkpoint, folder = \"%s\"".formatted(SmallPipelines.textToVideo(folder.resolve("t2v"))));
        Path theirs = config("kind = endpoint, url = \"http://127.0.0.1:%d/v1\", model = other"
                .formatted(server.getAddress().getPort()));

        JsonNode first = lineage(chat("Show it moving", "--answer", "video", "--config", own.toString()));
        printed.forgetOut();
        JsonNode second = lineage(chat("Show it moving", "--answer", "video", "--config", theirs.toString()));

        assertThat(first.path("generator").asText()).isEqualTo("t2v");
        assertThat(second.path("generator").asText())
                .startsWith("http://127.0.0.1")
                .endsWith("/v1 other");
        assertThat(second.path("prompt")).isEqualTo(first.path("prompt"));
    }

    private Path config(String video) throws IOException {
        Path file = Files.createTempFile(folder, "generators", ".conf");
        return Files.writeString(file, "kinora.generators.video { %s }".formatted(video));
    }

    private static JsonNode lineage(JsonNode facts) throws IOException {
        String made = facts.path("files").path(0).asText();
        return JSON.readTree(Path.of(made.replaceAll("\\.\\w+$", ".json")).toFile());
    }

    @Test
    void whatNobodyIsConfiguredForIsSaid() {
        int status = run("Sing", "--answer", "audio");

        assertThat(status).isEqualTo(1);
        assertThat(printed.out()).contains("no generator of that is configured (kinora.generators.audio)");
    }

    @Test
    void aSoundOfTenMillisecondsIsRefused() throws IOException {
        Path tick = folder.resolve("tick.wav");
        writeSound(tick, 160);

        assertThat(run("--media", tick.toString(), "What is it?")).isEqualTo(3);
        assertThat(printed.err()).contains("too short");
    }

    @Test
    void theSoundOfASilentClipIsRefused() {
        assertThat(run("--media", "audio:" + clip, "What do you hear?")).isEqualTo(3);
        assertThat(printed.err()).contains("medium 1").containsIgnoringCase("sound");
    }

    private JsonNode chat(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        int status = run(all.toArray(String[]::new));
        assertThat(status).as(printed.err()).isZero();
        return JSON.readTree(printed.out());
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("chat"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--checkpoint",
                modaVerse.toString(),
                "--max-tokens",
                "24",
                "-o",
                folder.resolve("out").toString(),
                "--data",
                folder.resolve("data").toString()));
        return KinoraCommand.run(all.toArray(String[]::new));
    }

    private static void writeSound(Path file, int samples) throws IOException {
        float[] tone = new float[samples];
        for (int n = 0; n < samples; n++) {
            tone[n] = (float) (0.3 * Math.sin(n * 0.1));
        }
        Files.write(file, AudioEncoder.encode(AudioClip.of(16_000, tone), AudioFormat.WAV));
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        ASKED.add(exchange.getRequestMethod() + " " + path);
        exchange.getRequestBody().readAllBytes();
        if (path.endsWith("/images/generations")) {
            send(exchange, "application/json", "{\"data\": [{\"b64_json\": \"%s\"}]}".formatted(PIXEL));
        } else if (path.endsWith("/audio/speech")) {
            send(exchange, "audio/wav", "RIFF");
        } else if (path.endsWith("/content")) {
            send(exchange, "video/mp4", "ftyp");
        } else {
            send(exchange, "application/json", "{\"id\": \"video_1\", \"status\": \"completed\"}");
        }
    }

    private static void send(HttpExchange exchange, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
