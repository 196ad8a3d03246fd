package io.kinora.training.stage;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.nn.LinearLayer;
import io.kinora.model.vision.VisualPooling;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.PatchLabels;
import io.kinora.training.data.Pixels;
import io.kinora.training.data.SceneSource;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.world.Scene;
import io.kinora.training.world.SceneRenderer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Teaches the encoder to see before it is asked: every patch is to know the colour, the outline and the middle of the shape it is part of, and the pooled
 * embeddings what is in the picture, where, and how large. It stands where Emu2 starts from an encoder that CLIP's training has taught on
 * billions of captions; the heads are of no use afterwards.
 *
 * <p>Letters: N pictures, P patches of each, n embeddings, W width.
 */
public final class SeeingStage implements Objective<SeeingStage.Batch> {
    private static final double PLACE = 0.5;
    private static final double THERE = 4;
    private static final double WHERE = 2;

    private final Emu2Learner model;
    private final SceneSource scenes;
    private final int pictures;
    private final long seed;
    private final VisualPooling pooling;
    private final LinearLayer patchHead;
    private final LinearLayer pictureHead;

    /** Pictures and what they show. */
    public record Batch(Pixels pixels, List<PatchLabels> labels) {
        /** Copies the list. */
        public Batch {
            labels = List.copyOf(labels);
        }
    }

    /**
     * On an encoder.
     *
     * @param heads gives the heads their parameters
     * @param pictures of a batch
     */
    public SeeingStage(Emu2Learner model, Weights heads, SceneSource scenes, int pictures, long seed) {
        Emu2Config sizes = model.config();
        int W = sizes.vision().width();
        this.model = model;
        this.scenes = scenes;
        this.pictures = pictures;
        this.seed = seed;
        this.pooling = new VisualPooling(sizes.vision().grid(), sizes.imageEmbeddings());
        this.patchHead = LinearLayer.withBias(
                heads.at("patch"), W, PatchLabels.COLOURS + PatchLabels.SHAPES + 2, Optional.empty());
        this.pictureHead = LinearLayer.withBias(
                heads.at("picture"),
                (long) sizes.imageEmbeddings() * W,
                (long) PatchLabels.THINGS * PatchLabels.FACTS,
                Optional.empty());
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int size = model.config().vision().imageSize();
        List<byte[]> frames = new ArrayList<>();
        List<PatchLabels> labels = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            Scene scene = scenes.scene(random.nextLong(1L << 40));
            double moment = random.nextDouble();
            frames.add(new SceneRenderer(scene, size, size).pixels(moment));
            labels.add(new PatchLabels(scene, moment, model.config().vision().grid()));
        }
        return new Batch(new Pixels(frames, size), labels);
    }

    @Override
    public Loss loss(Batch batch) {
        Engine engine = model.engine();
        Tensor tokens = model.patches(batch.pixels().bytes(engine)); // (N, 1 + P, W)
        Map<String, Tensor> parts = new LinkedHashMap<>();
        Tensor patches = ofPatches(engine, tokens, batch.labels(), parts);
        Tensor whole = ofPictures(engine, pooling.forward(tokens), batch.labels(), parts);
        return new Loss(patches.add(whole), parts);
    }

    private Tensor ofPatches(Engine engine, Tensor tokens, List<PatchLabels> labels, Map<String, Tensor> parts) {
        Gradients gradients = engine.gradients().orElseThrow();
        Tensor said = patchHead
                .forward(tokens.slice(1, 1, tokens.dim(1)))
                .to(DType.F32)
                .reshape(-1, PatchLabels.COLOURS + PatchLabels.SHAPES + 2); // (N·P, classes and offsets)
        long[] colours = labels.stream()
                .flatMapToLong(label -> LongStream.of(label.colours()))
                .toArray();
        long[] shapes = labels.stream()
                .flatMapToLong(label -> LongStream.of(label.shapes()))
                .toArray();
        Tensor colour =
                gradients.crossEntropy(said.slice(1, 0, PatchLabels.COLOURS), engine.of(colours, colours.length), -1);
        Tensor shape = gradients.crossEntropy(
                said.slice(1, PatchLabels.COLOURS, PatchLabels.COLOURS + PatchLabels.SHAPES),
                engine.of(shapes, shapes.length),
                -1);
        Tensor offsets =
                engine.of(join(labels.stream().map(PatchLabels::offsets).toList()), shapes.length, 2);
        Tensor place = Losses.squared(said.slice(1, PatchLabels.COLOURS + PatchLabels.SHAPES, said.dim(1)), offsets);
        parts.put("patch-colour", colour);
        parts.put("patch-shape", shape);
        parts.put("patch-place", place);
        return colour.add(shape).add(place.mul(PLACE));
    }

    /** Of pooled embeddings {@code [N, n, W]}. */
    private Tensor ofPictures(Engine engine, Tensor embeddings, List<PatchLabels> labels, Map<String, Tensor> parts) {
        long N = embeddings.dim(0);
        Tensor said = pictureHead
                .forward(embeddings.reshape(N, -1))
                .to(DType.F32)
                .reshape(N, PatchLabels.THINGS, PatchLabels.FACTS);
        Tensor facts = engine.of(
                join(labels.stream().map(PatchLabels::facts).toList()), N, PatchLabels.THINGS, PatchLabels.FACTS);
        Tensor present = facts.slice(2, 0, 1); // (N, things, 1)
        Tensor score = said.slice(2, 0, 1);
        // −log of the probability that is given to what is so: softplus(score) − present · score
        Tensor there = Losses.mean(score.relu()
                .add(score.relu().mul(-2).add(score).exp().add(1).log())
                .sub(score.mul(present)));
        Tensor difference = said.slice(2, 1, PatchLabels.FACTS).sub(facts.slice(2, 1, PatchLabels.FACTS));
        Tensor where = Losses.mean(difference.mul(difference).mul(present)).mul(PatchLabels.THINGS);
        parts.put("there", there);
        parts.put("where", where);
        return there.mul(PatchLabels.THINGS / THERE).add(where.mul(WHERE));
    }

    private static float[] join(List<float[]> pieces) {
        float[] joined =
                new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
        int at = 0;
        for (float[] piece : pieces) {
            System.arraycopy(piece, 0, joined, at, piece.length);
            at += piece.length;
        }
        return joined;
    }
}
