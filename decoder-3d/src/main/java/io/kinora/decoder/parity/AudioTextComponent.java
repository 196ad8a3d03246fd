package io.kinora.decoder.parity;

import io.kinora.decoder.audio.ClapTextConfig;
import io.kinora.decoder.audio.ClapTextModel;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code audioldm.clap_text}: token ids, and where there is padding their mask, to CLAP's embeddings. */
public final class AudioTextComponent implements ParityComponent {
    @Override
    public String name() {
        return "audioldm.clap_text";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ClapTextConfig config = ClapTextConfig.read(parityCase.checkpoint());
        Tensor ids = parityCase.tensor("input_ids", engine).to(DType.I64);
        Tensor mask = parityCase.hasInput("attention_mask")
                ? parityCase.tensor("attention_mask", engine)
                : engine.full(1, DType.I64, ids.shape().toArray());
        ReleasedPart.use(parityCase, engine, weights -> new ClapTextModel(config, weights), model -> {
            Tensor embeddings = model.forward(ids, mask);
            outputs.put("text_embeds", embeddings);
            outputs.put("normalized", ClapTextModel.normalized(embeddings));
        });
    }
}
