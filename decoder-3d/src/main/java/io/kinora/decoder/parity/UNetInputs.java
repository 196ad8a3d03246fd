package io.kinora.decoder.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityException;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/** The inputs of a U-Net: a sample, a time for all rows or one for each, and what it is conditioned on. */
final class UNetInputs {
    private final ParityCase parityCase;
    private final Engine engine;

    UNetInputs(ParityCase parityCase, Engine engine) {
        this.parityCase = parityCase;
        this.engine = engine;
    }

    void run(DenoisingUNet unet, ParityOutputs outputs) {
        Tensor sample = parityCase.tensor("sample", engine);
        double[] timesteps = timesteps();
        try (Conditioning conditioning = unet.condition(prompt());
                TimeSchedule schedule = timesteps.length == 1
                        ? unet.embedTime(conditioning, timesteps)
                        : unet.embedTimePerSample(conditioning, timesteps)) {
            outputs.put("sample", unet.forward(sample, schedule.step(0), conditioning));
        }
    }

    private double[] timesteps() {
        JsonNode node = parityCase.required("timestep");
        if (node.isNumber()) {
            return new double[] {node.doubleValue()};
        }
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .mapToDouble(JsonNode::doubleValue)
                    .toArray();
        }
        Tensor tensor = parityCase.tensor(node, engine);
        if (!tensor.dtype().isFloat()) {
            return LongStream.of(tensor.toLongs()).mapToDouble(time -> time).toArray();
        }
        float[] floats = tensor.toFloats();
        double[] times = new double[floats.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = floats[i];
        }
        return times;
    }

    private UNetPrompt prompt() {
        Optional<Tensor> textEmbeds = optional("text_embeds");
        Optional<Tensor> timeIds = optional("time_ids");
        if (textEmbeds.isPresent() != timeIds.isPresent()) {
            throw new ParityException(
                    "%s: text_embeds and time_ids are given together or not at all".formatted(parityCase.folder()));
        }
        return new UNetPrompt(
                optional("encoder_hidden_states"),
                textEmbeds.map(text -> new UNetPrompt.AddedConditions(text, timeIds.orElseThrow())),
                optional("class_labels"));
    }

    private Optional<Tensor> optional(String name) {
        return parityCase.hasInput(name) ? Optional.of(parityCase.tensor(name, engine)) : Optional.empty();
    }
}
