package io.kinora.training.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.training.eval.GenerateReport.Attribute;
import io.kinora.training.world.Filming;
import io.kinora.training.world.ScenePrompt;
import io.kinora.training.world.ScenePrompts;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.Rational;
import io.kinora.video.VideoFormat;
import io.kinora.video.VideoSource;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The evaluations of made clips, with makers that draw truly, draw something else, or give back what they got. */
class MadeClipsTest {
    private static final int CLIPS = 6;
    private static final Filming FILMING = new Filming(VideoFormat.MP4_H264, 128, 128, Rational.of(8, 1), 16, 75);
    private static final Answerer SILENT = (clip, questions) -> CompletableFuture.completedFuture(
            questions.stream().map(question -> "?").toList());

    @Test
    void clipsThatShowTheirPromptsAreRight() {
        GenerateEvaluation.Result result =
                new GenerateEvaluation(3, CLIPS).run((prompt, seed) -> drawn(prompt), SILENT, done -> {});
        assertThat(result.report().complete()).isEqualTo(new Score(CLIPS, CLIPS));
        assertThat(result.report().answered().get(Attribute.COLOUR)).isEqualTo(new Score(0, CLIPS));
        assertThat(result.report().clips()).allMatch(GenerateReport.Made::shown);
        assertThat(result.sheet().width()).isGreaterThan(16 * 60);
    }

    @Test
    void clipsThatShowSomethingElseAreWrong() {
        ScenePrompt other = new ScenePrompts(new World(4)).prompt(Split.TRAIN, 1);
        GenerateEvaluation.Result result = new GenerateEvaluation(3, 2)
                .run((prompt, seed) -> CompletableFuture.completedFuture(filmed(other)), SILENT, done -> {});
        assertThat(result.report().complete()).isEqualTo(new Score(0, 2));
        assertThat(result.report().clips().get(0).seen())
                .contains(other.scene().first().name());
    }

    @Test
    void aClipThatComesBackAsItWasHasSurvived() {
        AutoencodeReport report = new AutoencodeEvaluation(3, 3)
                .run((clip, seed) -> CompletableFuture.completedFuture(clip), done -> {})
                .report();
        assertThat(report.psnr()).isEqualTo(100);
        assertThat(report.ssim()).isGreaterThan(0.999);
        assertThat(report.survived())
                .allSatisfy((attribute, score) -> assertThat(score).isEqualTo(new Score(3, 3)));
    }

    private static CompletableFuture<VideoSource> drawn(String prompt) {
        ScenePrompts prompts = new ScenePrompts(new World(3));
        return CompletableFuture.completedFuture(LongStream.range(0, CLIPS)
                .mapToObj(index -> prompts.prompt(Split.HELD_OUT, index))
                .filter(candidate -> candidate.text().equals(prompt))
                .map(MadeClipsTest::filmed)
                .findFirst()
                .orElseThrow());
    }

    private static VideoSource filmed(ScenePrompt prompt) {
        return VideoSource.bytes(FILMING.film(prompt.scene()));
    }
}
