package io.kinora.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The parity component {@code tokenizer.decode}: the text of ids, or of several lists of ids; {@code skip_special_tokens} is
 * true unless the case says otherwise.
 */
public final class TokenizerDecodeComponent implements ParityComponent {
    @Override
    public String name() {
        return "tokenizer.decode";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        Tokenizer tokenizer = Tokenizers.open(parityCase.checkpoint());
        SpecialTokens specials =
                parityCase.input("skip_special_tokens").asBoolean(true) ? SpecialTokens.SKIPPED : SpecialTokens.KEPT;
        JsonNode ids = parityCase.required("ids");
        if (ParityCase.isTensor(ids)) {
            Tensor tensor = parityCase.tensor(ids, engine);
            int[] flat =
                    LongStream.of(tensor.toLongs()).mapToInt(Math::toIntExact).toArray();
            outputs.put("text", TextNode.valueOf(tokenizer.decode(flat, specials)));
        } else if (ids.path(0).isArray()) {
            ArrayNode texts = JsonNodeFactory.instance.arrayNode();
            ids.forEach(row -> texts.add(tokenizer.decode(ints(row), specials)));
            outputs.put("text", texts);
        } else {
            outputs.put("text", TextNode.valueOf(tokenizer.decode(ints(ids), specials)));
        }
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
    }
}
