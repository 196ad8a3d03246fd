package io.kinora.training.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.decoder.unet.Emu2VideoUNet;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameter;
import io.kinora.training.model.Parameters;
import io.kinora.training.optim.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Puts a checkpoint together out of trainings: the moving averages of each part in half precision, with the configuration files they were trained with, in
 * the layout of Emu2's releases.
 */
public final class Release {
    private static final String ENCODER = "multimodal_encoder";
    private static final String DIFFUSERS = "diffusion_pytorch_model";

    private static final List<String> PARTS = List.of("encoder", "autoencoder", "decoder");

    private final Engine engine;
    private final Path states;

    /** From states that recipes left under a folder. */
    public Release(Engine engine, Path states) {
        this.engine = engine;
        this.states = states;
    }

    /**
     * Writes a checkpoint.
     *
     * @param recipe a file that names the {@code model} folder, and the training that each of {@code encoder}, {@code decoder} and {@code autoencoder}
     *     comes from
     * @param folder of the checkpoint; files of the same names are replaced
     * @throws RecipeException if the file lacks a key
     * @throws IOException if a file cannot be read or written
     */
    public void write(Path recipe, Path folder) throws IOException {
        Config config = read(recipe);
        Path here = Objects.requireNonNull(recipe.toAbsolutePath().getParent());
        Path model = here.resolve(config.getString("model"));
        copy(model, folder);
        ShapesTokenizer.writeTo(folder.resolve("tokenizer"));
        Emu2Config emu2 = Emu2Config.read(model.resolve(ENCODER).resolve("config.json"));
        Consumer<Weights> understanding = weights -> new Emu2Learner(weights, emu2).close();
        part(config.getString("encoder"), folder.resolve(ENCODER), "model", understanding);
        AutoencoderKlConfig vae = AutoencoderKlConfig.read(model.resolve("vae"));
        Consumer<Weights> autoencoder = weights -> new AutoencoderKl(vae, weights);
        part(config.getString("autoencoder"), folder.resolve("vae"), DIFFUSERS, autoencoder);
        Emu2VideoConfig unet = Emu2VideoConfig.read(model.resolve("unet"));
        Consumer<Weights> decoder = weights -> new Emu2VideoUNet(unet, weights);
        part(config.getString("decoder"), folder.resolve("unet"), DIFFUSERS, decoder);
    }

    private static Config read(Path recipe) {
        if (!Files.isRegularFile(recipe)) {
            throw new RecipeException("there is no file %s".formatted(recipe));
        }
        try {
            Config config = ConfigFactory.parseFile(recipe.toFile()).resolve();
            config.getString("model");
            for (String part : PARTS) {
                config.getString(part);
            }
            return config;
        } catch (ConfigException e) {
            throw new RecipeException("%s: %s".formatted(recipe, e.getMessage()), e);
        }
    }

    private void part(String recipe, Path folder, String stem, Consumer<Weights> constructor) throws IOException {
        try (Parameters parameters = new Parameters(engine, 0, DType.F32)) {
            constructor.accept(parameters);
            List<Parameter> all = List.copyOf(parameters.byName().values());
            new TrainingState(states.resolve(recipe)).loadAverages(engine, all);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            all.forEach(parameter -> tensors.put(parameter.name(), parameter.master()));
            CheckpointWriter.save(
                    folder, tensors, SaveOptions.DEFAULT.withStem(stem).withType(DType.F16));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
