package io.kinora.model.checkpoint;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The fixture's language model: its tensors are asked for as a real one asks. */
final class TinyLlama {
    static final int VOCABULARY = 24;
    static final int WIDTH = 16;
    static final int INNER = 24;

    private TinyLlama() {}

    /** A folder of the fixture. */
    static Path folder(String name) {
        try {
            return Path.of(TinyLlama.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes every tensor of the model. */
    static void take(Weights weights) {
        weights.take("lm_head.weight", VOCABULARY, WIDTH);
        Weights model = weights.at("model");
        model.take("embed_tokens.weight", VOCABULARY, WIDTH);
        model.take("norm.weight", WIDTH);
        for (int i = 0; i < 2; i++) {
            Weights layer = model.at("layers." + i);
            layer.take("input_layernorm.weight", WIDTH);
            layer.take("post_attention_layernorm.weight", WIDTH);
            for (String name : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
                layer.at("self_attn").at(name).take("weight", WIDTH, WIDTH);
            }
            layer.at("self_attn").ignore("rotary_emb.");
            layer.take("mlp.gate_proj.weight", INNER, WIDTH);
            layer.take("mlp.up_proj.weight", INNER, WIDTH);
            layer.take("mlp.down_proj.weight", WIDTH, INNER);
        }
    }
}
