package io.kinora.actors.adapter;

import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.llm.TextGenerator;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code emu2.logits}: an interleaved prompt of texts, pictures and frames to the scores of the token behind it. */
public final class Emu2LogitsComponent implements ParityComponent {
    private static final long SEQUENCE = 0;

    @Override
    public String name() {
        return "emu2.logits";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        try (Emu2Case emu2 = Emu2Case.open(parityCase, engine)) {
            Emu2PromptIds prompt = Emu2Messages.prompt(parityCase, emu2);
            Tensor rows = emu2.embed(prompt);
            Tensor last = emu2.model().stages().prefill(SEQUENCE, rows, TextGenerator.DEFAULT_CHUNK);
            outputs.put("input_ids", emu2.ids(prompt));
            outputs.put("input_embeds", rows.unsqueeze(0));
            outputs.put("logits", emu2.model().stages().logits(last));
        }
    }
}
