package io.kinora.actors.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.shard.TextOptions;
import io.kinora.model.modaverse.meta.MetaResponse;
import io.kinora.model.modaverse.meta.MetaResponseParser;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.video.AudioLimits;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where things go when the language model's output is given. */
final class RouterTest {
    /** How many of the authors' 53 demo requests have which shape: media given, modality asked for. */
    private static final Map<String, Integer> DEMO = Map.ofEntries(
            Map.entry("text>text", 10),
            Map.entry("text>image", 9),
            Map.entry("text>video", 5),
            Map.entry("image>text", 9),
            Map.entry("image>image", 6),
            Map.entry("image>audio", 5),
            Map.entry("image>video", 2),
            Map.entry("audio>text", 2),
            Map.entry("audio>image", 2),
            Map.entry("video>text", 1),
            Map.entry("image+audio>text", 1),
            Map.entry("image+audio>video", 1));

    private static final Generators GENERATORS = new Generators(Map.of(
            Modality.IMAGE, endpoint("image", Optional.empty()),
            Modality.AUDIO, endpoint("audio", Optional.empty()),
            Modality.VIDEO, endpoint("video", Optional.empty())));

    @AfterAll
    static void close() {
        GENERATORS.close();
    }

    static Stream<Arguments> demo() {
        return DEMO.entrySet().stream().sorted(Map.Entry.comparingByKey()).flatMap(shape -> IntStream.rangeClosed(
                        1, shape.getValue())
                .mapToObj(i -> Arguments.of(
                        shape.getKey().replaceFirst(">.*", ""),
                        shape.getKey().replaceFirst(".*>", ""),
                        "prompt %d of %s".formatted(i, shape.getKey()))));
    }

    @Test
    void thereAreFiftyThree() {
        assertThat(demo()).hasSize(53);
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("demo")
    void eachDemoRequestGoesToTheGeneratorOfItsModality(String given, String asked, String prompt) {
        ComposeRequest request = request(media(given), Optional.empty());

        List<Route> routes =
                routes(request, "Modality: [%s] Prompt: %s ###".formatted(asked.toUpperCase(Locale.ROOT), prompt));

        assertThat(routes).hasSize(1);
        if (asked.equals("text")) {
            Route.Say say = (Route.Say) routes.get(0);
            assertThat(say.text()).isEqualTo(prompt);
            assertThat(say.lineage().generator()).isEqualTo("tiny");
        } else {
            Route.Make make = (Route.Make) routes.get(0);
            assertThat(make.generator().name()).isEqualTo("http://%s/v1".formatted(asked));
            assertThat(make.order().prompt()).isEqualTo(prompt);
            assertThat(make.order().modality().label()).isEqualTo(asked);
            assertThat(make.order().start()).isEmpty();
            assertThat(make.lineage().media()).hasSize(media(given).size());
        }
    }

    @Test
    void eachThingOfAnAnswerHasItsOwnGeneratorPromptAndSeed() {
        List<Route> routes = routes(
                request(List.of(), Optional.empty()),
                "Modality: [IMAGE] Prompt: a cat ### Modality: [AUDIO] Prompt: meow ### Modality: [TEXT] Prompt: done ###");

        assertThat(routes).extracting(Route::index).as("places in the answer").containsExactly(0, 1, 2);
        assertThat(((Route.Make) routes.get(0)).order().prompt()).isEqualTo("a cat");
        Route.Make sound = (Route.Make) routes.get(1);
        assertThat(sound.order().prompt()).isEqualTo("meow");
        assertThat(sound.order().seed()).isEqualTo(8);
        assertThat(sound.order().id()).isEqualTo("r-1");
        assertThat(((Route.Say) routes.get(2)).text()).isEqualTo("done");
    }

    @Test
    void theUsersOwnPictureIsPassedWhereAPictureIsAskedForAndTheRequestSaysHowFarToLeaveIt() {
        List<Material> media = media("audio+image");

        Route.Make make =
                (Route.Make) routes(request(media, Optional.of(0.4)), "Modality: [IMAGE] Prompt: at night ###")
                        .get(0);

        assertThat(make.order().start().orElseThrow().strength()).isEqualTo(0.4);
        assertThat(make.order().start().orElseThrow().material().sha256())
                .isEqualTo(media.get(1).sha256());
        assertThat(make.lineage().changed()).contains(media.get(1).sha256());
    }

    @Test
    void aGeneratorsOwnStrengthCountsWhereTheRequestNamesNone() {
        try (Generators editing = new Generators(Map.of(Modality.IMAGE, endpoint("image", Optional.of(0.7))))) {
            Router router = new Router("tiny", "r1", editing);
            MetaResponse.Invoked response = invoked("Modality: [IMAGE] Prompt: at night ###");

            Route.Make own = (Route.Make) router.routes(request(media("image"), Optional.empty()), response)
                    .get(0);
            Route.Make given = (Route.Make) router.routes(request(media("image"), Optional.of(0.2)), response)
                    .get(0);
            Route.Make none = (Route.Make) router.routes(request(media("video"), Optional.of(0.2)), response)
                    .get(0);

            assertThat(own.order().start().orElseThrow().strength()).isEqualTo(0.7);
            assertThat(given.order().start().orElseThrow().strength()).isEqualTo(0.2);
            assertThat(none.order().start()).as("a clip is no picture").isEmpty();
        }
    }

    @Test
    void whatAGeneratorCannotChangeIsMadeAnew() {
        Route.Make make = (Route.Make)
                routes(request(media("video"), Optional.of(0.5)), "Modality: [VIDEO] Prompt: in winter ###")
                        .get(0);

        assertThat(make.order().start()).isEmpty();
        assertThat(make.lineage().changed()).isEmpty();
    }

    @Test
    void whatNobodyMakesIsSaid() {
        try (Generators none = new Generators(Map.of())) {
            assertThat(new Router("tiny", "r1", none)
                            .routes(
                                    request(List.of(), Optional.empty()),
                                    invoked("Modality: [AUDIO] Prompt: rain ###")))
                    .containsExactly(new Route.Unserved(0, Modality.AUDIO));
        }
    }

    private static List<Route> routes(ComposeRequest request, String metaResponse) {
        return new Router("tiny", "r1", GENERATORS).routes(request, invoked(metaResponse));
    }

    private static MetaResponse.Invoked invoked(String metaResponse) {
        return (MetaResponse.Invoked) MetaResponseParser.parse(metaResponse);
    }

    private static ComposeRequest request(List<Material> media, Optional<Double> strength) {
        return new ComposeRequest(
                "r", "Do it", media, TextOptions.greedy(24), Optional.empty(), 7, strength, 0, Optional.empty());
    }

    private static List<Material> media(String given) {
        return Stream.of(given.split("\\+", -1))
                .filter(kind -> !kind.equals("text"))
                .map(RouterTest::medium)
                .toList();
    }

    private static Material medium(String kind) {
        VideoSource source = VideoSource.bytes(kind.getBytes(StandardCharsets.UTF_8));
        return switch (kind) {
            case "image" -> new Material.Picture(source, kind, DecodeLimits.defaults());
            case "video" -> new Material.Clip(source, kind, DecodeLimits.defaults());
            default -> new Material.Sound(source, kind, AudioLimits.defaults());
        };
    }

    private static Generator endpoint(String name, Optional<Double> strength) {
        return new EndpointGenerator(new EndpointGenerator.Endpoint(
                URI.create("http://%s/v1".formatted(name)),
                Optional.empty(),
                Optional.empty(),
                strength,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1)));
    }
}
