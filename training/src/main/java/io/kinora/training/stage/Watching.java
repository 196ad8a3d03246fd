package io.kinora.training.stage;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.MotionLabels;
import io.kinora.training.data.PoseFacts;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.world.Colour;
import io.kinora.training.world.Shape;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Teaches the language model to follow shapes from frame to frame before anybody asks: behind every frame it is to know how each shape looks and stands, and
 * what it is doing; and so is, of one shape, the embedding that its middle falls into. Answers alone teach that too, but the one word of an answer says
 * little about which frames it came from. The heads are of no use afterwards.
 *
 * <p>Letters: K frames of a batch, n embeddings of each, D width of the language model, M labels.
 */
public final class Watching {
    private static final int COLOURS = Colour.values().length;
    private static final int SAID = MotionLabels.MOTIONS + PoseFacts.COUNT;
    private static final int LOOKS = COLOURS + Shape.values().length;
    private static final double POSES = 60;
    private static final double STEPS = 300;

    // One row behind a frame has to tell every name from every motion; a row that shows one shape has not.
    private static final double NAMED_MOTIONS = 0.3;

    private final LinearLayer head;
    private final LinearLayer looks;
    private final LinearLayer cells;
    private final int embeddings;
    private final double weight;

    /**
     * For a model.
     *
     * @param heads gives the heads their parameters
     * @param weight of their loss beside that of the answers
     */
    public Watching(Emu2Learner model, Weights heads, double weight) {
        int width = model.config().language().hiddenSize();
        this.head = head(heads.at("watching"), width, MotionLabels.NAMES * SAID);
        this.looks = head(heads.at("looks"), width, MotionLabels.NAMES * LOOKS);
        this.cells = head(heads.at("cells"), width, SAID + LOOKS + PoseFacts.COUNT);
        this.embeddings = model.config().frameEmbeddings();
        this.weight = weight;
    }

    private static LinearLayer head(Weights weights, int width, int said) {
        return LinearLayer.withBias(weights, width, said, Optional.empty());
    }

    /**
     * Its weighted loss.
     *
     * @param rows all rows of the language model {@code [rows, D]}
     * @param places the rows of the embeddings, n for each frame; the row behind a frame's last closes the frame
     * @param labels what is so, frames counted through the batch; not empty
     * @param parts takes what is reported
     */
    Tensor loss(Engine engine, Tensor rows, long[] places, List<MotionLabels.Label> labels, Map<String, Tensor> parts) {
        Tensor loss = behindFrames(engine, rows, places, labels, parts);
        Cells shown = new Cells(labels, places, embeddings);
        if (!shown.labels().isEmpty()) {
            loss = loss.add(inCells(engine, rows, shown, parts));
        }
        return loss.mul(weight);
    }

    private Tensor behindFrames(
            Engine engine, Tensor rows, long[] places, List<MotionLabels.Label> labels, Map<String, Tensor> parts) {
        int frames = places.length / embeddings;
        long[] ends = LongStream.rangeClosed(1, frames)
                .map(frame -> places[Math.toIntExact(frame * embeddings - 1)] + 1)
                .toArray();
        long[] which = labels.stream()
                .mapToLong(label -> (long) label.frame() * MotionLabels.NAMES + label.name())
                .toArray();
        Tensor seen = engine.gather(rows, engine.of(ends, frames)); // (K, D)
        Tensor said = named(engine, head.forward(seen), SAID, which); // (M, said)
        Tensor looked = looks(engine, named(engine, looks.forward(seen), LOOKS, which), labels);
        Tensor poses = poses(engine, said.slice(1, MotionLabels.MOTIONS, SAID), labels);
        parts.put("poses", poses);
        parts.put("looks", looked);
        Tensor loss = poses.mul(POSES).add(looked);
        Optional<Tensor> missed = motions(engine, said, labels);
        missed.ifPresent(part -> parts.put("motions", part));
        return missed.isPresent() ? loss.add(missed.get().mul(NAMED_MOTIONS)) : loss;
    }

    private Tensor inCells(Engine engine, Tensor rows, Cells shown, Map<String, Tensor> parts) {
        List<MotionLabels.Label> labels = shown.labels();
        Tensor said = cells.forward(engine.gather(rows, engine.of(shown.rows(), labels.size())))
                .to(DType.F32); // (M, said + looks + facts)
        Tensor poses = poses(engine, said.slice(1, MotionLabels.MOTIONS, SAID), labels);
        Tensor steps = steps(engine, said.slice(1, SAID + LOOKS, SAID + LOOKS + PoseFacts.COUNT), labels);
        Tensor loss = poses.mul(POSES)
                .add(looks(engine, said.slice(1, SAID, SAID + LOOKS), labels))
                .add(steps.mul(STEPS));
        parts.put("cells", loss);
        parts.put("steps", steps);
        Optional<Tensor> missed = motions(engine, said, labels);
        missed.ifPresent(part -> parts.put("cell-motions", part));
        return missed.isPresent() ? loss.add(missed.get()) : loss;
    }

    /** What is said {@code [K, names · said]} of each label's name in its frame, F32 {@code [M, said]}. */
    private static Tensor named(Engine engine, Tensor all, int said, long[] which) {
        return engine.gather(all.to(DType.F32).reshape(-1, said), engine.of(which, which.length));
    }

    /** Cross-entropy of motions, if the frames tell any. */
    private static Optional<Tensor> motions(Engine engine, Tensor said, List<MotionLabels.Label> labels) {
        long[] motions = labels.stream().mapToLong(MotionLabels.Label::motion).toArray();
        if (LongStream.of(motions).allMatch(motion -> motion == MotionLabels.UNKNOWN)) {
            return Optional.empty();
        }
        return Optional.of(engine.gradients()
                .orElseThrow()
                .crossEntropy(
                        said.slice(1, 0, MotionLabels.MOTIONS),
                        engine.of(motions, motions.length),
                        MotionLabels.UNKNOWN));
    }

    /** Cross-entropy of colour and outline, of which the name gives one away: the other has to be found where that one is. */
    private static Tensor looks(Engine engine, Tensor said, List<MotionLabels.Label> labels) {
        long[] colours = labels.stream()
                .mapToLong(label -> label.pose().isPresent() ? label.colour() : MotionLabels.UNKNOWN)
                .toArray();
        long[] shapes = labels.stream()
                .mapToLong(label -> label.pose().isPresent() ? label.shape() : MotionLabels.UNKNOWN)
                .toArray();
        Gradients gradients = engine.gradients().orElseThrow();
        return gradients
                .crossEntropy(said.slice(1, 0, COLOURS), engine.of(colours, colours.length), MotionLabels.UNKNOWN)
                .add(gradients.crossEntropy(
                        said.slice(1, COLOURS, LOOKS), engine.of(shapes, shapes.length), MotionLabels.UNKNOWN));
    }

    /** Squared error of the poses {@code [M, facts]} of what is to be seen. */
    private static Tensor poses(Engine engine, Tensor said, List<MotionLabels.Label> labels) {
        return missed(
                engine,
                said,
                labels.stream()
                        .map(label -> label.pose().map(PoseFacts::numbers))
                        .toList());
    }

    /** Squared error of how poses {@code [M, facts]} have changed since the frame before: which shape of that frame a shape is, is what motions need. */
    private static Tensor steps(Engine engine, Tensor said, List<MotionLabels.Label> labels) {
        return missed(
                engine,
                said,
                labels.stream()
                        .map(label -> label.pose().flatMap(now -> label.before().map(now::since)))
                        .toList());
    }

    /** Mean squared error of {@code [M, facts]}, where there are facts. */
    private static Tensor missed(Engine engine, Tensor said, List<Optional<float[]>> wanted) {
        float[] facts = new float[wanted.size() * PoseFacts.COUNT];
        float[] known = new float[wanted.size()];
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).isPresent()) {
                System.arraycopy(wanted.get(i).get(), 0, facts, i * PoseFacts.COUNT, PoseFacts.COUNT);
                known[i] = 1;
            }
        }
        Tensor difference = said.sub(engine.of(facts, wanted.size(), PoseFacts.COUNT));
        return Losses.mean(difference.mul(difference).mul(engine.of(known, known.length, 1)));
    }

    /** The embeddings that shapes' middles fall into, each with what it shows; those that two shapes share say nothing. */
    private static final class Cells {
        private final Map<Long, MotionLabels.Label> shown = new LinkedHashMap<>();

        Cells(List<MotionLabels.Label> labels, long[] places, int embeddings) {
            int side = (int) Math.sqrt(embeddings);
            Set<Long> shared = new HashSet<>();
            for (MotionLabels.Label label : labels) {
                label.pose().ifPresent(pose -> {
                    int cell = at(pose.y(), side) * side + at(pose.x(), side);
                    long row = places[label.frame() * embeddings + cell];
                    MotionLabels.Label other = shown.putIfAbsent(row, label);
                    if (other != null && (other.colour() != label.colour() || other.shape() != label.shape())) {
                        shared.add(row);
                    }
                });
            }
            shown.keySet().removeAll(shared);
        }

        private static int at(float middle, int side) {
            return Math.max(0, Math.min(side - 1, (int) (middle * side)));
        }

        long[] rows() {
            return shown.keySet().stream().mapToLong(Long::longValue).toArray();
        }

        List<MotionLabels.Label> labels() {
            return List.copyOf(shown.values());
        }
    }
}
