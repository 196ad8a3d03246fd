package io.kinora.decoder.parity;

import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.text.ClipTextOutput;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code clip_text}: token ids to the states of a text encoder. */
public final class ClipTextComponent implements ParityComponent {
    @Override
    public String name() {
        return "clip_text";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ClipTextConfig config = ClipTextConfig.read(parityCase.checkpoint());
        Tensor ids = parityCase.tensor("input_ids", engine).to(DType.I64);
        ReleasedPart.use(parityCase, engine, weights -> new ClipTextModel(config, weights), model -> {
            ClipTextOutput states = model.forward(ids);
            outputs.put("last_hidden_state", states.lastHiddenState());
            outputs.put("penultimate_hidden_state", states.penultimateHiddenState());
            outputs.put("pooled", states.pooled());
            states.textEmbeds().ifPresent(embeds -> outputs.put("text_embeds", embeds));
        });
    }
}
