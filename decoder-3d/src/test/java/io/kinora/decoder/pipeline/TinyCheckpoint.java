package io.kinora.decoder.pipeline;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.decoder.unet.Emu2VideoUNet;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A case's folder, made a checkpoint on disk: its configurations, and weights by the fill rule under the names the networks ask for. */
final class TinyCheckpoint {
    private static final SaveOptions DIFFUSERS = SaveOptions.DEFAULT.withStem("diffusion_pytorch_model");

    private TinyCheckpoint() {}

    static Path resource(String name) {
        try {
            return Path.of(TinyCheckpoint.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the checkpoint of a case into a folder. */
    static Path write(String name, Path target, Engine engine) throws IOException {
        copy(resource(name), target);
        ModelIndex index = ModelIndex.read(target);
        fill(engine, target.resolve("vae"), DIFFUSERS, weights -> {
            AutoencoderKlConfig config = AutoencoderKlConfig.read(target.resolve("vae"));
            new AutoencoderKl(config, weights);
        });
        fill(engine, target.resolve("unet"), DIFFUSERS, weights -> {
            Path unet = target.resolve("unet");
            switch (index.className("unet").orElseThrow()) {
                case "UNet3DConditionModel" -> new UNet3dConditionModel(UNet3dConfig.read(unet), weights);
                case "Emu2VideoUNet" -> new Emu2VideoUNet(Emu2VideoConfig.read(unet), weights);
                default -> new UNet2dConditionModel(UNet2dConfig.read(unet), weights);
            }
        });
        for (String suffix : new String[] {"", "_2"}) {
            if (index.has("text_encoder" + suffix)) {
                Path folder = target.resolve("text_encoder" + suffix);
                fill(
                        engine,
                        folder,
                        SaveOptions.DEFAULT,
                        weights -> new ClipTextModel(ClipTextConfig.read(folder), weights));
                copy(resource("tokenizer"), target.resolve("tokenizer" + suffix));
            }
        }
        return target;
    }

    private static void fill(Engine engine, Path folder, SaveOptions options, Consumer<Weights> construct)
            throws IOException {
        try (Scope scope = engine.scope()) {
            Map<String, Tensor> taken = new LinkedHashMap<>();
            construct.accept(new Recording(FillRule.of(engine), "", taken));
            CheckpointWriter.save(folder, taken, options);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    Path target = to.resolve(from.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Remembers what was asked for. */
    private record Recording(Weights weights, String prefix, Map<String, Tensor> taken) implements Weights {
        @Override
        public Engine engine() {
            return weights.engine();
        }

        @Override
        public Weights at(String name) {
            return new Recording(weights.at(name), prefix + name + ".", taken);
        }

        @Override
        public boolean has(String name) {
            return weights.has(name);
        }

        @Override
        public Tensor take(String name, long... shape) {
            Tensor tensor = weights.take(name, shape);
            taken.put(prefix + name, tensor);
            return tensor;
        }

        @Override
        public void ignore(String name) {
            weights.ignore(name);
        }
    }
}
