package io.kinora.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How strongly a low-rank adapter acts, as the {@code adapter_config.json} of PEFT says.
 *
 * @param alpha numerator of the scale
 * @param rankStabilised true if the scale is alpha / √r instead of alpha / r
 * @param alphaOf alpha of the modules whose names end with a match of the key, instead of {@code alpha}; the first match counts
 */
public record LoraSettings(double alpha, boolean rankStabilised, Map<Pattern, Double> alphaOf) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the map, whose order is kept. */
    public LoraSettings {
        alphaOf = Collections.unmodifiableMap(new LinkedHashMap<>(alphaOf));
    }

    /** One alpha for all modules, over the rank. */
    public static LoraSettings of(double alpha) {
        return new LoraSettings(alpha, false, Map.of());
    }

    /**
     * Reads an {@code adapter_config.json}.
     *
     * @throws CheckpointException if it cannot be read, or asks for another method than LoRA or a variant of it that is not known
     */
    public static LoraSettings read(Path file) {
        JsonNode config;
        try {
            config = JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
        require(file, config.path("peft_type").asText("LORA").equals("LORA"), "peft_type", config);
        require(file, !config.path("use_dora").asBoolean(false), "use_dora", config);
        require(file, !config.path("fan_in_fan_out").asBoolean(false), "fan_in_fan_out", config);
        require(file, !config.path("lora_bias").asBoolean(false), "lora_bias", config);
        Map<Pattern, Double> alphas = new LinkedHashMap<>();
        config.path("alpha_pattern").properties().forEach(entry -> {
            try {
                alphas.put(
                        Pattern.compile("(.*\\.)?(?:" + entry.getKey() + ")"),
                        entry.getValue().asDouble());
            } catch (PatternSyntaxException e) {
                throw new CheckpointException(
                        "%s: alpha_pattern '%s' is no pattern".formatted(file, entry.getKey()), e);
            }
        });
        return new LoraSettings(
                config.path("lora_alpha").asDouble(8), config.path("use_rslora").asBoolean(false), alphas);
    }

    private static void require(Path file, boolean holds, String name, JsonNode config) {
        if (!holds) {
            throw new CheckpointException(
                    "%s: %s is %s; only plain LoRA is known".formatted(file, name, config.path(name)));
        }
    }

    /** The factor before B A in a module. */
    double scale(String module, int rank) {
        double strength = alphaOf.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(module).matches())
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(alpha);
        return strength / (rankStabilised ? Math.sqrt(rank) : rank);
    }
}
