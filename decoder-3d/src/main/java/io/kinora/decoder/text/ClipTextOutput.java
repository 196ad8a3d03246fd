package io.kinora.decoder.text;

import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * What a text encoder says about texts.
 *
 * @param lastHiddenState after the last layer and the final norm, {@code [B, T, D]}: what Stable Diffusion and ModelScope read
 * @param penultimateHiddenState after the last layer but one, without a norm, {@code [B, T, D]}: what SDXL reads
 * @param pooled the last hidden state at the end-of-text token, {@code [B, D]}
 * @param textEmbeds the pooled state, projected, {@code [B, P]}, where there is a projection
 */
public record ClipTextOutput(
        Tensor lastHiddenState, Tensor penultimateHiddenState, Tensor pooled, Optional<Tensor> textEmbeds) {}
