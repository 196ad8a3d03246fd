package io.kinora.decoder.parity;

import io.kinora.decoder.pipeline.AudioPipeline;
import io.kinora.decoder.pipeline.AudioRequest;
import io.kinora.decoder.pipeline.CancelSignal;
import io.kinora.decoder.pipeline.GeneratedSound;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.PipelineOptions;
import io.kinora.decoder.pipeline.Prompt;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.List;
import java.util.Optional;

/** {@code audioldm.pipeline}: embeddings or words, and noise or a seed, to spectrograms and samples. */
public final class AudioPipelineComponent implements ParityComponent {
    @Override
    public String name() {
        return "audioldm.pipeline";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        PipelineOptions options = new PipelineOptions(DType.F32, Optional.empty());
        GivenNoise noise = new GivenNoise(parityCase, engine, List.of("latents"));
        GenerationListener listener = new GenerationListener() {
            @Override
            public void denoised(Tensor latents) {
                outputs.put("latents", latents);
            }

            @Override
            public void spectrogram(Tensor mel) {
                outputs.put("mel", MelAxes.asExpected(parityCase, mel));
            }
        };
        try (AudioPipeline pipeline = AudioPipeline.open(parityCase.checkpoint(), engine, options)) {
            GeneratedSound sound = pipeline.generate(request(parityCase, engine), noise, listener, CancelSignal.NEVER);
            put(sound, outputs);
        }
    }

    private static void put(GeneratedSound sound, ParityOutputs outputs) {
        int length = sound.samples().length;
        float[] all = new float[sound.pieces() * length];
        for (int i = 0; i < sound.pieces(); i++) {
            System.arraycopy(sound.samples(i), 0, all, i * length, length);
        }
        outputs.put("waveform", all, sound.pieces(), length);
    }

    private static AudioRequest request(ParityCase parityCase, Engine engine) {
        AudioRequest.Builder request = AudioRequest.of(prompt(parityCase, engine));
        if (parityCase.hasInput("audio_length_in_s")) {
            request.seconds(parityCase.input("audio_length_in_s").doubleValue());
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
        return request.eta(parityCase.input("eta").asDouble(0))
                .seed(parityCase.input("seed").asLong(0))
                .build();
    }

    private static Prompt prompt(ParityCase parityCase, Engine engine) {
        if (!parityCase.hasInput("prompt_embeds")) {
            return new Prompt.Text(
                    parityCase.required("prompt").textValue(),
                    Optional.ofNullable(parityCase.input("negative_prompt").textValue()));
        }
        return new Prompt.Embeddings(
                parityCase.tensor("prompt_embeds", engine),
                parityCase.hasInput("negative_prompt_embeds")
                        ? Optional.of(parityCase.tensor("negative_prompt_embeds", engine))
                        : Optional.empty());
    }
}
