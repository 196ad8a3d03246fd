package io.kinora.decoder.parity;

import io.kinora.decoder.pipeline.CancelSignal;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.GenerationListener;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.PipelineOptions;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.PromptTokens;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityOutputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A whole pipeline, from the folder of a checkpoint to latents and frames. */
final class PipelineRun {
    private final ParityCase parityCase;
    private final Engine engine;

    PipelineRun(ParityCase parityCase, Engine engine) {
        this.parityCase = parityCase;
        this.engine = engine;
    }

    /** Frames {@code [F, Y, X, 3]} in 0 to 1. Puts the ids of the prompt, and the latents. */
    Tensor frames(GenerationRequest request, NoiseSource noise, ParityOutputs outputs) {
        putIds(outputs);
        PipelineOptions options = new PipelineOptions(DType.F32, Optional.empty());
        try (DiffusionPipeline pipeline = Pipelines.open(parityCase.checkpoint(), engine, options)) {
            Frames frames = new Frames(outputs);
            pipeline.generate(request, noise, frames, CancelSignal.NEVER);
            return frames.stacked();
        }
    }

    private void putIds(ParityOutputs outputs) {
        for (String suffix : List.of("", "_2")) {
            Path encoder = parityCase.checkpoint().resolve("text_encoder" + suffix);
            if (Files.isDirectory(encoder)) {
                int positions = ClipTextConfig.read(encoder).positions();
                Path tokenizer = parityCase.checkpoint().resolve("tokenizer" + suffix);
                long[] ids = PromptTokens.open(tokenizer, positions)
                        .ids(parityCase.required("prompt").textValue());
                outputs.put("input_ids" + suffix, ids, 1, ids.length);
            }
        }
    }

    /** Copies what a pipeline hands over: its tensors do not outlive the call. */
    private final class Frames implements GenerationListener {
        private final ParityOutputs outputs;
        private final List<float[]> values = new ArrayList<>();
        private long height;
        private long width;

        Frames(ParityOutputs outputs) {
            this.outputs = outputs;
        }

        @Override
        public void denoised(Tensor latents) {
            outputs.put("latents", latents);
        }

        @Override
        public void frame(int index, Tensor pixels) { // [3, Y, X]
            height = pixels.dim(1);
            width = pixels.dim(2);
            values.add(pixels.permute(1, 2, 0).contiguous().toFloats());
        }

        Tensor stacked() {
            try (Scope scope = engine.scope()) {
                List<Tensor> all = values.stream()
                        .map(frame -> engine.of(frame, height, width, 3))
                        .toList();
                return scope.keep(engine.stack(all, 0));
            }
        }
    }
}
