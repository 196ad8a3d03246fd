package io.kinora.actors.compose;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.kinora.model.modaverse.meta.Modality;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which generator serves which modality; text needs none. Immutable and thread-safe. Closing closes them.
 *
 * <pre>
 * kinora.generators {
 *   image { kind = checkpoint, folder = "stable-diffusion-v1-5" }
 *   video { kind = endpoint, url = "https://host/v1", model = "some-model", api-key = ${?VIDEO_KEY} }
 *   audio { kind = none }
 *   # or kind = served: the decoder of the checkpoint that is served beside
 * }
 * </pre>
 */
public final class Generators implements AutoCloseable {
    private final Map<Modality, Generator> byModality;

    /** Of these. */
    public Generators(Map<Modality, Generator> byModality) {
        this.byModality = new EnumMap<>(Modality.class);
        this.byModality.putAll(byModality);
        if (byModality.containsKey(Modality.TEXT)) {
            throw new IllegalArgumentException("text is the language model's own affair and has no generator");
        }
    }

    /** Opens a checkpoint's folder as a generator of a modality. */
    public interface Opener {
        /**
         * The generator.
         *
         * @throws io.kinora.model.checkpoint.CheckpointException if the folder holds none, or one of another modality
         */
        Generator open(Modality modality, Path folder, GeneratorSettings settings);

        /**
         * The decoder of the checkpoint that is served beside the ModaVerse, as a generator of a modality.
         *
         * @throws io.kinora.model.checkpoint.CheckpointException if there is none, or one of another modality
         */
        Generator served(Modality modality, GeneratorSettings settings);
    }

    /**
     * Reads {@code kinora.generators}.
     *
     * @throws ConfigException if a key is missing or has a value that is not allowed
     */
    public static Generators from(Config root, Opener opener) {
        Map<Modality, Generator> found = new EnumMap<>(Modality.class);
        for (Modality modality : Modality.ALL) {
            String path = "kinora.generators." + modality.label();
            if (modality == Modality.TEXT || !root.hasPath(path)) {
                continue;
            }
            Config config = root.getConfig(path);
            String kind = config.getString("kind");
            switch (kind) {
                case "none" -> {}
                case "checkpoint" ->
                    found.put(
                            modality,
                            opener.open(modality, Path.of(config.getString("folder")), GeneratorSettings.from(config)));
                case "served" -> found.put(modality, opener.served(modality, GeneratorSettings.from(config)));
                case "endpoint" -> found.put(modality, new EndpointGenerator(endpoint(config)));
                default ->
                    throw new ConfigException.BadValue(
                            config.origin(),
                            path + ".kind",
                            "'%s'; allowed are none, checkpoint, served and endpoint".formatted(kind));
            }
        }
        return new Generators(found);
    }

    private static EndpointGenerator.Endpoint endpoint(Config config) {
        return new EndpointGenerator.Endpoint(
                URI.create(config.getString("url")),
                text(config, "model"),
                text(config, "api-key"),
                GeneratorSettings.strength(config),
                config.getDuration("timeout"),
                config.getDuration("poll"));
    }

    private static Optional<String> text(Config config, String key) {
        return config.hasPath(key)
                ? Optional.of(config.getString(key)).filter(text -> !text.isEmpty())
                : Optional.empty();
    }

    /** Who makes things of this modality. */
    public Optional<Generator> of(Modality modality) {
        return Optional.ofNullable(byModality.get(modality));
    }

    @Override
    public void close() {
        byModality.values().forEach(Generator::close);
    }
}
