package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.LoraAdapter;
import io.kinora.model.checkpoint.Naming;
import java.util.Optional;

/**
 * The names in {@code pytorch_model.pt}, those of the authors' module tree, as this project's models ask for them: the language model's
 * without {@code LLM.base_model.model.}, the projection's as they are.
 */
enum TrainedNames implements Naming {
    /** Both. */
    ALL,
    /** What belongs to the language model. */
    LANGUAGE,
    /** What belongs to the projection. */
    PROJECTION;

    private static final String LLM = "LLM.";
    private static final String PROJ = "linear_proj.";

    @Override
    public Optional<String> nameOf(String stored) {
        String name = stored.startsWith("module.") ? stored.substring("module.".length()) : stored;
        if (name.startsWith(PROJ)) {
            return this == LANGUAGE ? Optional.empty() : Optional.of(name);
        }
        if (this == PROJECTION || !name.startsWith(LLM)) {
            return Optional.empty();
        }
        return LoraAdapter.PEFT_NAMES.nameOf(name.substring(LLM.length()));
    }
}
