package io.kinora.training.eval;

import io.kinora.training.eval.GenerateReport.Attribute;
import io.kinora.training.world.ScenePrompt;
import io.kinora.training.world.ScenePrompts;
import io.kinora.training.world.Split;
import io.kinora.training.world.Sprite;
import io.kinora.training.world.World;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Has clips made from held-out prompts, and judges them twice: by image processing, and by asking the model about its own clip.
 * The largest shape of a clip counts.
 */
public final class GenerateEvaluation {
    private static final int FRAMES = 16;
    private static final List<String> QUESTIONS =
            List.of("What colour is the shape?", "What shape is in the video?", "What does the shape do?");

    private final long seed;
    private final int clips;

    /**
     * So many prompts of the held-out world of a seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public GenerateEvaluation(long seed, int clips) {
        if (clips < 1) {
            throw new IllegalArgumentException("clips is %d, allowed are 1 and more".formatted(clips));
        }
        this.seed = seed;
        this.clips = clips;
    }

    /** The figures, and a picture of all clips. */
    public record Result(GenerateReport report, RgbFrame sheet) {}

    /**
     * Makes and judges everything; while one clip is judged the next is being made.
     *
     * @param progress told the number of clips done
     */
    public Result run(ClipMaker maker, Answerer answerer, IntConsumer progress) {
        ScenePrompts prompts = new ScenePrompts(new World(seed));
        Tally tally = new Tally();
        CompletableFuture<VideoSource> next = make(prompts.prompt(Split.HELD_OUT, 0), 0, maker);
        for (int i = 0; i < clips; i++) {
            VideoSource clip = next.join();
            if (i + 1 < clips) {
                next = make(prompts.prompt(Split.HELD_OUT, i + 1), i + 1, maker);
            }
            List<String> answers =
                    answerer.answer(clip, QUESTIONS).toCompletableFuture().join();
            tally.count(prompts.prompt(Split.HELD_OUT, i), frames(clip), answers);
            progress.accept(i + 1);
        }
        return new Result(tally.report(), tally.sheet.picture());
    }

    private CompletableFuture<VideoSource> make(ScenePrompt prompt, int index, ClipMaker maker) {
        return maker.make(prompt.text(), seed + index).toCompletableFuture();
    }

    private static List<RgbFrame> frames(VideoSource clip) {
        return FrameSampler.uniform(FRAMES).sample(clip, DecodeLimits.defaults()).frames().stream()
                .map(ClipFrame::image)
                .toList();
    }

    private static final class Tally {
        private final Map<Attribute, Score> judged = new EnumMap<>(Attribute.class);
        private final Map<Attribute, Score> answered = new EnumMap<>(Attribute.class);
        private final List<GenerateReport.Made> made = new ArrayList<>();
        private final ClipSheet sheet = new ClipSheet();
        private Score complete = Score.NONE;

        private void count(ScenePrompt prompt, List<RgbFrame> frames, List<String> answers) {
            Sprite wanted = prompt.scene().first();
            Optional<Sighting> seen = ImageJudge.judge(frames).stream().findFirst();
            Map<Attribute, Boolean> found = new EnumMap<>(Attribute.class);
            found.put(
                    Attribute.COLOUR,
                    seen.filter(s -> s.colour() == wanted.colour()).isPresent());
            found.put(
                    Attribute.SHAPE,
                    seen.filter(s -> s.shape() == wanted.shape()).isPresent());
            found.put(
                    Attribute.MOTION,
                    seen.filter(s -> s.motions().equals(wanted.motions())).isPresent());
            found.forEach((attribute, right) -> judged.merge(attribute, Score.NONE.plus(right), Score::plus));
            List<String> expected = List.of(
                    wanted.colour().word(),
                    wanted.shape().word(),
                    wanted.motion().phrase());
            for (Attribute attribute : Attribute.values()) {
                int at = List.of(Attribute.values()).indexOf(attribute);
                boolean right = QaEvaluation.matches(expected.get(at), answers.get(at));
                answered.merge(attribute, Score.NONE.plus(right), Score::plus);
            }
            boolean all = !found.containsValue(false);
            complete = complete.plus(all);
            String told = seen.map(Sighting::words).orElse("");
            made.add(new GenerateReport.Made(prompt.text(), String.join(" ", expected), told, answers, all));
            sheet.add(frames, all);
        }

        private GenerateReport report() {
            return new GenerateReport(judged, answered, complete, made);
        }
    }
}
