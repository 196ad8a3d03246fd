package io.kinora.decoder.parity;

import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.parity.ParityCase;
import java.util.Optional;

/** The inputs that all pipelines have in common, as a request. What a case does not say is the official pipeline's default. */
final class PipelineInputs {
    private PipelineInputs() {}

    static GenerationRequest.Builder request(ParityCase parityCase) {
        return request(
                parityCase,
                new Prompt.Text(
                        parityCase.required("prompt").textValue(),
                        Optional.ofNullable(parityCase.input("negative_prompt").textValue())));
    }

    static GenerationRequest.Builder request(ParityCase parityCase, Prompt prompt) {
        GenerationRequest.Builder request = GenerationRequest.of(prompt);
        if (parityCase.hasInput("height") && parityCase.hasInput("width")) {
            request.size(
                    parityCase.input("width").intValue(),
                    parityCase.input("height").intValue());
        }
        if (parityCase.hasInput("num_inference_steps")) {
            request.steps(parityCase.input("num_inference_steps").intValue());
        }
        if (parityCase.hasInput("guidance_scale")) {
            request.guidance(parityCase.input("guidance_scale").doubleValue());
        }
        if (parityCase.hasInput("scheduler_class")) {
            request.sampler(
                    SamplerKind.parse(parityCase.input("scheduler_class").textValue()));
        }
        return request.guidanceRescale(parityCase.input("guidance_rescale").asDouble(0))
                .eta(parityCase.input("eta").asDouble(0))
                .seed(parityCase.input("seed").asLong(0));
    }
}
