package io.kinora.kafka.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class WireRecordsTest {
    private static final Instant AT = Instant.parse("2026-11-22T10:15:30.123Z");
    private static final ModelIdentity MODEL = new ModelIdentity("emu2-tiny", "r1", true);
    private static final String SHA256 = "0123456789abcdef".repeat(4);
    private static final ClipReference CLIP = new ClipReference("kinora.clips", 1, 42);

    @Property
    void everyQuestionComesBackFromItsBody(@ForAll("questions") Question question) {
        Question.Body body = WireJson.read(WireJson.write(question), Question.Body.class);
        Optional<String> key = question.clip() instanceof ClipTarget.Named named
                ? Optional.of(named.clipOrStream())
                : Optional.empty();
        assertThat(body.resolve("another", key)).isEqualTo(question);
    }

    @Property
    void everyRequestComesBackFromItsBody(@ForAll("requests") Prompt.Generate request) {
        PromptBody body = WireJson.read(WireJson.write(request), PromptBody.class);
        assertThat(body.resolve("another", Optional.empty())).isEqualTo(request);
    }

    @Property
    void hostileBytesGiveAMalformedRecordAndNothingElse(@ForAll byte[] bytes) {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> WireJson.read(bytes, Question.Body.class));
    }

    @Test
    void aBodyThatEndsTooSoonIsSaidWithoutTheParsersRemarksAboutItself() {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> WireJson.read("{\"text\": \"What moves?\"", Question.Body.class))
                .withMessageContaining("line 1, column 1")
                .withMessageNotContaining("Source");
    }

    @Test
    void aCancelComesBackFromItsBody() {
        Prompt cancel = new Prompt.Cancel("job-1", "changed my mind");
        PromptBody body = WireJson.read(WireJson.write(cancel), PromptBody.class);
        assertThat(body.resolve("another", Optional.empty())).isEqualTo(cancel);
    }

    @Test
    void anAnswerComesBackFromItsBody() {
        Question question = Question.of("q-1", "What is it?", new ClipTarget.At(CLIP));
        AnsweredClip clip = new AnsweredClip(
                CLIP, "clip-1", SHA256, List.of(Duration.ZERO, Duration.ofNanos(33_366_667), Duration.ofSeconds(2)));
        Answer answer = new Answer(
                Answer.idOf(question, SHA256, "r1"),
                "q-1",
                "cam1",
                "Ein „Zitat“ \u0000 \uD83D\uDE00",
                Optional.of(new AnsweredSubscription("gate-open", "0011aabbccdd")),
                Optional.of(new AnsweredSession("gate-talk", 3, 1)),
                Optional.of(new AnsweredBehind(WhenBehind.Policy.ONE_OF_N, Duration.ofMillis(12_500), 7)),
                Optional.of(List.of(new ChoiceProbability("yes", 0.75), new ChoiceProbability("no", 0.25))),
                Optional.of(List.of(new TokenLogprob(
                        "yes",
                        List.of(121, 101, 115),
                        -0.25,
                        List.of(new TokenAlternative("no", List.of(110, 111), -1.5))))),
                Optional.of(clip),
                MODEL,
                FinishReason.LENGTH,
                new TokenCounts(530, 64),
                new AnswerTimings(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(3),
                        Duration.ofMillis(4),
                        Duration.ofMillis(11)),
                AT,
                Optional.empty());
        assertThat(WireJson.read(WireJson.write(answer), Answer.class)).isEqualTo(answer);
    }

    @Test
    void aFailedAnswerComesBackFromItsBodyWithTheReason() {
        Question question = Question.of("q-1", "What is it?", new ClipTarget.At(CLIP));
        WireError error = new WireError("clip.expired", "retention removed it");
        Answer answer = Answer.failed(question, "cam1", Optional.empty(), MODEL, error, AnswerTimings.NONE, AT);
        assertThat(WireJson.read(WireJson.write(answer), Answer.class)).isEqualTo(answer);
    }

    @Test
    void jobsAndDeltasComeBackFromTheirBodies() {
        JobState queued = JobState.queued(Prompt.Generate.of("job-1", "A red ball"), AT);
        JobState running = queued.running(3, 25, AT.plusSeconds(1));
        for (JobState state : List.of(
                queued,
                running,
                running.succeeded(CLIP, AT.plusSeconds(2)),
                running.failed(new WireError("decoder.lost", "the decoder went away"), AT.plusSeconds(2)),
                running.cancelled(AT.plusSeconds(2)))) {
            assertThat(WireJson.read(WireJson.write(state), JobState.class)).isEqualTo(state);
        }
        AnswerDelta last = new AnswerDelta("q-1", 7, "", Optional.empty(), Optional.of(FinishReason.STOP));
        assertThat(WireJson.read(WireJson.write(last), AnswerDelta.class)).isEqualTo(last);
    }

    @Test
    void aJobNeverLeavesAFinalState() {
        JobState done = JobState.queued(Prompt.Generate.of("job-1", "A red ball"), AT)
                .running(25, 25, AT)
                .succeeded(CLIP, AT);
        assertThatIllegalStateException()
                .isThrownBy(() -> done.cancelled(AT))
                .withMessage("job job-1 is SUCCEEDED and cannot become CANCELLED");
    }

    @Test
    void anAnswersIdFollowsFromAllThatDeterminesItAndNothingElse() {
        Question question = Question.of("q-1", "What is it?", new ClipTarget.At(CLIP));
        String id = Answer.idOf(question, SHA256, "r1");
        assertThat(Answer.idOf(question, SHA256, "r1")).isEqualTo(id).hasSize(32);
        Question elsewhere = Question.of("q-1", "What is it?", new ClipTarget.LatestOf("cam1"));
        assertThat(Answer.idOf(elsewhere, SHA256, "r1")).isEqualTo(id);
        assertThat(Answer.idOf(question.withPriority(3).withDeadline(Optional.of(AT)), SHA256, "r1"))
                .isEqualTo(id);
        assertThat(List.of(
                        Answer.idOf(Question.of("q-2", "What is it?", question.clip()), SHA256, "r1"),
                        Answer.idOf(Question.of("q-1", "Who is it?", question.clip()), SHA256, "r1"),
                        Answer.idOf(question.withFrames(16), SHA256, "r1"),
                        Answer.idOf(question.withSettings(question.settings().withMaxNewTokens(7)), SHA256, "r1"),
                        Answer.idOf(question.withSettings(question.settings().withTemperature(0.5)), SHA256, "r1"),
                        Answer.idOf(question.withSettings(AnswerSettings.of(7)), SHA256, "r1"),
                        Answer.idOf(question.withSettings(question.settings().withTopLogprobs(2)), SHA256, "r1"),
                        Answer.idOf(
                                question.withSettings(question.settings().withChoices(List.of("yes", "no"))),
                                SHA256,
                                "r1"),
                        Answer.idOf(question, SHA256.replace('0', '1'), "r1"),
                        Answer.idOf(question, SHA256, "r2")))
                .doesNotContain(id)
                .doesNotHaveDuplicates();
    }

    @Test
    void fieldsThatAreNotKnownArePassedOver() {
        Question.Body body =
                WireJson.read("{\"text\":\"What?\",\"mood\":{\"a\":[1,2]},\"stream\":\"cam1\"}", Question.Body.class);
        assertThat(body.resolve("q", Optional.empty()).clip()).isEqualTo(new ClipTarget.LatestOf("cam1"));
    }

    @Test
    void anErrorSaysWhichFieldWhatItGotAndWhatIsAllowed() {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> WireJson.read("{\"text\":\"What?\",\"frames\":9}", Question.Body.class)
                        .resolve("q", Optional.of("cam1")))
                .withMessage("question: frames is 9, allowed are 8, 12 and 16")
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.VALUE));
    }

    @Test
    void aFieldNamedTwiceIsRefused() {
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> WireJson.read("{\"text\":\"a\",\"text\":\"b\"}", Question.Body.class))
                .withMessageContaining("text");
    }

    @Test
    void clipAndStreamTogetherAreRefused() {
        Question.Body body = WireJson.read("{\"text\":\"a\",\"clip\":\"c\",\"stream\":\"s\"}", Question.Body.class);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> body.resolve("q", Optional.empty()))
                .withMessageContaining("clip and stream are both given");
    }

    @Test
    void anAnswerWithoutClipOrErrorCannotBeMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Answer(
                        "a",
                        "q",
                        "s",
                        "text",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        MODEL,
                        FinishReason.STOP,
                        TokenCounts.NONE,
                        AnswerTimings.NONE,
                        AT,
                        Optional.empty()))
                .withMessageContaining("clip is missing");
    }

    @Provide
    Arbitrary<Question> questions() {
        Arbitrary<String> ids =
                Arbitraries.strings().alpha().numeric().ofMinLength(1).ofMaxLength(40);
        Arbitrary<ClipTarget> targets = Arbitraries.oneOf(
                ids.map(ClipTarget.WithId::new),
                ids.map(ClipTarget.LatestOf::new),
                ids.map(ClipTarget.Named::new),
                Arbitraries.longs()
                        .between(0, Long.MAX_VALUE)
                        .map(offset -> new ClipTarget.At(new ClipReference("clips", 3, offset))));
        return Combinators.combine(
                        ids,
                        texts(),
                        targets,
                        Arbitraries.of(8, 12, 16),
                        settings(),
                        Arbitraries.integers().between(-100, 100),
                        Arbitraries.longs()
                                .between(0, 4_000_000_000L)
                                .map(Instant::ofEpochSecond)
                                .optional())
                .as((id, text, clip, frames, settings, priority, deadline) -> new Question(
                        id, text, clip, frames, settings, priority, deadline, Optional.empty(), Optional.empty()));
    }

    private static Arbitrary<AnswerSettings> settings() {
        Arbitrary<Integer> tokens = Arbitraries.integers().between(1, AnswerSettings.MAX_NEW_TOKENS);
        Arbitrary<Long> seeds = Arbitraries.longs().between(0, Long.MAX_VALUE);
        Arbitrary<List<String>> choices = texts().map(text -> text.length() > 256 ? text.substring(0, 256) : text)
                .list()
                .uniqueElements()
                .ofMinSize(2)
                .ofMaxSize(5);
        Arbitrary<AnswerSettings> drawn = Combinators.combine(
                        tokens,
                        Arbitraries.doubles().between(0, 2),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.doubles().between(0.01, 1),
                        Arbitraries.doubles().between(0.5, 2),
                        seeds,
                        texts().list().ofMaxSize(3),
                        Arbitraries.integers().between(0, 20).optional())
                .as((most, temperature, topK, topP, penalty, seed, stop, top) -> new AnswerSettings(
                        most, temperature, topK, topP, 0.1, penalty, seed, stop, 1, Optional.empty(), top, List.of()));
        Arbitrary<AnswerSettings> searched = Combinators.combine(
                        tokens,
                        seeds,
                        Arbitraries.integers().between(2, 16),
                        Arbitraries.doubles().between(-2, 2).optional())
                .as((most, seed, beams, penalty) -> new AnswerSettings(
                        most, 0, 0, 1, 0, 1, seed, List.of(), beams, penalty, Optional.empty(), List.of()));
        return Arbitraries.oneOf(
                drawn, searched, Combinators.combine(seeds, choices).as((seed, allowed) -> AnswerSettings.of(seed)
                        .withChoices(allowed)));
    }

    @Provide
    Arbitrary<Prompt.Generate> requests() {
        return Combinators.combine(texts(), sources(), generationSettings(), orders())
                .as((text, source, settings, order) -> new Prompt.Generate("job-1", text, "", source, settings, order));
    }

    private static Arbitrary<Optional<Prompt.Source>> sources() {
        Arbitrary<ClipTarget> targets = Arbitraries.of(
                new ClipTarget.At(CLIP), new ClipTarget.WithId("clip-7"), new ClipTarget.LatestOf("camera-1"));
        Arbitrary<OptionalDouble> strengths = Arbitraries.doubles()
                .between(0, false, 1, true)
                .map(OptionalDouble::of)
                .injectDuplicates(0.1);
        return Combinators.combine(targets, strengths).as(Prompt.Source::new).optional();
    }

    private static Arbitrary<JobOrder> orders() {
        return Combinators.combine(
                        Arbitraries.of("default", "studio-1"),
                        Arbitraries.integers().between(-100, 100))
                .as((tenant, priority) -> new JobOrder(tenant, priority, Optional.of(AT)));
    }

    private static Arbitrary<GenerationSettings> generationSettings() {
        Arbitrary<OptionalInt> sizes = Arbitraries.integers().between(2, 256).map(eighth -> OptionalInt.of(eighth * 8));
        return Combinators.combine(
                        sizes,
                        sizes,
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        Arbitraries.of(VideoFormat.values()),
                        Arbitraries.integers().between(8, 24),
                        Arbitraries.doubles().between(1, 50))
                .as((width, height, seed, format, frames, guidance) -> new GenerationSettings(
                        format.isPicture() ? 1 : frames,
                        width,
                        height,
                        8,
                        OptionalInt.empty(),
                        OptionalDouble.of(guidance),
                        0.25,
                        seed,
                        Optional.of("dpm++"),
                        format,
                        false));
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMinLength(1).ofMaxLength(200).filter(text -> !text.isBlank());
    }
}
