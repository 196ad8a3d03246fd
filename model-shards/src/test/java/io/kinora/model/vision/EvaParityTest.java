package io.kinora.model.vision;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.Naming;
import io.kinora.model.parity.ParityCase;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The visual encoder against timm's EVA with post-norm blocks. */
class EvaParityTest {
    private static final double BLOCK_ERROR = 1e-4;

    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({"eva_block, model.visual.", "eva_native, visual."})
    void tokensAreThoseOfTheReferenceWithEitherFormOfBias(String name, String prefix) {
        try (ParityCase parity = ParityCase.open(engine, name);
                Checkpoint checkpoint = parity.checkpoint(Naming.under(prefix));
                EvaVisionTransformer visual = encoder(parity, checkpoint);
                Scope scope = engine.scope()) {
            parity.assertClose("tokens", visual.forward(parity.input("pixel_values")), BLOCK_ERROR);
        }
    }

    @Test
    void picturesOfAnotherSizeAreRefusedWithBothShapes() {
        try (ParityCase parity = ParityCase.open(engine, "eva_block");
                Checkpoint checkpoint = parity.checkpoint(Naming.under("model.visual."));
                EvaVisionTransformer visual = encoder(parity, checkpoint);
                Scope scope = engine.scope()) {
            assertThatThrownBy(() -> visual.forward(engine.zeros(DType.F32, 1, 3, 28, 42)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("[N, 3, 42, 42]")
                    .hasMessageContaining("[1, 3, 28, 42]");
        }
    }

    private static EvaVisionTransformer encoder(ParityCase parity, Checkpoint checkpoint) {
        EvaConfig config = EvaConfig.from(parity.config().path("vision_config"));
        return checkpoint.load(weights -> new EvaVisionTransformer(weights, config, Optional.empty()));
    }
}
