package io.kinora.actors.compose;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.video.AudioFormat;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * How a generator in this node makes things; what is absent is the checkpoint's own default.
 *
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param sampler instead of the checkpoint's own, by its name
 * @param size of pictures and frames
 * @param frames of a clip
 * @param fps of a clip
 * @param seconds of a sound
 * @param strength of changes to a picture or clip that is given, where a request names none; absent makes everything anew then
 * @param sound what sounds are written as
 */
public record GeneratorSettings(
        Optional<Integer> steps,
        Optional<Double> guidance,
        Optional<String> sampler,
        Optional<RenderSettings.Size> size,
        Optional<Integer> frames,
        int fps,
        Optional<Double> seconds,
        Optional<Double> strength,
        AudioFormat sound) {
    /**
     * Reads a generator's part of {@code kinora.generators}.
     *
     * @throws com.typesafe.config.ConfigException if a key has a value that is not allowed
     */
    static GeneratorSettings from(Config config) {
        Optional<Integer> width = given(config, "width", Config::getInt);
        Optional<Integer> height = given(config, "height", Config::getInt);
        if (width.isPresent() != height.isPresent()) {
            throw new ConfigException.Missing(config.origin(), width.isPresent() ? "height" : "width");
        }
        return new GeneratorSettings(
                given(config, "steps", Config::getInt),
                given(config, "guidance", Config::getDouble),
                given(config, "sampler", Config::getString),
                width.map(pixels -> new RenderSettings.Size(pixels, height.orElseThrow())),
                given(config, "frames", Config::getInt),
                given(config, "fps", Config::getInt).orElse(RenderSettings.DEFAULT_FPS),
                given(config, "seconds", Config::getDouble),
                strength(config),
                given(config, "format", GeneratorSettings::format).orElse(AudioFormat.WAV));
    }

    /** The strength of changes that a generator's configuration names. */
    static Optional<Double> strength(Config config) {
        Optional<Double> strength = given(config, "strength", Config::getDouble);
        strength.filter(share -> !(share > 0 && share <= 1)).ifPresent(share -> {
            throw new ConfigException.BadValue(
                    config.origin(), "strength", "%s; allowed is above 0 to 1".formatted(share));
        });
        return strength;
    }

    private static AudioFormat format(Config config, String key) {
        String name = config.getString(key);
        return switch (name) {
            case "wav" -> AudioFormat.WAV;
            case "wav-float" -> AudioFormat.WAV_FLOAT;
            case "opus" -> AudioFormat.OGG_OPUS;
            default ->
                throw new ConfigException.BadValue(
                        config.origin(), key, "'%s'; allowed are wav, wav-float and opus".formatted(name));
        };
    }

    private static <T> Optional<T> given(Config config, String key, BiFunction<Config, String, T> read) {
        return config.hasPath(key) ? Optional.of(read.apply(config, key)) : Optional.empty();
    }

    /** For a picture or clip with this seed. */
    RenderSettings render(RenderSettings.Format format, long seed) {
        return new RenderSettings(
                format.isClip() ? frames : Optional.empty(), size, fps, steps, guidance, 0, seed, sampler, format, 0);
    }
}
