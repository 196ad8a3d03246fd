package io.kinora.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.emu2.Emu2Config;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.MotionLabels;
import io.kinora.training.data.PoseFacts;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameters;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchingTest {
    private static final Path MODEL = Path.of("src/test/resources/io/kinora/training/recipe/tiny/model");

    // Three frames of 2×2 embeddings, each behind a row that opens it and before one that closes it.
    private static final int ROWS = 18;
    private static final long[] PLACES = {1, 2, 3, 4, 7, 8, 9, 10, 13, 14, 15, 16};

    private final Engine engine = Engines.open("libtorch", Device.CPU);
    private final Map<String, Tensor> parts = new HashMap<>();

    @Test
    void asksTheRowBehindEachFrameAndTheEmbeddingsThatOneShapesMiddleFallsInto() {
        List<MotionLabels.Label> labels = List.of(
                label(0, 3, 0.2f, 0.2f), // up left: row 1
                label(0, 5, 0.9f, 0.7f), // down right: row 4
                label(1, 3, 0.4f, 0.6f), // two in one place: no row
                label(1, 5, 0.1f, 0.9f),
                label(2, 3, 1.1f, -0.1f), // over the edge: row 14
                new MotionLabels.Label(2, 5, 1, 5, 2, Optional.empty(), Optional.empty())); // not to be seen
        assertThat(asked(labels)).containsExactly(1, 4, 5, 11, 14, 17);
        assertThat(parts).containsOnlyKeys("poses", "looks", "motions", "cells", "steps", "cell-motions");
    }

    @Test
    void asksNoMotionOfFramesThatTellNone() {
        MotionLabels.Label first = label(0, 3, 0.2f, 0.2f);
        assertThat(asked(List.of(
                        new MotionLabels.Label(0, 3, MotionLabels.UNKNOWN, 3, 1, first.pose(), first.before()))))
                .containsExactly(1, 5);
        assertThat(parts).containsOnlyKeys("poses", "looks", "cells", "steps");
    }

    private static MotionLabels.Label label(int frame, int colour, float x, float y) {
        PoseFacts pose = new PoseFacts(x, y, 0.1f, 0, 0);
        return new MotionLabels.Label(frame, colour, 2, colour, 1, Optional.of(pose), Optional.of(pose));
    }

    /** Rows that the loss depends on. */
    private List<Integer> asked(List<MotionLabels.Label> labels) {
        Emu2Config sizes = Emu2Config.read(MODEL.resolve("multimodal_encoder/config.json"));
        Gradients gradients = engine.gradients().orElseThrow();
        try (Scope scope = engine.scope();
                Parameters parameters = new Parameters(engine, 5, DType.F32);
                Emu2Learner model = new Emu2Learner(parameters, sizes)) {
            Watching watching = new Watching(model, parameters.at("heads"), 0.5);
            int width = sizes.language().hiddenSize();
            Tensor rows = engine.full(0.5, DType.F32, ROWS, width);
            gradients.require(rows);
            try (Gradients.Recording recording = gradients.record()) {
                gradients.backward(watching.loss(engine, rows, PLACES, labels, parts));
            }
            float[] derivative = gradients.of(rows).orElseThrow().toFloats();
            return IntStream.range(0, ROWS)
                    .filter(row ->
                            IntStream.range(row * width, (row + 1) * width).anyMatch(i -> derivative[i] != 0))
                    .boxed()
                    .toList();
        }
    }
}
