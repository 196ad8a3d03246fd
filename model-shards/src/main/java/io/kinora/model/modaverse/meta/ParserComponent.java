package io.kinora.model.modaverse.meta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.Optional;

/** The parity component {@code modaverse.parser}: answers in, the flags and the prompt that the released parser gives out. */
public final class ParserComponent implements ParityComponent {
    @Override
    public String name() {
        return "modaverse.parser";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ArrayNode parsed = JsonNodeFactory.instance.arrayNode();
        for (JsonNode text : parityCase.required("texts")) {
            Optional<ReleasedParser.Parsed> result = ReleasedParser.parse(text.textValue());
            if (result.isEmpty()) {
                parsed.addNull();
                continue;
            }
            ObjectNode node = parsed.addObject();
            ArrayNode modalities = node.putArray("modalities");
            result.get().modalities().forEach(modality -> modalities.add(modality.flag()));
            node.put("prompt", result.get().prompt());
        }
        outputs.put("parsed", parsed);
    }
}
