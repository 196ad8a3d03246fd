package io.kinora.decoder.unet;

import io.kinora.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a U-Net is conditioned on, besides time.
 *
 * @param encoderHiddenStates text or visual embeddings {@code [B, S, D]}; empty for a network without cross-attention (AudioLDM)
 * @param added pooled embedding and sizes, where the network has {@code addition_embed_type = text_time} (SDXL, Emu2's image decoder)
 * @param classLabels embedding {@code [B, W]} that joins the time embedding, where the network has a class embedding (AudioLDM)
 */
public record UNetPrompt(
        Optional<Tensor> encoderHiddenStates, Optional<AddedConditions> added, Optional<Tensor> classLabels) {
    /**
     * What SDXL adds to the time embedding.
     *
     * @param textEmbeds {@code [B, W]}: the pooled text, or the mean of Emu2's visual embeddings
     * @param timeIds {@code [B, 6]}, any type: original height and width, top and left of the crop, target height and width
     */
    public record AddedConditions(Tensor textEmbeds, Tensor timeIds) {
        /** Checks that both are there. */
        public AddedConditions {
            Objects.requireNonNull(textEmbeds);
            Objects.requireNonNull(timeIds);
        }
    }

    /** The same with every tensor passed through a function. */
    public UNetPrompt map(UnaryOperator<Tensor> function) {
        return new UNetPrompt(
                encoderHiddenStates.map(function),
                added.map(conditions -> new AddedConditions(
                        function.apply(conditions.textEmbeds()), function.apply(conditions.timeIds()))),
                classLabels.map(function));
    }

    /** Embeddings {@code [B, S, D]} alone. */
    public static UNetPrompt of(Tensor encoderHiddenStates) {
        return new UNetPrompt(Optional.of(encoderHiddenStates), Optional.empty(), Optional.empty());
    }

    /** Embeddings {@code [B, S, D]} with pooled embedding and sizes. */
    public static UNetPrompt of(Tensor encoderHiddenStates, Tensor textEmbeds, Tensor timeIds) {
        return new UNetPrompt(
                Optional.of(encoderHiddenStates),
                Optional.of(new AddedConditions(textEmbeds, timeIds)),
                Optional.empty());
    }

    /** A class embedding {@code [B, W]} alone. */
    public static UNetPrompt ofClass(Tensor classLabels) {
        return new UNetPrompt(Optional.empty(), Optional.empty(), Optional.of(classLabels));
    }
}
