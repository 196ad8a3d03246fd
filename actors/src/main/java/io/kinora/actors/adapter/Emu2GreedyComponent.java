package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.node.TextNode;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.llm.FinishReason;
import io.kinora.model.llm.GeneratedText;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code emu2.greedy}: the most probable answer to an interleaved prompt, as ids (with the one that ends it) and as text. */
public final class Emu2GreedyComponent implements ParityComponent {
    /** What the official code generates unless told otherwise. */
    private static final int USUAL_TOKENS = 10;

    @Override
    public String name() {
        return "emu2.greedy";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        try (Emu2Case emu2 = Emu2Case.open(parityCase, engine)) {
            Emu2PromptIds prompt = Emu2Messages.prompt(parityCase, emu2);
            Tensor rows = emu2.embed(prompt);
            int end = emu2.config().language().eosTokens().get(0);
            int most = parityCase.input("max_new_tokens").asInt(USUAL_TOKENS);
            GenerationSettings settings = new GenerationSettings(SamplingSettings.GREEDY, most, Set.of(end), 0);
            GeneratedText answer = emu2.model().textGenerator().generate(rows, settings, token -> true);
            List<Integer> ids = new ArrayList<>(answer.ids());
            if (answer.finish() == FinishReason.STOP) {
                ids.add(end);
            }
            SpecialTokens specials = parityCase.input("skip_special_tokens").asBoolean(true)
                    ? SpecialTokens.SKIPPED
                    : SpecialTokens.KEPT;
            int[] tokens = ids.stream().mapToInt(Integer::intValue).toArray();
            outputs.put("input_ids", emu2.ids(prompt));
            outputs.put("input_embeds", rows.unsqueeze(0));
            outputs.put("token_ids", ids.stream().mapToLong(Integer::longValue).toArray(), 1, ids.size());
            outputs.put("text", TextNode.valueOf(emu2.tokenizer().decode(tokens, specials)));
            outputs.put("logits", firstLogits(emu2, rows));
        }
    }

    private static Tensor firstLogits(Emu2Case emu2, Tensor rows) {
        Tensor last = emu2.model().stages().prefill(0, rows, TextGenerator.DEFAULT_CHUNK);
        return emu2.model().stages().logits(last);
    }
}
