package io.kinora.model.checkpoint;

import io.kinora.tensor.Shape;
import java.util.regex.Pattern;

/** What a tensor is to its layer, told from its name and number of axes; the models here name theirs alike. */
enum TensorKind {
    /** Scale of a norm. */
    NORM,
    /** Added to a layer's output. */
    BIAS,
    /** Table of embeddings: tokens, positions, classes. */
    EMBEDDING,
    /** Weight of a linear layer. */
    LINEAR,
    /** Weight of a convolution. */
    CONVOLUTION,
    /** Weight that training starts at zero, so that its branch adds nothing at first. */
    ZERO_START,
    /** Temperature of a contrastive head, stored as its logarithm. */
    LOGIT_SCALE,
    /** Anything else. */
    OTHER;

    /** The last layer of a temporal convolution, and the second factor of LoRA. */
    private static final Pattern ZERO_STARTS =
            Pattern.compile(".*(\\.|^)(temp_convs\\.\\d+\\.conv4\\.\\d+|lora_B(\\.\\w+)?)\\.weight");

    private static final Pattern EMBEDDINGS = Pattern.compile(".*(embed|token|wte|wpe)[^.]*(\\.weight)?");

    /** The kind of a tensor of that full name and shape. */
    static TensorKind of(String name, Shape shape) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (last.endsWith("bias")) {
            return BIAS;
        }
        if (last.endsWith("logit_scale")) {
            return LOGIT_SCALE;
        }
        if (ZERO_STARTS.matcher(name).matches()) {
            return ZERO_START;
        }
        if (shape.rank() >= 3 && last.equals("weight")) {
            return CONVOLUTION;
        }
        if (EMBEDDINGS.matcher(name).matches()) {
            return EMBEDDING;
        }
        if (shape.rank() == 2) {
            return LINEAR;
        }
        return shape.rank() == 1 && last.equals("weight") ? NORM : OTHER;
    }
}
