package io.kinora.decoder.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Makes samplers from the {@code scheduler_config.json} of a checkpoint.
 *
 * <p>The official rule holds for a class that is built from another class's file: it takes the keys the file contains, and its own
 * defaults for the rest. So DPM-Solver++ from ModelScope's DDIM file spaces its timesteps by {@code linspace}, its own default, though DDIM
 * would space them by {@code leading}.
 */
public final class Samplers {
    /** The file's name in a checkpoint's {@code scheduler} folder. */
    public static final String CONFIG_FILE = "scheduler_config.json";

    /** Python writes infinite settings as bare words, which strict JSON does not have. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private Samplers() {}

    /**
     * The sampler of a configuration file.
     *
     * @param file a {@code scheduler_config.json}
     * @param override the kind to build instead of the one the file names
     * @throws CheckpointException if the file cannot be read or holds a setting that is not allowed
     */
    public static Sampler load(Path file, Optional<SamplerKind> override) {
        try {
            return of(JSON.readTree(Files.readAllBytes(file)), file.toString(), override);
        } catch (JsonProcessingException e) {
            throw new CheckpointException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read %s".formatted(file), e);
        }
    }

    /**
     * The sampler of a configuration.
     *
     * @param config the object that a {@code scheduler_config.json} holds
     * @param override the kind to build instead of the one that {@code _class_name} gives
     * @throws CheckpointException if it holds a setting that is not allowed; the message names it, its value and what is allowed
     */
    public static Sampler fromConfig(JsonNode config, Optional<SamplerKind> override) {
        return of(config, CONFIG_FILE, override);
    }

    private static Sampler of(JsonNode json, String origin, Optional<SamplerKind> override) {
        SamplerConfig config = SamplerConfig.of(json, origin);
        SamplerKind kind = override.orElseGet(() -> named(json, config));
        return switch (kind) {
            case DDIM -> DdimSampler.of(config);
            case DPM_SOLVER -> DpmSolverMultistepSampler.of(config);
            case EULER -> EulerDiscreteSampler.of(config);
            case EULER_ANCESTRAL -> EulerAncestralDiscreteSampler.of(config);
            case PNDM -> PndmSampler.of(config);
        };
    }

    private static SamplerKind named(JsonNode json, SamplerConfig config) {
        String name = json.path("_class_name").asText();
        try {
            return SamplerKind.parse(name);
        } catch (IllegalArgumentException e) {
            throw config.refuse("_class_name", "'%s'".formatted(name), SamplerKind.names());
        }
    }
}
