package io.kinora.decoder.parity;

import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.List;

/** {@code text_to_video}: a prompt, and noise or a seed, to the frames of a clip. */
public final class TextToVideoComponent implements ParityComponent {
    @Override
    public String name() {
        return "text_to_video";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        GenerationRequest.Builder request = PipelineInputs.request(parityCase);
        if (parityCase.hasInput("num_frames")) {
            request.frames(parityCase.input("num_frames").intValue());
        }
        GivenNoise noise = new GivenNoise(parityCase, engine, List.of("latents"));
        outputs.put(
                "frames",
                new PipelineRun(parityCase, engine)
                        .frames(request.build(), noise, outputs)
                        .unsqueeze(0));
    }
}
