package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.modaverse.Medium;
import io.kinora.model.modaverse.ModaVerseConfig;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.modaverse.ModaVerseModel;
import io.kinora.model.modaverse.ModaVerseOptions;
import io.kinora.model.modaverse.imagebind.AudioComponent;
import io.kinora.model.modaverse.imagebind.FramePair;
import io.kinora.model.modaverse.imagebind.ImageBindConfig;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.model.modaverse.prompt.ModaVerseTokens;
import io.kinora.model.modaverse.prompt.UserText;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityException;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parity component {@code modaverse.meta_response}: an instruction and raw media in; the prompt's rows, the scores of the first new
 * token, the tokens and their text out.
 */
public final class MetaResponseComponent implements ParityComponent {
    private static final long SEQUENCE = -1;

    @Override
    public String name() {
        return "modaverse.meta_response";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ModaVerseFolder folder = ModaVerseFolder.find(parityCase.checkpoint());
        JsonNode config = parityCase.config();
        LlamaConfig language = ModaVerseConfig.read(folder).language();
        int most = parityCase.hasInput("max_new_tokens")
                ? parityCase.required("max_new_tokens").asInt()
                : ModaVerseModel.RELEASED_TOKENS;
        ModaVerseOptions options = ModaVerseOptions.asStored(
                        KvCacheLayout.of(language, language.layers(), DType.F32).bytesFor(2, language.maxPositions()))
                .withComputeType(DType.F32)
                .withLoraAlpha(config.path("lora_alpha").asDouble(ModaVerseOptions.RELEASED_ALPHA));
        ImageBindFile imageBind = ImageBindFile.at(
                folder.imageBind(),
                Optional.of(DType.F32),
                config.path("vision_heads").asInt(ImageBindConfig.VISION_HEADS),
                config.path("audio_heads").asInt(ImageBindConfig.AUDIO_HEADS));
        ModaVersePrompts prompts =
                new ModaVersePrompts(ModaVerseTokens.open(folder.languageModel()), UserText.AS_RELEASED);
        try (ModaVerseModel model = ModaVerseModel.open(folder, imageBind, engine, options)) {
            List<Tensor> media = new ArrayList<>();
            for (JsonNode medium : parityCase.input("media")) {
                media.add(model.project(medium(parityCase, medium, engine)));
            }
            int[] ids = prompts.ids(parityCase.required("instruction").textValue(), media.size());
            Tensor rows = model.embed(ids, media);
            outputs.put("input_embeds", rows.unsqueeze(0));
            outputs.put("logits", firstLogits(model.stages(), rows));
            List<Integer> tokens = model.respond(
                    rows,
                    GenerationSettings.greedy(language, most),
                    prompts.tokens().end(),
                    Optional.empty());
            outputs.put(
                    "token_ids", tokens.stream().mapToLong(Integer::longValue).toArray(), tokens.size());
            String text = prompts.tokens()
                    .tokenizer()
                    .decode(tokens.stream().mapToInt(Integer::intValue).toArray());
            outputs.put("meta_response", JsonNodeFactory.instance.textNode(text));
        }
    }

    private static Tensor firstLogits(StageChain stages, Tensor rows) { // (T, D) -> (1, V)
        stages.open(SEQUENCE, (int) rows.dim(0));
        try (Tensor last = stages.prefill(SEQUENCE, rows, TextGenerator.DEFAULT_CHUNK)) {
            return stages.logits(last);
        } finally {
            stages.free(SEQUENCE);
        }
    }

    private static Medium medium(ParityCase parityCase, JsonNode medium, Engine engine) {
        if (medium.has("pixels")) {
            Tensor pixels = parityCase.tensor(medium.path("pixels"), engine);
            return new Medium.Picture(ImageBindPixels.of(ImageBindVisionComponent.picture(pixels), engine, DType.F32));
        }
        if (medium.has("frames")) {
            Tensor frames = parityCase.tensor(medium.path("frames"), engine);
            List<FramePair> pairs =
                    FramePair.of((int) frames.dim(0), medium.path("fps").asDouble());
            return new Medium.Clip(ImageBindVisionComponent.views(frames, pairs));
        }
        if (medium.has("waveform")) {
            Tensor samples = parityCase.tensor(medium.path("waveform"), engine);
            int rate = medium.path("sampling_rate").asInt();
            return Medium.Sound.of(AudioComponent.waveform(samples, rate), engine);
        }
        throw new ParityException(
                "%s: a medium has pixels, frames or a waveform, got %s".formatted(parityCase.folder(), medium));
    }
}
