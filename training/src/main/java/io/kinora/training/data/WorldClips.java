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
import java.util.EnumSet;
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
    private final Asking asking;
    private final Shares shares;

    /**
     * What shares of the clips are.
     *
     * @param filmed through files
     * @param solo of one shape for certain; those neither solo nor pairs show one or two
     * @param pairs of two shapes for certain
     */
    public record Shares(double filmed, double solo, double pairs) {
        /** Checks that they are shares. */
        public Shares {
            if (!(filmed >= 0 && filmed <= 1 && solo >= 0 && pairs >= 0 && solo + pairs <= 1)) {
                throw new IllegalArgumentException(
                        "shares of clips are 0 to 1, solo and pairs together: got filmed %s, solo %s, pairs %s"
                                .formatted(filmed, solo, pairs));
            }
        }
    }

    /**
     * What is asked about a clip.
     *
     * @param questions how many, at most
     * @param kinds of which kinds; a clip that none of these can be asked about is asked about anything
     */
    public record Asking(int questions, Set<QuestionKind> kinds) {
        /** Copies the set. */
        public Asking {
            kinds = Set.copyOf(kinds);
        }

        /** So many of any kind. */
        public static Asking any(int questions) {
            return new Asking(questions, EnumSet.allOf(QuestionKind.class));
        }
    }

    /**
     * Clips of a world.
     *
     * @param size side of the encoder's input
     */
    public WorldClips(World world, Split split, int size, Asking asking, Shares shares) {
        this.world = world;
        this.split = split;
        this.size = size;
        this.asking = asking;
        this.shares = shares;
    }

    @Override
    public ClipExample example(long index, int frames) {
        SplittableRandom random = new SplittableRandom(index * STREAM + (split == Split.TRAIN ? 0 : 1));
        Scene scene = scene(index, random.nextDouble());
        boolean film = random.nextDouble() < shares.filmed();
        List<Double> moments = film ? List.of() : moments(frames, random);
        List<RgbFrame> seen = film ? filmed(scene, frames, random) : drawn(scene, moments);
        List<Question> all = new ArrayList<>(Questions.about(scene, split, random.nextLong()));
        if (frames == 1) {
            all.removeIf(WorldClips::needsTime);
        }
        if (all.stream().anyMatch(this::isWanted)) {
            all.removeIf(question -> !isWanted(question));
        }
        List<ClipExample.QuestionAnswer> chosen = new ArrayList<>();
        for (int i = 0; i < asking.questions() && !all.isEmpty(); i++) {
            Question question = all.remove(random.nextInt(all.size()));
            chosen.add(new ClipExample.QuestionAnswer(question.text(), question.answer()));
        }
        return new ClipExample(seen, chosen, MotionLabels.of(scene, moments));
    }

    private Scene scene(long index, double kind) {
        if (kind < shares.solo()) {
            return world.soloScene(split, index);
        }
        return kind < shares.solo() + shares.pairs() ? world.pairScene(split, index) : world.scene(split, index);
    }

    private boolean isWanted(Question question) {
        return asking.kinds().contains(question.kind());
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
