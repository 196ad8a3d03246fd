package io.kinora.training.data;

import io.kinora.training.world.Filming;
import io.kinora.training.world.Question;
import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Questions;
import io.kinora.training.world.Scene;
import io.kinora.training.world.SceneRenderer;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSampler;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Clips of the procedural world with their questions. Most are drawn straight in the encoder's size, at the moments at which serving would
 * sample a file of them; the rest go through a real encoder and decoder, as every clip does that is asked about.
 */
public final class WorldClips implements ClipSource {
    private static final Set<QuestionKind> STEADY = Set.of(
            QuestionKind.COLOUR,
            QuestionKind.SHAPE,
            QuestionKind.COUNT,
            QuestionKind.RELATION,
            QuestionKind.SIZE,
            QuestionKind.BACKGROUND);
    private static final long STREAM = 0x5bd1e995L;
    private static final int SHORTEST = 16;
    private static final int LONGEST = 48;

    private final World world;
    private final Split split;
    private final int size;
    private final int questions;
    private final double filmed;
    private final double solo;

    /**
     * Clips of a world.
     *
     * @param size side of the encoder's input
     * @param questions asked about each clip
     * @param filmed share of clips that go through files
     * @param solo share of clips that show one shape only, besides those that do anyway
     */
    public WorldClips(World world, Split split, int size, int questions, double filmed, double solo) {
        this.world = world;
        this.split = split;
        this.size = size;
        this.questions = questions;
        this.filmed = filmed;
        this.solo = solo;
    }

    @Override
    public ClipExample example(long index, int frames) {
        SplittableRandom random = new SplittableRandom(index * STREAM + (split == Split.TRAIN ? 0 : 1));
        Scene scene = random.nextDouble() < solo ? world.soloScene(split, index) : world.scene(split, index);
        boolean film = random.nextDouble() < filmed;
        List<Double> moments = film ? List.of() : moments(frames, random);
        List<RgbFrame> seen = film ? filmed(scene, frames, random) : drawn(scene, moments);
        List<Question> all = new ArrayList<>(Questions.about(scene, split, random.nextLong()));
        if (frames == 1) {
            all.removeIf(WorldClips::needsTime);
        }
        List<ClipExample.QuestionAnswer> chosen = new ArrayList<>();
        for (int i = 0; i < questions && !all.isEmpty(); i++) {
            Question question = all.remove(random.nextInt(all.size()));
            chosen.add(new ClipExample.QuestionAnswer(question.text(), question.answer()));
        }
        return new ClipExample(seen, chosen, MotionLabels.of(scene, moments));
    }

    /** Whether one frame cannot answer it: it is about what happens, or names a shape by what it does. */
    private static boolean needsTime(Question question) {
        return !STEADY.contains(question.kind()) || question.text().contains(" that ");
    }

    /** Of the frames that {@link FrameSampler} picks out of a file of some length. */
    private static List<Double> moments(int frames, SplittableRandom random) {
        int length = SHORTEST + random.nextInt(LONGEST - SHORTEST + 1);
        return IntStream.range(0, frames)
                .map(k -> (2 * k + 1) * length / (2 * frames))
                .mapToObj(frame -> SceneRenderer.moment(frame, length))
                .toList();
    }

    private List<RgbFrame> drawn(Scene scene, List<Double> moments) {
        SceneRenderer renderer = new SceneRenderer(scene, size, size);
        return moments.stream().map(renderer::frame).toList();
    }

    private List<RgbFrame> filmed(Scene scene, int frames, SplittableRandom random) {
        byte[] file = Filming.of(split, random.nextLong()).film(scene);
        FrameSize side = new FrameSize(size, size);
        return FrameSampler.uniform(frames)
                .mapping(frame -> FrameResizer.likePil(frame, side, FrameResizer.Filter.BICUBIC))
                .sample(VideoSource.bytes(file), DecodeLimits.defaults())
                .frames()
                .stream()
                .map(ClipFrame::image)
                .toList();
    }
}
