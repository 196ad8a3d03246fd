package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Makes a small checkpoint with random weights in the released layout of Emu2-Gen, with a 3D U-Net in place of the image decoder: everything is real but
 * the training, so its answers and clips mean nothing. Its card says so. The same files whenever it is made.
 */
public final class UntrainedCheckpoint {
    private static final long SEED = 20_261_122;
    private static final long NO_CACHE = 1L << 20;
    private static final String ENCODER = "multimodal_encoder";
    private static final String DIFFUSERS = "diffusion_pytorch_model";
    private static final List<String> CONFIGURATION = List.of(
            ENCODER + "/config.json",
            "unet/config.json",
            "vae/config.json",
            "scheduler/scheduler_config.json",
            "model_index.json",
            "kinora.json");

    private UntrainedCheckpoint() {}

    /**
     * Makes the checkpoint, unless the folder exists.
     *
     * @throws IOException if it cannot be written; the folder is then not there
     */
    public static void makeIfAbsent(Path folder, Engine engine) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        Path parent = Objects.requireNonNull(folder.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        Path making = Files.createTempDirectory(parent, "making");
        make(making, engine);
        try {
            Files.move(making, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            return; // another process was quicker, with the same files
        }
    }

    private static void make(Path folder, Engine engine) throws IOException {
        ShapesTokenizer.writeTo(folder.resolve("tokenizer"));
        for (String file : CONFIGURATION) {
            unpack("untrained/" + file, folder.resolve(file));
        }
        Path config = folder.resolve(ENCODER).resolve("config.json");
        fitVocabulary(config, Tokenizers.open(folder.resolve("tokenizer")).vocabularySize());
        Emu2Config emu2 = Emu2Config.read(config);
        write(engine, folder.resolve(ENCODER), "model", weights -> Emu2Model.of(
                        weights, emu2, Emu2Options.asStored(NO_CACHE))
                .close());
        UNet3dConfig unet = UNet3dConfig.read(folder.resolve("unet"));
        write(engine, folder.resolve("unet"), DIFFUSERS, weights -> new UNet3dConditionModel(unet, weights));
        AutoencoderKlConfig vae = AutoencoderKlConfig.read(folder.resolve("vae"));
        write(engine, folder.resolve("vae"), DIFFUSERS, weights -> new AutoencoderKl(vae, weights));
    }

    /** A model's constructor asks for every tensor that it has; that is all a checkpoint of it needs. */
    private static void write(Engine engine, Path folder, String stem, Consumer<Weights> constructor)
            throws IOException {
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, SEED, Initialisation.TRAINED)) {
            constructor.accept(weights);
            weights.save(folder, SaveOptions.DEFAULT.withStem(stem));
        }
    }

    private static void unpack(String resource, Path target) throws IOException {
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        try (InputStream in =
                Objects.requireNonNull(UntrainedCheckpoint.class.getResourceAsStream(resource), resource)) {
            Files.copy(in, target);
        }
    }

    private static void fitVocabulary(Path config, int size) throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonNode tree = json.readTree(config.toFile());
        ((ObjectNode) tree).put("vocab_size", size);
        json.writerWithDefaultPrettyPrinter().writeValue(config.toFile(), tree);
    }
}
