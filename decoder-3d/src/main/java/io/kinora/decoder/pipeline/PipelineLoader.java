package io.kinora.decoder.pipeline;

import io.kinora.decoder.audio.ClapTextConfig;
import io.kinora.decoder.audio.ClapTextModel;
import io.kinora.decoder.audio.ClapTokens;
import io.kinora.decoder.audio.HifiGan;
import io.kinora.decoder.audio.HifiGanConfig;
import io.kinora.decoder.schedule.Sampler;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.decoder.schedule.Samplers;
import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.text.PromptTokens;
import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.decoder.unet.Emu2VideoUNet;
import io.kinora.decoder.unet.StageRange;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Puts a pipeline together from the components of one checkpoint folder. */
final class PipelineLoader implements AutoCloseable {
    private static final String UNET = "unet";
    private static final String TEXT_ENCODER = "text_encoder";
    private static final String SECOND_TEXT_ENCODER = "text_encoder_2";

    /** What the official pipelines and papers use. */
    private static final int CLIP_FRAMES = 16;

    /** Heads of the 3D network's first temporal transformer, in every configuration. */
    private static final int TRANSFORMER_IN_HEADS = 8;

    private static final int STEPS = 50;
    private static final double CLIP_GUIDANCE = 9;
    private static final double CLIP_SOURCE_GUIDANCE = 15;
    private static final double STABLE_DIFFUSION_GUIDANCE = 7.5;
    private static final double SDXL_GUIDANCE = 5;
    private static final double EMU2_GUIDANCE = 3;

    private final ModelIndex index;
    private final Engine engine;
    private final PipelineOptions options;
    private final Optional<FarUNet> elsewhere;
    private final Deque<Checkpoint> opened = new ArrayDeque<>();

    /** Of a folder; the U-Net is not loaded if it is elsewhere. */
    PipelineLoader(ModelIndex index, Engine engine, PipelineOptions options, Optional<FarUNet> elsewhere) {
        this.index = index;
        this.engine = engine;
        this.options = options;
        this.elsewhere = elsewhere;
    }

    DiffusionPipeline load() {
        String unetClass = index.className(UNET).orElse("");
        return switch (unetClass) {
            case "UNet3DConditionModel" -> clips();
            case "Emu2VideoUNet" -> emu2Clips();
            case "UNet2DConditionModel" -> stills();
            default -> throw refuseUNet();
        };
    }

    /** A run of the U-Net's stages alone. */
    UNetStage stage(StageRange range) {
        UNetPlace.Here part = load(UNET, options.computeType(), weights -> {
            range.ignoreOthers(weights, levels());
            return here(weights, range);
        });
        return new UNetStage(engine, part, this::close);
    }

    private UNetPlace place() {
        if (elsewhere.isPresent()) {
            return new UNetPlace.Elsewhere(elsewhere.get());
        }
        return load(UNET, options.computeType(), weights -> here(weights, StageRange.all(levels())));
    }

    private UNetPlace.Here here(Weights weights, StageRange range) {
        Path folder = index.folder(UNET);
        return switch (index.className(UNET).orElse("")) {
            case "UNet3DConditionModel" -> {
                UNet3dConditionModel unet = new UNet3dConditionModel(UNet3dConfig.read(folder), weights, range);
                yield new UNetPlace.Here(unet, frames -> unet::condition);
            }
            case "Emu2VideoUNet" -> {
                Emu2VideoUNet unet = new Emu2VideoUNet(Emu2VideoConfig.read(folder), weights, range);
                yield new UNetPlace.Here(
                        unet,
                        frames -> prompt ->
                                unet.condition(prompt.encoderHiddenStates().orElseThrow(), frames));
            }
            case "UNet2DConditionModel" -> {
                UNet2dConditionModel unet = new UNet2dConditionModel(UNet2dConfig.read(folder), weights, range);
                yield new UNetPlace.Here(unet, frames -> unet::condition);
            }
            default -> throw refuseUNet();
        };
    }

    private int levels() {
        Path folder = index.folder(UNET);
        return switch (index.className(UNET).orElse("")) {
            case "UNet3DConditionModel" -> UNet3dConfig.read(folder).levels();
            case "Emu2VideoUNet" -> Emu2VideoConfig.read(folder).image().levels();
            case "UNet2DConditionModel" -> UNet2dConfig.read(folder).levels();
            default -> throw refuseUNet();
        };
    }

    /** Cuts the U-Net so that the largest part has as few bytes of weights as possible. */
    List<StageRange> cut(int parts) {
        Inventory inventory = Checkpoint.inventory(
                index.folder(UNET),
                new CheckpointOptions(options.variant(), Optional.empty(), CheckpointOptions.DEFAULT.naming(), false));
        List<Long> bytes = IntStream.range(0, StageRange.stages(levels()))
                .mapToObj(stage -> StageRange.prefixes(stage, levels()).stream()
                        .mapToLong(inventory::bytes)
                        .sum())
                .toList();
        return StageRange.cut(bytes, parts);
    }

    private CheckpointException refuseUNet() {
        return index.refuse(UNET, "UNet3DConditionModel, UNet2DConditionModel or Emu2VideoUNet");
    }

    private DiffusionPipeline clips() {
        UNet3dConfig config = UNet3dConfig.read(index.folder(UNET));
        Network network = new Network(
                place(),
                LatentAxes.CLIP,
                new NetworkSizes(
                        config.inChannels(),
                        config.widths(),
                        config.layersPerBlock(),
                        TRANSFORMER_IN_HEADS * config.headWidth(),
                        options.computeType()));
        boolean text = index.has(TEXT_ENCODER);
        PromptEncoder prompts =
                text ? new TextPrompts(clipText("")) : new EmbeddingPrompts(engine, config.contextWidth(), false);
        double guidance = text ? CLIP_GUIDANCE : EMU2_GUIDANCE;
        double sourceGuidance = text ? CLIP_SOURCE_GUIDANCE : EMU2_GUIDANCE;
        return pipeline(network, prompts, CLIP_FRAMES, config.sampleSize(), guidance, sourceGuidance);
    }

    private DiffusionPipeline emu2Clips() {
        Emu2VideoConfig config = Emu2VideoConfig.read(index.folder(UNET));
        UNet2dConfig image = config.image();
        Network network = new Network(place(), LatentAxes.CLIP, imageSizes(image));
        PromptEncoder prompts =
                new EmbeddingPrompts(engine, image.contextWidth().orElseThrow(), false);
        return pipeline(
                network,
                prompts,
                image.sampleSize(),
                size -> new GenerationDefaults(
                        CLIP_FRAMES, size, config.steps(), config.guidance(), config.guidance()));
    }

    private DiffusionPipeline stills() {
        UNet2dConfig config = UNet2dConfig.read(index.folder(UNET));
        Network network = new Network(place(), LatentAxes.STILLS, imageSizes(config));
        int context = config.contextWidth().orElseThrow(() -> index.refuse(UNET, "a network with cross-attention"));
        if (index.has(SECOND_TEXT_ENCODER)) {
            boolean zeros = index.flag("force_zeros_for_empty_prompt", true);
            PromptEncoder prompts = new SdxlPrompts(engine, clipText(""), clipText("_2"), zeros);
            return pipeline(network, prompts, 1, config.sampleSize(), SDXL_GUIDANCE, SDXL_GUIDANCE);
        }
        if (index.has(TEXT_ENCODER)) {
            PromptEncoder prompts = new TextPrompts(clipText(""));
            return pipeline(
                    network, prompts, 1, config.sampleSize(), STABLE_DIFFUSION_GUIDANCE, STABLE_DIFFUSION_GUIDANCE);
        }
        PromptEncoder prompts =
                new EmbeddingPrompts(engine, context, config.sizeEmbedding().isPresent());
        return pipeline(network, prompts, 1, config.sampleSize(), EMU2_GUIDANCE, EMU2_GUIDANCE);
    }

    AudioPipeline loadAudio() {
        require(UNET, "UNet2DConditionModel");
        require(TEXT_ENCODER, "ClapTextModelWithProjection");
        require("vocoder", "SpeechT5HifiGan");
        UNet2dConfig config = UNet2dConfig.read(index.folder(UNET));
        ClapTextConfig text = ClapTextConfig.read(index.folder(TEXT_ENCODER));
        AutoencoderKlConfig mel = AutoencoderKlConfig.read(index.folder("vae"));
        HifiGanConfig sound = HifiGanConfig.read(index.folder("vocoder"));
        if (config.classWidth().orElse(-1) != text.projectionWidth()
                || config.inChannels() != mel.latentChannels()
                || mel.outChannels() != 1
                || sound.bins() % mel.factor() != 0) {
            throw new CheckpointException(
                    "embeddings of %d for a U-Net with class embeddings of %s and %d channels, latents of %d channels and spectrograms of %d channels, %d bins cut into %ds: this is no pipeline of this kind"
                            .formatted(
                                    text.projectionWidth(),
                                    config.classWidth(),
                                    config.inChannels(),
                                    mel.latentChannels(),
                                    mel.outChannels(),
                                    sound.bins(),
                                    mel.factor()));
        }
        DType type = options.computeType();
        return new AudioPipeline(
                engine,
                load(UNET, type, weights -> new UNet2dConditionModel(config, weights)),
                new AudioPrompts(
                        engine,
                        ClapTokens.open(index.folder("tokenizer"), text),
                        load(TEXT_ENCODER, type, weights -> new ClapTextModel(text, weights))),
                samplers(),
                load("vae", type, weights -> AutoencoderKl.decoderOnly(mel, weights)),
                load("vocoder", type, weights -> new HifiGan(sound, weights)),
                this::close);
    }

    private void require(String component, String className) {
        if (!index.className(component).filter(className::equals).isPresent()) {
            throw index.refuse(component, className);
        }
    }

    private NetworkSizes imageSizes(UNet2dConfig config) {
        return new NetworkSizes(
                config.inChannels(), config.widths(), config.layers().get(0), 0, options.computeType());
    }

    private DiffusionPipeline pipeline(
            Network network,
            PromptEncoder prompts,
            int frames,
            int sampleSize,
            double guidance,
            double sourceGuidance) {
        return pipeline(
                network,
                prompts,
                sampleSize,
                size -> new GenerationDefaults(frames, size, STEPS, guidance, sourceGuidance));
    }

    private DiffusionPipeline pipeline(
            Network network,
            PromptEncoder prompts,
            int sampleSize,
            Function<FrameSize, GenerationDefaults> defaultsOfSize) {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(index.folder("vae"));
        if (config.latentChannels() != network.sizes().channels()) {
            throw new CheckpointException(
                    "the U-Net takes %d channels and the VAE makes %d: this is no pipeline of this kind"
                            .formatted(network.sizes().channels(), config.latentChannels()));
        }
        boolean overflows = config.forceUpcast() && options.computeType() == DType.F16;
        DType vaeType = overflows ? DType.F32 : options.computeType();
        AutoencoderKl vae = load("vae", vaeType, weights -> new AutoencoderKl(config, weights));
        int side = sampleSize * config.factor();
        GenerationDefaults defaults = defaultsOfSize.apply(new FrameSize(side, side));
        return new DiffusionPipeline(
                engine,
                network,
                prompts,
                samplers(),
                new FrameCodec(engine, vae),
                new MemoryPlanner(network.sizes(), config, vaeType, engine.device()),
                defaults,
                this::close);
    }

    private Function<Optional<SamplerKind>, Sampler> samplers() {
        Path file = index.folder("scheduler").resolve(Samplers.CONFIG_FILE);
        Sampler own = Samplers.load(file, Optional.empty());
        return kind -> kind.isPresent() ? Samplers.load(file, kind) : own;
    }

    private ClipText clipText(String suffix) {
        String encoder = TEXT_ENCODER + suffix;
        ClipTextConfig config = ClipTextConfig.read(index.folder(encoder));
        ClipTextModel model = load(encoder, options.computeType(), weights -> new ClipTextModel(config, weights));
        PromptTokens tokens = PromptTokens.open(index.folder("tokenizer" + suffix), config.positions());
        return new ClipText(engine, tokens, model);
    }

    private <M> M load(String component, DType type, Function<Weights, M> constructor) {
        CheckpointOptions wanted =
                new CheckpointOptions(options.variant(), Optional.of(type), CheckpointOptions.DEFAULT.naming(), false);
        Checkpoint checkpoint = Checkpoint.open(index.folder(component), engine, wanted);
        opened.push(checkpoint);
        return checkpoint.load(constructor);
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
