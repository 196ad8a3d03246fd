package io.kinora.model.llm.parity;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code llama.logits}: scores and hidden states (behind the final norm) of the last positions of padded rows. Where the case has an
 * adapter it is applied, beside the matrices.
 */
public class LlamaLogitsComponent implements ParityComponent {
    @Override
    public String name() {
        return "llama.logits";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        TokenRows tokens = TokenRows.read(parityCase, engine);
        int keep = parityCase.hasInput("keep_last")
                ? parityCase.required("keep_last").intValue()
                : tokens.width();
        try (CaseModel model = CaseModel.open(parityCase, engine, 1)) {
            List<Tensor> hidden = new ArrayList<>();
            for (TokenRows.Row row : tokens.rows()) {
                Tensor all = model.run(0, row);
                model.stages().free(0);
                List<Tensor> kept = new ArrayList<>();
                for (int column = tokens.width() - keep; column < tokens.width(); column++) {
                    kept.add(all.select(0, row.tokenAt(column)));
                }
                hidden.add(engine.stack(kept, 0)); // (keep, D)
            }
            Tensor last = engine.stack(hidden, 0); // (B, keep, D)
            outputs.put("last_hidden_state", last);
            outputs.put("logits", model.stages().logits(last));
        }
    }
}
