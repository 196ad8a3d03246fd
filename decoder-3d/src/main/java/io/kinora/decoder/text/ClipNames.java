package io.kinora.decoder.text;

import io.kinora.model.checkpoint.Weights;

/** How a checkpoint names the parts of a CLIP text encoder. */
enum ClipNames {
    /** Hugging Face's names. */
    HUGGING_FACE("self_attn", "layer_norm1", "layer_norm2", "fc1", "fc2"),
    /** OpenAI's and OpenCLIP's own names. */
    OPEN_CLIP("attn", "ln_1", "ln_2", "c_fc", "c_proj");

    private final String attention;
    private final String norm1;
    private final String norm2;
    private final String fc1;
    private final String fc2;

    ClipNames(String attention, String norm1, String norm2, String fc1, String fc2) {
        this.attention = attention;
        this.norm1 = norm1;
        this.norm2 = norm2;
        this.fc1 = fc1;
        this.fc2 = fc2;
    }

    /** The names that a checkpoint uses. */
    static ClipNames of(Weights weights) {
        return weights.has("positional_embedding") && !weights.has("text_model.final_layer_norm.weight")
                ? OPEN_CLIP
                : HUGGING_FACE;
    }

    String attention() {
        return attention;
    }

    String norm1() {
        return norm1;
    }

    String norm2() {
        return norm2;
    }

    String fc1() {
        return fc1;
    }

    String fc2() {
        return fc2;
    }
}
