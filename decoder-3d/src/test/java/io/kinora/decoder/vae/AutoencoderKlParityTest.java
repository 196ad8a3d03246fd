package io.kinora.decoder.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Fixture;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The autoencoder against the official class. */
class AutoencoderKlParityTest extends WithEngine {
    static Stream<String> cases() {
        return Fixture.names("vae").stream();
    }

    private static AutoencoderKl network(Fixture fixture) {
        return new AutoencoderKl(AutoencoderKlConfig.of(fixture.module()), FillRule.uniform(engine()));
    }

    private static Slicing slicing(Fixture fixture) {
        return fixture.config().get("tiled").asBoolean() ? Slicing.ONE.withTiles() : Slicing.ONE;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void encodingMatches(String name) {
        Fixture fixture = Fixture.of(engine(), "vae", name);
        try (LatentDistribution latents = network(fixture).encode(fixture.tensor("image"), slicing(fixture))) {
            fixture.assertMatches("mean", latents.mean());
            fixture.assertMatches("logvar", latents.logvar());
            fixture.assertMatches("sample", latents.sample(fixture.tensor("noise")));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decodingMatches(String name) {
        Fixture fixture = Fixture.of(engine(), "vae", name);
        fixture.assertMatches("decoded", network(fixture).decode(fixture.tensor("latent"), slicing(fixture)));
    }

    @Test
    void attentionMatches() {
        Fixture fixture = Fixture.of(engine(), "blocks", "vae_attention");
        VaeAttention attention = new VaeAttention(FillRule.uniform(engine()), 16, 4);
        fixture.assertMatches("y", attention.forward(fixture.tensor("x")));
    }

    @Test
    void theSliceSizeDoesNotChangeTheImages() {
        Fixture fixture = Fixture.of(engine(), "vae", "plain");
        AutoencoderKl network = network(fixture);
        Tensor two = fixture.tensor("latent");
        Tensor three = engine().cat(List.of(two, two.slice(0, 0, 1)), 0);
        float[] together = network.decode(three, Slicing.of(3)).toFloats();
        float[] inPairs = network.decode(three, Slicing.of(2)).toFloats();
        assertThat(inPairs).usingComparatorWithPrecision(1e-5f).containsExactly(together);
    }

    @Test
    void theNamesOfTheFirstReleasesAreReadToo() {
        Fixture fixture = Fixture.of(engine(), "vae", "plain");
        AutoencoderKl network =
                new AutoencoderKl(AutoencoderKlConfig.of(fixture.module()), new OldNames(FillRule.uniform(engine())));
        fixture.assertMatches("decoded", network.decode(fixture.tensor("latent"), Slicing.ONE));
    }

    @Test
    void latentsOfTheWrongDepthAreRefusedWithBothShapes() {
        AutoencoderKl network = network(Fixture.of(engine(), "vae", "plain"));
        Tensor latent = engine().zeros(DType.F32, 1, 3, 4, 4);
        assertThatThrownBy(() -> network.decode(latent, Slicing.ONE))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[N, 4, Y, X]")
                .hasMessageContaining("[1, 3, 4, 4]");
    }

    /** A checkpoint whose attention has the old names. */
    private record OldNames(Weights today) implements Weights {
        private static final Map<String, String> NEW =
                Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

        @Override
        public Engine engine() {
            return today.engine();
        }

        @Override
        public Weights at(String name) {
            return new OldNames(today.at(NEW.getOrDefault(name, name)));
        }

        @Override
        public boolean has(String name) {
            return !name.startsWith("to_");
        }

        @Override
        public Tensor take(String name, long... shape) {
            return today.take(name, shape);
        }

        @Override
        public void ignore(String prefix) {
            today.ignore(prefix);
        }
    }
}
