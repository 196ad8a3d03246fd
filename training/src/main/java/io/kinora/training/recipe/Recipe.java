package io.kinora.training.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.kinora.tensor.DType;
import io.kinora.training.optim.LearningRate;
import io.kinora.training.optim.OptimizerSettings;
import io.kinora.training.optim.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One training, as a file in HOCON describes it: which stage, of which model, on what, for how long. {@code training/recipes/README.md} tells
 * every key.
 *
 * @param name of the training, and of its folder
 * @param stage what is trained
 * @param folder that the file is in, from which its paths lead
 * @param model folder of the configuration files of the checkpoint in the making
 * @param seed of the parameters and of the batches
 * @param compute type that the model computes in
 * @param learns beginnings of the names of the parameters that are moved; an empty one means all
 * @param optimizer how they are moved
 * @param plan how long
 * @param config the whole file, for what only the stage understands
 */
public record Recipe(
        String name,
        Stage stage,
        Path folder,
        Path model,
        long seed,
        DType compute,
        List<String> learns,
        OptimizerSettings optimizer,
        Trainer.Plan plan,
        Config config) {
    /** What can be trained. */
    public enum Stage {
        /** What is in each patch of a picture. */
        SEEING,
        /** Captions and answers. */
        ANSWERS,
        /** Answers, and the embeddings of what a prompt asks to see. */
        UNIFIED,
        /** Pixels through latents and back. */
        AUTOENCODER,
        /** Clips out of the embeddings of their key frames. */
        VISUAL_DECODING,
        /** ModaVerse's meta-responses, by an adapter. */
        ALIGNMENT
    }

    /** Copies the list. */
    public Recipe {
        learns = List.copyOf(learns);
    }

    /**
     * Reads a file.
     *
     * @throws RecipeException if it cannot be read, lacks a key, or a value is not allowed
     */
    public static Recipe read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RecipeException("there is no recipe %s".formatted(file));
        }
        try {
            Config config = ConfigFactory.parseFile(file.toFile()).resolve();
            Path here = Objects.requireNonNull(file.toAbsolutePath().getParent());
            return new Recipe(
                    config.getString("name"),
                    choice(Stage.class, config, "stage"),
                    here,
                    here.resolve(config.getString("model")).normalize(),
                    config.getLong("seed"),
                    choice(DType.class, config, "compute"),
                    config.getStringList("learns"),
                    optimizer(config.getConfig("optimizer")),
                    new Trainer.Plan(
                            config.getLong("optimizer.steps"),
                            config.getInt("accumulation"),
                            config.getDuration("save-every"),
                            Duration.ofDays(365)),
                    config);
        } catch (ConfigException | IllegalArgumentException e) {
            throw new RecipeException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static OptimizerSettings optimizer(Config config) {
        return new OptimizerSettings(
                new LearningRate(
                        config.getDouble("rate"),
                        config.getLong("warm-up"),
                        config.getLong("steps"),
                        config.getDouble("floor")),
                config.getDouble("beta1"),
                config.getDouble("beta2"),
                config.getDouble("decay"),
                config.getDouble("clip"),
                config.getDouble("averaging"),
                config.hasPath("orthogonal") ? config.getStringList("orthogonal") : List.of());
    }

    static <E extends Enum<E>> E choice(Class<E> type, Config config, String key) {
        String name = config.getString(key).toUpperCase(Locale.ROOT).replace('-', '_');
        for (E value : type.getEnumConstants()) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException("%s is '%s', allowed are %s"
                .formatted(
                        key,
                        config.getString(key),
                        List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT)));
    }

    /** This recipe with an end to each run of it. */
    public Recipe runningAtMost(Duration most) {
        return new Recipe(
                name,
                stage,
                folder,
                model,
                seed,
                compute,
                learns,
                optimizer,
                new Trainer.Plan(plan.steps(), plan.accumulation(), plan.save(), most),
                config);
    }
}
