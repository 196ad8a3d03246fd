package io.kinora.model.emu2;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Naming;
import io.kinora.model.vision.EvaConfig;
import io.kinora.model.vision.EvaVisionTransformer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.nio.file.Path;
import java.util.Optional;

/** {@code eva_clip}: normalised pixels to tokens, with the visual encoder of any released Emu2 file. */
public final class EvaClipComponent implements ParityComponent {
    private static final String VISUAL = "visual.";

    @Override
    public String name() {
        return "eva_clip";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        JsonNode json = Emu2CaseFolder.config(parityCase);
        EvaConfig config = EvaConfig.from(json.has("vision_config") ? json.path("vision_config") : json);
        Path weights = Emu2CaseFolder.of(parityCase).weights();
        CheckpointOptions options =
                CheckpointOptions.DEFAULT.withComputeType(DType.F32).withNaming(naming(weights));
        try (Checkpoint checkpoint = Checkpoint.open(weights, engine, options);
                EvaVisionTransformer encoder =
                        checkpoint.load(tensors -> new EvaVisionTransformer(tensors, config, Optional.empty()))) {
            outputs.put("tokens", encoder.forward(parityCase.tensor("pixel_values", engine)));
        }
    }

    /** An encoder's own file has no prefix; from a whole model's, the encoder's tensors are taken. */
    private static Naming naming(Path weights) {
        CheckpointOptions released = CheckpointOptions.DEFAULT.withNaming(Emu2Naming.RELEASED);
        boolean whole = Checkpoint.inventory(weights, released).tensors().keySet().stream()
                .anyMatch(name -> name.startsWith(VISUAL));
        return whole ? Emu2Naming.RELEASED.then(Naming.under(VISUAL)) : Emu2Naming.RELEASED;
    }
}
