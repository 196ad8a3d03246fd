package io.kinora.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The parity component {@code tokenizer}: ids of texts, padded rows with their mask, and the texts of the ids. With {@code
 * max_length}, every text is padded and truncated to that length; with {@code pad_first}, that many texts are padded to the
 * longest of them.
 */
public final class TokenizerComponent implements ParityComponent {
    @Override
    public String name() {
        return "tokenizer";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        Tokenizer tokenizer = Tokenizers.open(parityCase.checkpoint());
        List<int[]> ids = new ArrayList<>();
        ArrayNode decoded = JsonNodeFactory.instance.arrayNode();
        for (JsonNode text : parityCase.required("texts")) {
            int[] encoded = tokenizer.encodeParsed(text.textValue());
            ids.add(encoded);
            decoded.add(tokenizer.decode(encoded));
        }
        outputs.put("ids", json(ids));
        outputs.put("decoded", decoded);
        if (parityCase.hasInput("max_length") || parityCase.hasInput("pad_first")) {
            putPadded(parityCase, tokenizer, ids, outputs);
        }
    }

    private static void putPadded(ParityCase parityCase, Tokenizer tokenizer, List<int[]> ids, ParityOutputs outputs) {
        PaddedRows padded;
        if (parityCase.hasInput("pad_first")) {
            int first = Math.min(ids.size(), parityCase.required("pad_first").intValue());
            padded = PaddedRows.toLongest(tokenizer, ids.subList(0, first));
        } else {
            padded = PaddedRows.toLength(
                    tokenizer, ids, parityCase.required("max_length").intValue());
        }
        outputs.put("padded_ids", json(padded.ids()));
        outputs.put("attention_mask", json(padded.mask()));
    }

    private static JsonNode json(List<int[]> rows) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (int[] row : rows) {
            ArrayNode node = list.addArray();
            IntStream.of(row).forEach(node::add);
        }
        return list;
    }
}
