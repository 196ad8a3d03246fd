package io.kinora.actors.adapter;

import io.kinora.actors.shard.FrameEncoder;
import io.kinora.actors.shard.LanguageModelStage;
import io.kinora.actors.shard.LlamaLanguageModelStage;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.modaverse.MediaEncoder;
import io.kinora.model.modaverse.MediaKind;
import io.kinora.model.modaverse.MediaProjection;
import io.kinora.model.modaverse.Medium;
import io.kinora.model.modaverse.ModaVerseConfig;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.modaverse.ModaVerseOptions;
import io.kinora.model.modaverse.ModaVerseWeights;
import io.kinora.model.modaverse.imagebind.ClipPixels;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.model.modaverse.prompt.ModaVerseTokens;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.vision.ImageNormalizer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A ModaVerse folder as the parts that actors host, as {@link Emu2Parts} is for an Emu2: the encoder with the projection behind it, so that an
 * embedding is a row of the language model already, and the stages. Thread-safe.
 */
public final class ModaVerseParts {
    private final ModaVerseFolder folder;
    private final ModaVerseConfig config;
    private final ImageBindFile imageBind;
    private final ModaVerseTokens tokens;
    private final Engine engine;
    private final ModaVerseOptions options;

    private ModaVerseParts(ModaVerseFolder folder, ImageBindFile imageBind, Engine engine, ModaVerseOptions options) {
        this.folder = folder;
        this.config = ModaVerseConfig.read(folder);
        this.imageBind = imageBind;
        this.tokens = ModaVerseTokens.open(folder.languageModel());
        this.engine = engine;
        this.options = options;
    }

    /**
     * Reads configuration and tokenizer; weights are read when a part is loaded.
     *
     * @param visionHeads attention heads of the encoder's trunk for pictures, which its file does not tell
     * @param audioHeads likewise, of the trunk for sound
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no ModaVerse folder
     */
    public static ModaVerseParts open(
            Path path, Engine engine, ModaVerseOptions options, int visionHeads, int audioHeads) {
        ModaVerseFolder folder = ModaVerseFolder.find(path);
        return new ModaVerseParts(
                folder,
                ImageBindFile.at(folder.imageBind(), options.computeType(), visionHeads, audioHeads),
                engine,
                options);
    }

    /** Sizes of the language model's side. */
    public ModaVerseConfig config() {
        return config;
    }

    /** Its tokenizer, with the added tokens. */
    public ModaVerseTokens tokens() {
        return tokens;
    }

    /** Its prompts. */
    public ModaVersePrompts prompts() {
        return new ModaVersePrompts(tokens);
    }

    /** The engine its tensors live on. */
    public Engine engine() {
        return engine;
    }

    /** Loads the encoder. */
    public Supplier<FrameEncoder> encoder() {
        return () -> {
            Checkpoint projection = ModaVerseWeights.openProjection(folder, engine, options);
            return new Encoder(
                    MediaEncoder.open(imageBind, engine),
                    projection,
                    projection.load(weights -> new MediaProjection(
                            weights.at("linear_proj"),
                            config.embedding(),
                            config.language().hiddenSize())));
        };
    }

    /**
     * Loads the stages of the language model, the layers dealt out evenly.
     *
     * @throws IllegalArgumentException if there are more stages than layers
     */
    public List<Supplier<LanguageModelStage>> stages(int count) {
        int layers = config.language().layers();
        if (count < 1 || count > layers) {
            throw new IllegalArgumentException(
                    "%d layers are cut into 1 to %d stages, got %d".formatted(layers, layers, count));
        }
        return IntStream.range(0, count)
                .mapToObj(i -> stage(new LayerRange(i * layers / count, (i + 1) * layers / count)))
                .toList();
    }

    private Supplier<LanguageModelStage> stage(LayerRange range) {
        return () -> {
            ModaVerseWeights weights = ModaVerseWeights.open(folder, config, engine, options);
            return new LlamaLanguageModelStage(
                    weights.stage(range),
                    range.from() == 0 ? Optional.of(row -> row) : Optional.empty(),
                    Optional.empty(),
                    weights::close);
        };
    }

    private record Encoder(MediaEncoder media, Checkpoint projectionTensors, MediaProjection projection)
            implements FrameEncoder {
        @Override
        public Engine engine() {
            return media.engine();
        }

        /** Pairs of frames of one clip, of any size. */
        @Override
        public Tensor encodeFrames(Tensor frames) { // (10, height, width, 3) -> (1, 1, D)
            return row(MediaKind.VIDEO, new Medium.Clip(new ClipPixels(DType.F32).views(engine().adopt(frames))));
        }

        @Override
        public Tensor encodeStills(Tensor stills) { // (1, 224, 224, 3) -> (1, 1, D)
            return row(
                    MediaKind.IMAGE,
                    new Medium.Picture(new ImageNormalizer(DType.F32).forward(engine().adopt(stills))));
        }

        @Override
        public Tensor encodeSounds(Tensor pieces) { // (3, 1, 128, 204) -> (1, 1, D)
            return row(MediaKind.AUDIO, new Medium.Sound(engine().adopt(pieces)));
        }

        @Override
        public Tensor encodeNothing() {
            throw new IllegalArgumentException("ModaVerse has no embedding of nothing: it decodes no embeddings");
        }

        private Tensor row(MediaKind kind, Medium medium) {
            return projection.forward(kind, media.embed(medium)).unsqueeze(0);
        }

        @Override
        public void close() {
            projection.close();
            projectionTensors.close();
            media.close();
        }
    }
}
