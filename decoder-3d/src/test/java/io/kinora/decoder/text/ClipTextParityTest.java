package io.kinora.decoder.text;

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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The text encoders against the official classes. */
class ClipTextParityTest extends WithEngine {
    static Stream<String> cases() {
        return Fixture.names("clip").stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theEncoderMatches(String name) {
        Fixture fixture = Fixture.of(engine(), "clip", name);
        assertMatches(fixture, FillRule.uniform(engine()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesWithoutThePrefixAreReadToo(String name) {
        assertMatches(Fixture.of(engine(), "clip", name), new WithoutPrefix(FillRule.uniform(engine())));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void openClipsOwnNamesAreReadToo(String name) {
        Set<String> ignored = new HashSet<>();
        assertMatches(Fixture.of(engine(), "clip", name), new OpenClipNames(FillRule.uniform(engine()), "", ignored));
        assertThat(ignored).contains("transformer.resblocks.3.", "visual.");
    }

    @Test
    void aTextLongerThanThePositionsIsRefused() {
        ClipTextConfig config =
                ClipTextConfig.of(Fixture.of(engine(), "clip", "clip_l").module());
        ClipTextModel model = new ClipTextModel(config, FillRule.uniform(engine()));
        Tensor ids = engine().zeros(DType.I64, 1, 11);
        assertThatThrownBy(() -> model.forward(ids))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("from 1 to 10")
                .hasMessageContaining("[1, 11]");
    }

    private static void assertMatches(Fixture fixture, Weights weights) {
        ClipTextOutput output =
                new ClipTextModel(ClipTextConfig.of(fixture.module()), weights).forward(fixture.tensor("ids"));
        fixture.assertMatches("last", output.lastHiddenState());
        fixture.assertMatches("penultimate", output.penultimateHiddenState());
        if (fixture.has("pooled")) {
            fixture.assertMatches("pooled", output.pooled());
            assertThat(output.textEmbeds()).isEmpty();
        } else {
            fixture.assertMatches("text_embeds", output.textEmbeds().orElseThrow());
        }
    }

    /** A checkpoint that leaves {@code text_model} out of its names. */
    private record WithoutPrefix(Weights released) implements Weights {
        @Override
        public Engine engine() {
            return released.engine();
        }

        @Override
        public Weights at(String name) {
            return name.equals("text_projection")
                    ? released.at(name)
                    : released.at("text_model").at(name);
        }

        @Override
        public boolean has(String name) {
            return name.equals("final_layer_norm.weight");
        }

        @Override
        public Tensor take(String name, long... shape) {
            return released.take(name, shape);
        }

        @Override
        public void ignore(String prefix) {
            released.ignore(prefix);
        }
    }

    /** A checkpoint in OpenCLIP's own layout, of one layer more than is used. */
    private record OpenClipNames(Weights released, String path, Set<String> ignored) implements Weights {
        @Override
        public Engine engine() {
            return released.engine();
        }

        @Override
        public Weights at(String name) {
            return new OpenClipNames(released, path + name + ".", ignored);
        }

        @Override
        public boolean has(String name) {
            return name.equals("positional_embedding") || name.equals("transformer.resblocks.3.ln_1.weight");
        }

        @Override
        public Tensor take(String name, long... shape) {
            String key = path + name;
            if (key.contains("in_proj_")) {
                String kind = key.substring(key.lastIndexOf('_') + 1);
                String attention = key.substring(0, key.indexOf("in_proj_"));
                long[] third = shape.clone();
                third[0] /= 3;
                return engine().cat(
                                List.of("q_proj", "k_proj", "v_proj").stream()
                                        .map(part -> released.take(huggingFace(attention + part + "." + kind), third))
                                        .toList(),
                                0);
            }
            if (key.equals("text_projection")) {
                return released.take("text_projection.weight", shape[1], shape[0])
                        .transpose(0, 1);
            }
            return released.take(huggingFace(key), shape);
        }

        private static String huggingFace(String key) {
            return "text_model."
                    + key.replace("transformer.resblocks", "encoder.layers")
                            .replace(".attn.", ".self_attn.")
                            .replace(".ln_1.", ".layer_norm1.")
                            .replace(".ln_2.", ".layer_norm2.")
                            .replace("mlp.c_fc", "mlp.fc1")
                            .replace("mlp.c_proj", "mlp.fc2")
                            .replace("ln_final", "final_layer_norm")
                            .replace("positional_embedding", "embeddings.position_embedding.weight")
                            .replaceFirst("^token_embedding", "embeddings.token_embedding");
        }

        @Override
        public void ignore(String prefix) {
            ignored.add(path + prefix);
        }
    }
}
