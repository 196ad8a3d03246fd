package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Linear;
import io.kinora.decoder.nn.Sinusoids;
import io.kinora.decoder.nn.TimestepEmbedding;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** What some 2D U-Nets give to their time embedding besides time: SDXL's sizes and pooled text, AudioLDM's class embedding. */
final class AddedEmbedding {
    private final Optional<SizeInput> sizeInput;
    private final Optional<Linear> classEmbedding; // W -> D

    private record SizeInput(TimestepEmbedding embedding, int sinusoidWidth) {
        /** Pooled embedding and sinusoids of six numbers, {@code [B, W + 6·width]}, to {@code [B, D]}. */
        Tensor forward(UNetPrompt.AddedConditions conditions) {
            Tensor pooled = conditions.textEmbeds().to(embedding.dtype()); // [B, W]
            Engine engine = pooled.engine();
            Tensor sinusoids = Sinusoids.of(engine, sinusoidWidth, numbers(conditions.timeIds()))
                    .reshape(pooled.dim(0), -1) // [B, 6·width]
                    .to(embedding.dtype());
            return embedding.forward(engine.cat(List.of(pooled, sinusoids), 1));
        }

        private static double[] numbers(Tensor timeIds) {
            float[] floats = timeIds.toFloats();
            double[] numbers = new double[floats.length];
            for (int i = 0; i < floats.length; i++) {
                numbers[i] = floats[i];
            }
            return numbers;
        }
    }

    AddedEmbedding(UNet2dConfig config, Weights weights) {
        int time = 4 * config.widths().get(0);
        this.sizeInput = config.sizeEmbedding()
                .map(sizes -> new SizeInput(
                        new TimestepEmbedding(weights.at("add_embedding"), sizes.inputWidth(), time),
                        sizes.sinusoidWidth()));
        this.classEmbedding = config.classWidth().isPresent()
                ? Optional.of(Linear.of(
                        weights.at("class_embedding"), config.classWidth().getAsInt(), time))
                : Optional.empty();
    }

    /** {@code [B, D]}, where the network wants sizes. */
    Optional<Tensor> sizes(UNetPrompt prompt) {
        return sizeInput.map(
                input -> input.forward(
                        prompt.added()
                                .orElseThrow(
                                        () -> new IllegalArgumentException(
                                                "this U-Net is conditioned on a pooled embedding and sizes (text_embeds, time_ids); the prompt has none"))));
    }

    /** {@code [B, D]}, where the network wants a class. */
    Optional<Tensor> classes(UNetPrompt prompt) {
        return classEmbedding.map(linear -> linear.forward(prompt.classLabels()
                .orElseThrow(() -> new IllegalArgumentException(
                        "this U-Net is conditioned on a class embedding (class_labels); the prompt has none"))
                .to(linear.dtype())));
    }
}
