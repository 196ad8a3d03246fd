package io.kinora.model.modaverse;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class MediaProjectionTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @Test
    void theReleasedLayerServesAllMedia() {
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, 1, Initialisation.TRAINED);
                MediaProjection projection = new MediaProjection(weights.at("linear_proj"), 5, 3)) {
            assertThat(weights.taken().keySet()).isEqualTo(Set.of("linear_proj.weight", "linear_proj.bias"));
            assertThat(distinctRows(projection)).isEqualTo(1);
        }
    }

    @Test
    void thePapersLayersServeAMediumEach() {
        try (RandomWeights weights =
                        new RandomWeights(engine, DType.F32, 1, Initialisation.TRAINED, "linear_proj.weight"::equals);
                MediaProjection projection = new MediaProjection(weights.at("linear_proj"), 5, 3)) {
            assertThat(weights.taken()).hasSize(6).containsKey("linear_proj.audio.weight");
            assertThat(distinctRows(projection)).isEqualTo(3);
        }
    }

    @Test
    void anEmbeddingOfAnotherPrecisionIsTaken() {
        try (RandomWeights weights = new RandomWeights(engine, DType.BF16, 1, Initialisation.TRAINED);
                MediaProjection projection = new MediaProjection(weights.at("linear_proj"), 5, 3);
                Tensor embedding = engine.of(new float[] {1, 2, 3, 4, 5}, 1, 5);
                Tensor row = projection.forward(MediaKind.IMAGE, embedding)) {
            assertThat(row.dtype()).isEqualTo(DType.BF16);
        }
    }

    private static long distinctRows(MediaProjection projection) {
        return Stream.of(MediaKind.values())
                .map(kind -> {
                    try (Tensor embedding = engine.of(new float[] {1, 2, 3, 4, 5}, 1, 5);
                            Tensor row = projection.forward(kind, embedding)) {
                        return Arrays.toString(row.toFloats());
                    }
                })
                .distinct()
                .count();
    }
}
