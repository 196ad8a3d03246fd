package io.kinora.service;

import io.kinora.decoder.audio.ClapTextConfig;
import io.kinora.decoder.audio.ClapTextModel;
import io.kinora.decoder.audio.HifiGan;
import io.kinora.decoder.audio.HifiGanConfig;
import io.kinora.decoder.text.ClipTextConfig;
import io.kinora.decoder.text.ClipTextModel;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.Initialisation;
import io.kinora.model.checkpoint.RandomWeights;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small checkpoints with random weights, in the layouts of ModelScope's text-to-video and of Stable Diffusion. */
public final class SmallPipelines {
    private static final String INDEX = """
            {"_class_name": "%s", "unet": ["diffusers", "%s"], "vae": ["diffusers", "AutoencoderKL"],
             "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
             "tokenizer": ["transformers", "CLIPTokenizer"]}""";
    private static final String UNET_3D = """
            {"sample_size": 8, "in_channels": 4, "out_channels": 4, "block_out_channels": [8, 16], "layers_per_block": 1,
             "down_block_types": ["CrossAttnDownBlock3D", "DownBlock3D"], "up_block_types": ["UpBlock3D", "CrossAttnUpBlock3D"],
             "norm_num_groups": 4, "cross_attention_dim": 12, "attention_head_dim": 4}""";
    private static final String UNET_2D = """
            {"sample_size": 8, "in_channels": 4, "out_channels": 4, "block_out_channels": [8, 16], "layers_per_block": 1,
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
             "norm_num_groups": 4, "cross_attention_dim": 12, "attention_head_dim": 4}""";
    private static final String VAE = """
            {"block_out_channels": [4, 4, 8, 8], "layers_per_block": 1, "latent_channels": 4, "norm_num_groups": 2,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"],
             "sample_size": 64, "scaling_factor": 0.18215}""";
    private static final String SCHEDULER = """
            {"_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
             "clip_sample": false, "set_alpha_to_one": false, "steps_offset": 1}""";
    private static final String TEXT_ENCODER = """
            {"vocab_size": %d, "hidden_size": 12, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
             "max_position_embeddings": 24, "hidden_act": "gelu", "eos_token_id": 2}""";
    private static final String TOKENIZER = """
            {"tokenizer_class": "CLIPTokenizer", "model_max_length": 24, "bos_token": "<|startoftext|>",
             "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}""";

    private static final String SOUND_INDEX = """
            {"_class_name": "AudioLDMPipeline", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
             "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "ClapTextModelWithProjection"],
             "tokenizer": ["transformers", "RobertaTokenizer"], "vocoder": ["transformers", "SpeechT5HifiGan"]}""";
    private static final String SOUND_TEXT = """
            {"model_type": "clap_text_model", "vocab_size": %d, "hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 2,
             "num_attention_heads": 3, "max_position_embeddings": 600, "type_vocab_size": 1, "layer_norm_eps": 1e-12,
             "hidden_act": "gelu", "projection_dim": 12, "projection_hidden_act": "relu", "pad_token_id": 1}""";
    private static final String SOUND_TOKENIZER = """
            {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512, "add_prefix_space": false}""";
    private static final String SOUND_MARKS = """
            {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}""";
    private static final String SOUND_UNET = """
            {"_class_name": "UNet2DConditionModel", "sample_size": 8, "in_channels": 4, "out_channels": 4, "block_out_channels": [4, 8],
             "layers_per_block": 1, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
             "norm_num_groups": 2, "cross_attention_dim": [4, 8], "attention_head_dim": 2, "class_embed_type": "simple_projection",
             "class_embeddings_concat": true, "projection_class_embeddings_input_dim": 12}""";
    private static final String SOUND_VAE = """
            {"in_channels": 1, "out_channels": 1, "block_out_channels": [4, 8], "layers_per_block": 1, "latent_channels": 4, "norm_num_groups": 2,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"], "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"],
             "sample_size": 16, "scaling_factor": 0.9}""";
    private static final String SOUND_VOCODER = """
            {"model_type": "speecht5_hifigan", "model_in_dim": 8, "sampling_rate": 1000, "upsample_initial_channel": 16,
             "upsample_rates": [5, 2], "upsample_kernel_sizes": [16, 4], "resblock_kernel_sizes": [3, 7],
             "resblock_dilation_sizes": [[1, 3], [1, 5]], "leaky_relu_slope": 0.1, "normalize_before": false}""";

    private SmallPipelines() {}

    /** A checkpoint that makes sounds from words, at 1 kHz. */
    static Path textToSound(Path folder) throws IOException {
        List<String> vocabulary = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>"));
        vocabulary.addAll(bytes());
        vocabulary.add("<mask>");
        file(folder.resolve("model_index.json"), SOUND_INDEX);
        file(folder.resolve("scheduler/scheduler_config.json"), SCHEDULER);
        file(folder.resolve("tokenizer/vocab.json"), json(vocabulary));
        file(folder.resolve("tokenizer/merges.txt"), "#version: 0.2\n");
        file(folder.resolve("tokenizer/tokenizer_config.json"), SOUND_TOKENIZER);
        file(folder.resolve("tokenizer/special_tokens_map.json"), SOUND_MARKS);
        file(folder.resolve("text_encoder/config.json"), SOUND_TEXT.formatted(vocabulary.size()));
        file(folder.resolve("unet/config.json"), SOUND_UNET);
        file(folder.resolve("vae/config.json"), SOUND_VAE);
        file(folder.resolve("vocoder/config.json"), SOUND_VOCODER);
        try (Engine engine = Engines.open("libtorch", Device.CPU)) {
            Path text = folder.resolve("text_encoder");
            Path unet = folder.resolve("unet");
            Path vae = folder.resolve("vae");
            Path vocoder = folder.resolve("vocoder");
            weights(engine, text, "model", view -> new ClapTextModel(ClapTextConfig.read(text), view));
            weights(
                    engine,
                    unet,
                    "diffusion_pytorch_model",
                    view -> new UNet2dConditionModel(UNet2dConfig.read(unet), view));
            weights(
                    engine,
                    vae,
                    "diffusion_pytorch_model",
                    view -> new AutoencoderKl(AutoencoderKlConfig.read(vae), view));
            weights(engine, vocoder, "model", view -> new HifiGan(HifiGanConfig.read(vocoder), view).close());
        }
        return folder;
    }

    /** A checkpoint that makes clips from words. */
    public static Path textToVideo(Path folder) throws IOException {
        return write(folder, "TextToVideoSDPipeline", "UNet3DConditionModel", UNET_3D);
    }

    /** A checkpoint that makes pictures from words. */
    public static Path textToImage(Path folder) throws IOException {
        return write(folder, "StableDiffusionPipeline", "UNet2DConditionModel", UNET_2D);
    }

    private static Path write(Path folder, String pipeline, String network, String unetConfig) throws IOException {
        file(folder.resolve("model_index.json"), INDEX.formatted(pipeline, network));
        file(folder.resolve("scheduler/scheduler_config.json"), SCHEDULER);
        List<String> vocabulary = vocabulary();
        file(folder.resolve("tokenizer/vocab.json"), json(vocabulary));
        file(folder.resolve("tokenizer/merges.txt"), "#version: 0.2\n");
        file(folder.resolve("tokenizer/tokenizer_config.json"), TOKENIZER);
        file(folder.resolve("text_encoder/config.json"), TEXT_ENCODER.formatted(vocabulary.size()));
        file(folder.resolve("unet/config.json"), unetConfig);
        file(folder.resolve("vae/config.json"), VAE);
        try (Engine engine = Engines.open("libtorch", Device.CPU)) {
            Path text = folder.resolve("text_encoder");
            Path unet = folder.resolve("unet");
            Path vae = folder.resolve("vae");
            weights(engine, text, "model", view -> new ClipTextModel(ClipTextConfig.read(text), view));
            weights(engine, unet, "diffusion_pytorch_model", view -> {
                if (network.equals("UNet3DConditionModel")) {
                    new UNet3dConditionModel(UNet3dConfig.read(unet), view);
                } else {
                    new UNet2dConditionModel(UNet2dConfig.read(unet), view);
                }
            });
            weights(
                    engine,
                    vae,
                    "diffusion_pytorch_model",
                    view -> new AutoencoderKl(AutoencoderKlConfig.read(vae), view));
        }
        return folder;
    }

    private static String json(List<String> vocabulary) {
        return IntStream.range(0, vocabulary.size())
                .mapToObj(i -> "\"%s\": %d"
                        .formatted(vocabulary.get(i).replace("\\", "\\\\").replace("\"", "\\\""), i))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** Every byte as its symbol, alone and at the end of a word, and the two marks: enough for any text. */
    private static List<String> vocabulary() {
        List<String> all = new ArrayList<>(bytes());
        bytes().forEach(symbol -> all.add(symbol + "</w>"));
        all.add("<|startoftext|>");
        all.add("<|endoftext|>");
        return all;
    }

    private static List<String> bytes() {
        List<String> symbols = new ArrayList<>();
        int beyond = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            symbols.add(Character.toString(printable ? b : beyond++));
        }
        return symbols;
    }

    private static void weights(Engine engine, Path folder, String stem, Consumer<Weights> constructor)
            throws IOException {
        try (RandomWeights weights = new RandomWeights(engine, DType.F32, 3, Initialisation.TRAINED)) {
            constructor.accept(weights);
            weights.save(folder, SaveOptions.DEFAULT.withStem(stem));
        }
    }

    private static void file(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
