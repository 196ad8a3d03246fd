package io.kinora.model.modaverse.meta;

import static io.kinora.model.modaverse.meta.Modality.AUDIO;
import static io.kinora.model.modaverse.meta.Modality.IMAGE;
import static io.kinora.model.modaverse.meta.Modality.TEXT;
import static io.kinora.model.modaverse.meta.Modality.VIDEO;
import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.modaverse.meta.MetaResponse.Fault;
import io.kinora.model.modaverse.meta.MetaResponse.Invoked;
import io.kinora.model.modaverse.meta.MetaResponse.Malformed;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetaResponseParserTest {
    @Test
    void theReleasedFormIsOneInvocation() {
        says("Modality: [IMAGE] Prompt: a photo of a cat ###", invocation(IMAGE, "a photo of a cat"));
        says("Modality: [TEXT] Prompt: line one.\nline two. ###", invocation(TEXT, "line one.\nline two."));
        says("Modality: [TEXT] Prompt: use ## and #tags ###", invocation(TEXT, "use ## and #tags"));
    }

    @Test
    void aPromptEndsAtTheMarkOrWithTheAnswer() {
        says("Modality: [IMAGE] Prompt: cat\n### Human: more", invocation(IMAGE, "cat"));
        says("Modality: [IMAGE] Prompt: truncated with no stop", invocation(IMAGE, "truncated with no stop"));
    }

    @Test
    void flagsMayShareAPrompt() {
        says("Modality: [VIDEO] [AUDIO] Prompt: rain ###", invocation(VIDEO, "rain"), invocation(AUDIO, "rain"));
    }

    @Test
    void invocationsThatFollowEachOtherKeepTheirPrompts() {
        says(
                "Modality: [IMAGE] Prompt: cat ### Modality: [AUDIO] Prompt: meow ###",
                invocation(IMAGE, "cat"),
                invocation(AUDIO, "meow"));
        says(
                "Modality: [IMAGE] Prompt: cat Modality: [AUDIO] [AUDIO] Prompt: meow ###",
                invocation(IMAGE, "cat"),
                invocation(AUDIO, "meow"));
        says(
                "Modality: [IMAGE] Prompt: cat ### Human: now Modality: [AUDIO] Prompt: meow ###",
                invocation(IMAGE, "cat"));
    }

    @Test
    void whatNamesNoModalityIsText() {
        says("Prompt: hello ###", invocation(TEXT, "hello"));
        says("Modality: [image] Prompt: cat ###", invocation(TEXT, "cat"));
        says("A cat sits on a wall. ###", invocation(TEXT, "A cat sits on a wall."));
        says("(Laughs) Of course.", invocation(TEXT, "(Laughs) Of course."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Modality: [IMAGE] a cat ### | NO_PROMPT",
                "[IMAGE] prompt: cat ### | NO_PROMPT",
                "[IMAGE] Prompt: | EMPTY_PROMPT",
                "Modality: [IMAGE] Prompt: ### | EMPTY_PROMPT",
                "### | EMPTY_PROMPT",
                "'' | EMPTY",
                "'  ' | EMPTY",
                "{\"model\": \"text-to-smell\", \"prompts\": \"a rose\"} | UNKNOWN_MODEL",
                "{\"model\": \"text-to-image\"} | NO_PROMPT",
                "{\"model\": \"text-to-image\", \"prompts\": \"\"} | EMPTY_PROMPT",
                "{\"model\": \"text-to-image\", \"prompts\": \"a ro | UNREADABLE",
                "{\"invocation\": []} | NO_PROMPT"
            })
    void whatCannotBeActedOnSaysWhy(String answer, Fault fault) {
        assertThat(MetaResponseParser.parse(answer)).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.fault()).isEqualTo(fault);
            assertThat(malformed.raw()).isEqualTo(answer);
            assertThat(malformed.message()).isNotBlank();
        });
    }

    @Test
    void theFormOfThePaperIsReadToo() {
        says("{model: \"text-to-image\", prompts: \"a photo of a cat\"}", invocation(IMAGE, "a photo of a cat"));
        says(
                "{\"model\": \"text-to-audio\", \"prompts\": [\"rain\", \"wind\"]}",
                invocation(AUDIO, "rain"),
                invocation(AUDIO, "wind"));
        says(
                "{\"instruction\": [\"show it\"], \"invocation\": [(\"text-to-image\", \"A cat\"), ('text-to-video', 'it\\'s running')]}",
                invocation(IMAGE, "A cat"),
                invocation(VIDEO, "it's running"));
        says("(\"text-to-image\", \"A photo of a cat\")", invocation(IMAGE, "A photo of a cat"));
        says("```json\n[{\"model\": \"text_to_video\", \"prompt\": \"a boat\",}]\n```", invocation(VIDEO, "a boat"));
    }

    /** The table that was made by running the authors' parser. */
    @Test
    void theReleasedParserIsFollowedToTheLetter() {
        released("Modality: [IMAGE] Prompt: a photo of a cat ###", "a photo of a cat", IMAGE);
        released("Modality: [TEXT] Prompt: line one.\nline two. ###", "line one.\nline two.", TEXT);
        released("Prompt: hello ###", "hello", TEXT);
        released("Modality: [IMAGE] Prompt: cat\n### Human: more", "cat", IMAGE);
        released("Modality: [IMAGE] Prompt: truncated with no stop", "truncated with no stop", IMAGE);
        released("Modality: [VIDEO] [AUDIO] Prompt: rain ###", "rain", AUDIO, VIDEO);
        released("Modality: [IMAGE] Prompt: cat ### Modality: [AUDIO] Prompt: meow ###", "cat", IMAGE, AUDIO);
        released(
                "Modality: [IMAGE] Prompt: cat Modality: [AUDIO] [AUDIO] Prompt: meow ###",
                "cat Modality: [AUDIO] [AUDIO] Prompt: meow",
                AUDIO,
                IMAGE);
        released("Modality: [TEXT] Prompt: use ## and #tags ###", "use ## and #tags", TEXT);
        released("Modality: [IMAGE] Prompt: ###", "###", IMAGE);
        released("Modality: [image] Prompt: cat ###", "cat", TEXT);
        released("[Prompt: a] Prompt: b", "b", TEXT);
        for (String failing :
                List.of("Modality: [IMAGE] a cat ###", "[IMAGE] prompt: cat ###", "[IMAGE] Prompt:", "")) {
            assertThat(ReleasedParser.parse(failing)).isEmpty();
        }
    }

    @Property
    void noAnswerIsAnException(@ForAll("answers") String answer) {
        MetaResponse parsed = MetaResponseParser.parse(answer);
        Optional<ReleasedParser.Parsed> released = ReleasedParser.parse(answer);

        assertThat(parsed.raw()).isEqualTo(answer);
        assertThat(released).isNotNull();
    }

    @Property
    void whatIsWrittenIsReadBack(@ForAll("prompts") List<String> prompts) {
        StringBuilder answer = new StringBuilder();
        for (int i = 0; i < prompts.size(); i++) {
            answer.append("Modality: %s Prompt: %s ### "
                    .formatted(Modality.ALL.get(i % 4).flag(), prompts.get(i)));
        }
        List<Invocation> wanted = java.util.stream.IntStream.range(0, prompts.size())
                .mapToObj(i -> new Invocation(Modality.ALL.get(i % 4), prompts.get(i)))
                .toList();

        assertThat(MetaResponseParser.parse(answer.toString()))
                .isInstanceOfSatisfying(Invoked.class, invoked -> assertThat(invoked.invocations())
                        .isEqualTo(wanted));
    }

    @Provide
    Arbitrary<String> answers() {
        Arbitrary<String> scraps = Arbitraries.of(
                "Modality:",
                "[IMAGE]",
                "[TEXT]",
                "[audio]",
                "Prompt:",
                "###",
                "##",
                " ",
                "\n",
                "{",
                "}",
                "[",
                "]",
                "(",
                ")",
                ",",
                ":",
                "\"",
                "'",
                "\\",
                "\\u00",
                "model",
                "text-to-image",
                "invocation",
                "prompts",
                "```",
                "a cat",
                "\u3000",
                "\ud83d");
        return Arbitraries.oneOf(scraps, Arbitraries.strings().ofMaxLength(4))
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<List<String>> prompts() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars(" .,#[]()")
                .ofMinLength(1)
                .ofMaxLength(30)
                .map(String::strip)
                .filter(prompt -> !prompt.isBlank() && !prompt.contains("###") && !prompt.endsWith("#"))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    private static void says(String answer, Invocation... invocations) {
        assertThat(MetaResponseParser.parse(answer)).isEqualTo(new Invoked(answer, List.of(invocations)));
    }

    private static void released(String answer, String prompt, Modality... modalities) {
        assertThat(ReleasedParser.parse(answer)).contains(new ReleasedParser.Parsed(List.of(modalities), prompt));
    }

    private static Invocation invocation(Modality modality, String prompt) {
        return new Invocation(modality, prompt);
    }
}
