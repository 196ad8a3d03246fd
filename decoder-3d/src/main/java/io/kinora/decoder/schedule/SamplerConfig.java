package io.kinora.decoder.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings of one {@code scheduler_config.json}, read by name and type.
 *
 * <p>A key that the file lacks takes the default of the class that is built, also when the file was written by another class; keys
 * that only other official classes know are passed over. Keys of none, and values that are not allowed, are refused by name.
 */
final class SamplerConfig {
    /** What any official scheduler of the family reads; a file may hold settings of a class other than the one that is built. */
    private static final Set<String> KNOWN = Set.of(
            "algorithm_type",
            "beta_end",
            "beta_schedule",
            "beta_start",
            "clip_sample",
            "clip_sample_range",
            "disable_corrector",
            "dynamic_thresholding_ratio",
            "euler_at_final",
            "final_sigmas_type",
            "flow_shift",
            "interpolation_type",
            "lambda_min_clipped",
            "lower_order_final",
            "num_train_timesteps",
            "predict_x0",
            "prediction_type",
            "rescale_betas_zero_snr",
            "rho",
            "sample_max_value",
            "set_alpha_to_one",
            "shift_terminal",
            "sigma_data",
            "sigma_max",
            "sigma_min",
            "sigma_schedule",
            "skip_prk_steps",
            "solver_order",
            "solver_p",
            "solver_type",
            "steps_offset",
            "thresholding",
            "time_shift_type",
            "timestep_spacing",
            "timestep_type",
            "trained_betas",
            "use_beta_sigmas",
            "use_dynamic_shifting",
            "use_exponential_sigmas",
            "use_flow_sigmas",
            "use_karras_sigmas",
            "use_lu_lambdas",
            "variance_type");

    private static final String DEFAULTED = "_use_default_values";

    private final String origin;
    private final Map<String, JsonNode> values;

    private SamplerConfig(String origin, Map<String, JsonNode> values) {
        this.origin = origin;
        this.values = values;
    }

    /**
     * Reads the object.
     *
     * @param origin where it comes from, for messages
     * @throws CheckpointException if it is no object or has a key that no official scheduler knows
     */
    static SamplerConfig of(JsonNode json, String origin) {
        if (!json.isObject()) {
            throw new CheckpointException("%s is no JSON object".formatted(origin));
        }
        List<String> defaulted = new ArrayList<>();
        json.path(DEFAULTED).forEach(name -> defaulted.add(name.asText()));
        Map<String, JsonNode> values = new TreeMap<>();
        json.properties().forEach(entry -> {
            String key = entry.getKey();
            if (key.startsWith("_") || defaulted.contains(key)) {
                return;
            }
            if (!KNOWN.contains(key)) {
                throw new CheckpointException("%s: unknown setting '%s', allowed are %s"
                        .formatted(origin, key, KNOWN.stream().sorted().collect(Collectors.joining(", "))));
            }
            values.put(key, entry.getValue());
        });
        return new SamplerConfig(origin, values);
    }

    private Optional<JsonNode> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    CheckpointException refuse(String key, Object got, String allowed) {
        return new CheckpointException("%s: %s is %s, allowed is %s".formatted(origin, key, got, allowed));
    }

    int integer(String key, int absent) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return absent;
        }
        if (!value.get().canConvertToInt() || !value.get().canConvertToExactIntegral()) {
            throw refuse(key, value.get(), "a whole number");
        }
        return value.get().intValue();
    }

    double number(String key, double absent) {
        return value(key).map(value -> number(key, value)).orElse(absent);
    }

    OptionalDouble optionalNumber(String key) {
        Optional<JsonNode> value = value(key).filter(node -> !node.isNull());
        return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(key, value.get()));
    }

    /** Files written by other tools quote what JSON has no number for, such as {@code "-inf"}. */
    private double number(String key, JsonNode value) {
        if (value.isTextual() && value.textValue().matches("-?[Ii]nf(inity)?")) {
            return value.textValue().startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (!value.isNumber()) {
            throw refuse(key, value, "a number");
        }
        return value.doubleValue();
    }

    /** A null stands for false. */
    boolean flag(String key, boolean absent) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return absent;
        }
        if (!value.get().isBoolean() && !value.get().isNull()) {
            throw refuse(key, value.get(), "true or false");
        }
        return value.get().booleanValue();
    }

    <E extends Enum<E> & ConfigChoice> E choice(String key, E absent) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return absent;
        }
        E[] choices = absent.getDeclaringClass().getEnumConstants();
        for (E choice : choices) {
            if (choice.configName().equals(value.get().asText())) {
                return choice;
            }
        }
        throw refuse(
                key,
                value.get(),
                Arrays.stream(choices).map(ConfigChoice::configName).collect(Collectors.joining(", ")));
    }

    void allowOnly(String key, boolean allowed) {
        if (flag(key, allowed) != allowed) {
            throw refuse(key, !allowed, Boolean.toString(allowed));
        }
    }

    /** A learned variance comes from a network with twice the channels; all other kinds are DDPM's own affair. */
    void refuseLearnedVariance() {
        value("variance_type")
                .filter(value -> value.asText().startsWith("learned"))
                .ifPresent(value -> {
                    throw refuse("variance_type", value, "one that is not learned, or null");
                });
    }

    SigmaCurve curve() {
        SigmaCurve curve = curveWithoutLu();
        return flag("use_lu_lambdas", false) && curve != SigmaCurve.KARRAS ? SigmaCurve.LU : curve;
    }

    SigmaCurve curveWithoutLu() {
        boolean karras = flag("use_karras_sigmas", false);
        boolean exponential = flag("use_exponential_sigmas", false);
        if (karras && exponential) {
            throw refuse("use_exponential_sigmas", "true", "false beside use_karras_sigmas");
        }
        return karras ? SigmaCurve.KARRAS : exponential ? SigmaCurve.EXPONENTIAL : SigmaCurve.OF_TIMESTEPS;
    }

    Optional<Thresholding> thresholding() {
        if (!flag("thresholding", false)) {
            return Optional.empty();
        }
        double ratio = number("dynamic_thresholding_ratio", 0.995);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw refuse("dynamic_thresholding_ratio", ratio, "0 to 1");
        }
        return Optional.of(new Thresholding(ratio, number("sample_max_value", 1)));
    }

    /** For classes that can do with an infinite sigma. */
    NoiseSchedule noiseSchedule() {
        NoiseSchedule trained = trainedSchedule();
        return rescaled() ? trained.rescaledToZeroTerminalSnr() : trained;
    }

    /** For classes that compute with sigmas. */
    NoiseSchedule noiseScheduleWithFiniteSigma() {
        return rescaled() ? noiseSchedule().withFiniteSigma() : noiseSchedule();
    }

    /** For classes that know no {@code rescale_betas_zero_snr} and pass over it. */
    NoiseSchedule trainedSchedule() {
        Optional<JsonNode> betas = value("trained_betas").filter(node -> !node.isNull());
        try {
            if (betas.isPresent()) {
                return NoiseSchedule.ofBetas(floats(betas.get()));
            }
            int count = integer("num_train_timesteps", 1000);
            if (count < 1) {
                throw refuse("num_train_timesteps", count, "1 or more");
            }
            return NoiseSchedule.of(
                    choice("beta_schedule", BetaSchedule.LINEAR),
                    number("beta_start", 0.0001),
                    number("beta_end", 0.02),
                    count);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s: %s".formatted(origin, e.getMessage()), e);
        }
    }

    private float[] floats(JsonNode array) {
        if (!array.isArray()) {
            throw refuse("trained_betas", array, "a list of numbers");
        }
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) number("trained_betas", array.get(i));
        }
        return values;
    }

    private boolean rescaled() {
        return flag("rescale_betas_zero_snr", false);
    }
}
