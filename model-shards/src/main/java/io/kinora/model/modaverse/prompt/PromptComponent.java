package io.kinora.model.modaverse.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.stream.IntStream;

/** The parity component {@code tokenizer.modaverse_prompt}: instructions and kinds of media in, ids out, −1 for an embedding. */
public final class PromptComponent implements ParityComponent {
    @Override
    public String name() {
        return "tokenizer.modaverse_prompt";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ModaVersePrompts prompts = new ModaVersePrompts(
                ModaVerseTokens.open(ModaVerseFolder.languageModelIn(parityCase.checkpoint())), UserText.AS_RELEASED);
        ArrayNode ids = JsonNodeFactory.instance.arrayNode();
        for (JsonNode prompt : parityCase.required("prompts")) {
            ArrayNode row = ids.addArray();
            String instruction = prompt.isArray()
                    ? prompt.path(0).asText()
                    : prompt.path("instruction").asText();
            JsonNode media = prompt.isArray() ? prompt.path(1) : prompt.path("media");
            IntStream.of(prompts.ids(instruction, media.size())).forEach(row::add);
        }
        outputs.put("ids", ids);
    }
}
