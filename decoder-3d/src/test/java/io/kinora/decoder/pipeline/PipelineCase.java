package io.kinora.decoder.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorFile;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One case that tools/parity/pipelines.py wrote: its arguments as a request, and the tensors. */
final class PipelineCase {
    private final Path folder;
    private final JsonNode arguments;

    private PipelineCase(Path folder, JsonNode arguments) {
        this.folder = folder;
        this.arguments = arguments;
    }

    static PipelineCase open(String name) throws IOException {
        Path folder = TinyCheckpoint.resource(name);
        return new PipelineCase(
                folder, new ObjectMapper().readTree(folder.resolve("case.json").toFile()));
    }

    Tensor tensor(Engine engine, String name) throws IOException {
        try (TensorFile file = SafetensorsFile.open(folder.resolve("tensors.safetensors"))) {
            return engine.copyOf(
                    file.bytes(name),
                    file.tensors().get(name).dtype(),
                    file.tensors().get(name).shape());
        }
    }

    GenerationRequest.Builder request(Engine engine) throws IOException {
        GenerationRequest.Builder request = GenerationRequest.of(prompt(engine))
                .steps(arguments.get("num_inference_steps").intValue())
                .guidance(arguments.get("guidance_scale").doubleValue())
                .guidanceRescale(arguments.path("guidance_rescale").asDouble(0))
                .eta(arguments.path("eta").asDouble(0))
                .seed(arguments.get("seed").longValue());
        if (arguments.has("height")) {
            request.size(
                    arguments.get("width").intValue(), arguments.get("height").intValue());
            request.frames(arguments.get("num_frames").intValue());
        }
        if (arguments.hasNonNull("scheduler_class")) {
            request.sampler(SamplerKind.parse(arguments.get("scheduler_class").textValue()));
        }
        if (arguments.has("strength")) {
            request.source(new SourceClip(
                    frames(tensor(engine, "input.video")),
                    arguments.get("strength").doubleValue()));
        }
        return request;
    }

    private Prompt prompt(Engine engine) throws IOException {
        if (arguments.has("prompt")) {
            return new Prompt.Text(
                    arguments.get("prompt").textValue(),
                    Optional.ofNullable(arguments.get("negative_prompt")).map(JsonNode::textValue));
        }
        return new Prompt.Embeddings(
                tensor(engine, "input.prompt"), Optional.of(tensor(engine, "input.negative_prompt")));
    }

    private static List<PixelFrame> frames(Tensor video) {
        List<PixelFrame> frames = new ArrayList<>();
        for (long f = 0; f < video.dim(0); f++) {
            byte[] rgb = video.select(0, f).contiguous().toBytes();
            frames.add(PixelFrame.of((int) video.dim(2), (int) video.dim(1), ByteBuffer.wrap(rgb)));
        }
        return frames;
    }
}
