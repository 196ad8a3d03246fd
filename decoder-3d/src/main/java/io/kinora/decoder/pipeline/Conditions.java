package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What a U-Net is told: the prompt, and where guidance is on what to move away from. Each for all samples of the job.
 *
 * @param conditional the prompt
 * @param unconditional its opposite
 */
record Conditions(UNetPrompt conditional, Optional<UNetPrompt> unconditional) {
    /** Both in one batch, unconditional first, as the official pipelines have it (Emu2's has it the other way; samples do not mix). */
    UNetPrompt joined(Engine engine) {
        UNetPrompt other = unconditional.orElseThrow();
        return new UNetPrompt(
                join(engine, other.encoderHiddenStates(), conditional.encoderHiddenStates()),
                other.added()
                        .map(added -> new UNetPrompt.AddedConditions(
                                engine.cat(
                                        List.of(
                                                added.textEmbeds(),
                                                conditional
                                                        .added()
                                                        .orElseThrow()
                                                        .textEmbeds()),
                                        0),
                                engine.cat(
                                        List.of(
                                                added.timeIds(),
                                                conditional
                                                        .added()
                                                        .orElseThrow()
                                                        .timeIds()),
                                        0))),
                join(engine, other.classLabels(), conditional.classLabels()));
    }

    private static Optional<Tensor> join(Engine engine, Optional<Tensor> first, Optional<Tensor> second) {
        return first.map(tensor -> engine.cat(List.of(tensor, second.orElseThrow()), 0));
    }
}
