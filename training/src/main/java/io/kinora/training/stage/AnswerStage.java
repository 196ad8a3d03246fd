package io.kinora.training.stage;

import io.kinora.model.emu2.prompt.Chat;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.ClipExample;
import io.kinora.training.data.ClipSource;
import io.kinora.training.data.MotionLabels;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Sequences;
import io.kinora.video.RgbFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Captioning and instruction tuning: cross-entropy on the tokens of answers, behind the very prompt that serving writes.
 *
 * <p>The questions about a clip are branches behind its frames, so that a clip is encoded once however many they are.
 */
public final class AnswerStage implements Objective<AnswerStage.Batch> {
    private final Emu2Learner model;
    private final ClipSource clips;
    private final Emu2Prompts prompts;
    private final Tokenizer tokenizer;
    private final List<Mixture> mixtures;
    private final Optional<Watching> watching;
    private final long seed;

    /**
     * Batches of one kind.
     *
     * @param frames frames of each clip
     * @param clips clips of a batch
     * @param weight how often such a batch comes, in proportion to the others
     */
    public record Mixture(int frames, int clips, double weight) {}

    /** Frames {@code [clips · frames, size, size, 3]} and the sequences behind them. */
    public static final class Batch {
        private final ByteBuffer pixels;
        private final Shape shape;
        private final Sequences sequences;
        private final List<MotionLabels.Label> motions;

        Batch(ByteBuffer pixels, Shape shape, Sequences sequences, List<MotionLabels.Label> motions) {
            this.pixels = pixels;
            this.shape = shape;
            this.sequences = sequences;
            this.motions = List.copyOf(motions);
        }
    }

    /** On a model with its tokenizer, with batches of several kinds in turn. */
    public AnswerStage(Emu2Learner model, Tokenizer tokenizer, ClipSource clips, List<Mixture> mixtures, long seed) {
        this(model, tokenizer, clips, mixtures, Optional.empty(), seed);
    }

    /** The same with a loss on what the shapes of a clip are doing, if wanted. */
    public AnswerStage(
            Emu2Learner model,
            Tokenizer tokenizer,
            ClipSource clips,
            List<Mixture> mixtures,
            Optional<Watching> watching,
            long seed) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.clips = clips;
        this.prompts = new Emu2Prompts(
                tokenizer,
                model.config().imageEmbeddings(),
                model.config().frameEmbeddings(),
                model.config().language().maxPositions());
        this.mixtures = List.copyOf(mixtures);
        this.watching = watching;
        this.seed = seed;
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        Mixture mixture = pick(random);
        List<ClipExample> examples = new ArrayList<>();
        for (int i = 0; i < mixture.clips(); i++) {
            examples.add(clips.example(random.nextLong(1L << 40), mixture.frames()));
        }
        return batch(examples);
    }

    private Mixture pick(SplittableRandom random) {
        double all = mixtures.stream().mapToDouble(Mixture::weight).sum();
        double at = random.nextDouble() * all;
        for (Mixture mixture : mixtures) {
            at -= mixture.weight();
            if (at < 0) {
                return mixture;
            }
        }
        return mixtures.get(mixtures.size() - 1);
    }

    /** A batch of clips of equally many frames. */
    public Batch batch(List<ClipExample> examples) {
        List<RgbFrame> frames =
                examples.stream().flatMap(example -> example.frames().stream()).toList();
        int size = model.config().vision().imageSize();
        ByteBuffer pixels = ByteBuffer.allocate(frames.size() * size * size * 3);
        frames.forEach(frame -> pixels.put(frame.pixels()));
        List<Sequences.Tree> trees = examples.stream().map(this::tree).toList();
        return new Batch(
                pixels.flip(),
                Shape.of(frames.size(), size, size, 3),
                new Sequences(trees, prompts.tokens().frame()),
                motions(examples));
    }

    /** Frames counted through the batch. */
    private static List<MotionLabels.Label> motions(List<ClipExample> examples) {
        List<MotionLabels.Label> labels = new ArrayList<>();
        int before = 0;
        for (ClipExample example : examples) {
            for (MotionLabels.Label label : example.motions()) {
                labels.add(label.behind(before));
            }
            before += example.frames().size();
        }
        return labels;
    }

    private Sequences.Tree tree(ClipExample example) {
        PromptPart clip = new PromptPart.Frames(example.frames().size());
        int[] beginning = {};
        List<Sequences.Branch> branches = new ArrayList<>();
        for (ClipExample.QuestionAnswer asked : example.questions()) {
            Emu2PromptIds prompt = prompts.chat(Chat.question(clip, new PromptPart.Text(asked.question())));
            int trunk = prompt.reusablePrefix();
            int[] all = prompt.ids();
            beginning = Arrays.copyOf(all, trunk);
            int[] answer = IntStream.concat(
                            IntStream.of(tokenizer.encode(asked.answer())),
                            IntStream.of(prompts.tokens().end()))
                    .toArray();
            int[] branch = IntStream.concat(IntStream.of(all).skip(trunk), IntStream.of(answer))
                    .toArray();
            branches.add(new Sequences.Branch(branch, answer.length));
        }
        return new Sequences.Tree(beginning, branches);
    }

    @Override
    public Loss loss(Batch batch) {
        Engine engine = model.engine();
        Tensor frames = engine.copyOf(batch.pixels, DType.U8, batch.shape);
        Tensor embeddings = model.see(frames); // (N, n, W)
        Tensor flat = embeddings.reshape(-1, embeddings.dim(2)); // (N·n, W)
        Tensor rows = model.read(batch.sequences, flat); // (B·T, D)
        Map<String, Tensor> parts = new LinkedHashMap<>();
        Tensor loss = answers(batch.sequences, rows, parts);
        if (watching.isPresent() && !batch.motions.isEmpty()) {
            loss = loss.add(watching.get().loss(engine, rows, batch.sequences.places(), batch.motions, parts));
        }
        return new Loss(loss, parts);
    }

    /** Cross-entropy of the answers. */
    private Tensor answers(Sequences sequences, Tensor rows, Map<String, Tensor> parts) {
        Engine engine = model.engine();
        long[] asked = sequences.asked();
        Tensor logits = model.logits(engine.gather(rows, engine.of(asked, asked.length))); // (K, V)
        Tensor targets = engine.of(sequences.targets(), asked.length);
        Tensor loss = engine.gradients().orElseThrow().crossEntropy(logits, targets, Sequences.NOTHING);
        parts.put("answers", loss);
        parts.put("right", right(engine, logits, sequences));
        return loss;
    }

    /** Share of answer tokens that come first in the model's own ranking. */
    private static Tensor right(Engine engine, Tensor logits, Sequences sequences) {
        long[] found = logits.argmax(-1).toLongs();
        long[] targets = sequences.targets();
        long same = IntStream.range(0, found.length)
                .filter(i -> found[i] == targets[i])
                .count();
        return engine.full((double) same / found.length, DType.F32, 1);
    }
}
