package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.emu2.Emu2CaseFolder;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.Picture;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.parity.CaseStages;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityException;
import io.kinora.video.RgbFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The Emu2 of a parity case in single precision, and the pictures of its prompt. The texts of a case are the caller's own: names of special
 * tokens in them are the tokens, as in the official code.
 */
final class Emu2Case implements AutoCloseable {
    private static final String VIDEO = "[VIDEO]";
    private static final String VIDEO_END = "[/VIDEO]";

    private final ParityCase parityCase;
    private final Engine engine;
    private final Emu2Config config;
    private final Tokenizer tokenizer;
    private final Checkpoint checkpoint;
    private final Emu2Model model;
    private final List<RgbFrame> images = new ArrayList<>();
    private final List<RgbFrame> frames = new ArrayList<>();

    private Emu2Case(
            ParityCase parityCase,
            Engine engine,
            Emu2Config config,
            Tokenizer tokenizer,
            Checkpoint checkpoint,
            Emu2Model model) {
        this.parityCase = parityCase;
        this.engine = engine;
        this.config = config;
        this.tokenizer = tokenizer;
        this.checkpoint = checkpoint;
        this.model = model;
    }

    static Emu2Case open(ParityCase parityCase, Engine engine) {
        Emu2Folder folder = Emu2CaseFolder.of(parityCase);
        Emu2Config config = Emu2Config.from(Emu2CaseFolder.config(parityCase));
        Tokenizer tokenizer = Tokenizers.open(folder.tokenizer());
        long cacheBytes = KvCacheLayout.of(config.language(), config.language().layers(), DType.F32)
                .bytesFor(1, config.language().maxPositions());
        CaseStages held = CaseStages.of(parityCase, config.language());
        Emu2Options full = Emu2Options.asStored(cacheBytes).withComputeType(DType.F32);
        Emu2Options options = held.scheme().map(full::withLanguageWeights).orElse(full);
        Checkpoint checkpoint = Emu2Model.open(folder, engine, options);
        try {
            Emu2Model model = checkpoint.load(weights -> Emu2Model.of(weights, config, options, held.ranges()));
            return new Emu2Case(parityCase, engine, config, tokenizer, checkpoint, model);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    Emu2Config config() {
        return config;
    }

    Emu2Model model() {
        return model;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    Emu2Prompts prompts() {
        return new Emu2Prompts(
                tokenizer,
                config.imageEmbeddings(),
                config.frameEmbeddings(),
                config.language().maxPositions());
    }

    /** Texts and pixels of a list; pictures are remembered in reading order, as are the frames between the two markers. */
    List<PromptPart> parts(JsonNode list) {
        List<PromptPart> parts = new ArrayList<>();
        boolean inVideo = false;
        for (JsonNode item : list.isArray() ? list : List.of(list)) {
            if (ParityCase.isTensor(item)) {
                for (RgbFrame picture : pictures(item)) {
                    parts.add(inVideo ? frame(picture) : image(picture));
                }
            } else if (!item.isTextual()) {
                throw new ParityException(
                        "%s: a prompt is texts and pixels, got %s".formatted(parityCase.folder(), item));
            } else if (item.textValue().equals(VIDEO_END)) {
                inVideo = false;
            } else {
                inVideo |= item.textValue().equals(VIDEO);
                parts.add(new PromptPart.Markup(item.textValue()));
            }
        }
        return parts;
    }

    private PromptPart image(RgbFrame picture) {
        images.add(picture);
        return new PromptPart.Image(new Picture.Given(images.size() - 1));
    }

    private PromptPart frame(RgbFrame picture) {
        frames.add(picture);
        return new PromptPart.MoreFrames(1);
    }

    /** One picture {@code [h, w, 3]}, or several {@code [n, h, w, 3]}. */
    private List<RgbFrame> pictures(JsonNode node) {
        Tensor pixels = parityCase.tensor(node, engine);
        if (pixels.rank() != 4) {
            return List.of(ImageBindVisionComponent.picture(pixels));
        }
        List<RgbFrame> pictures = new ArrayList<>();
        for (long i = 0; i < pixels.dim(0); i++) {
            pictures.add(ImageBindVisionComponent.picture(pixels.select(0, i)));
        }
        return pictures;
    }

    /** Normalised pixels {@code [n, 3, size, size]} of pictures of any sizes. */
    Tensor pixelValues(List<RgbFrame> pictures) {
        int size = config.vision().imageSize();
        List<RgbFrame> resized = pictures.stream()
                .map(picture -> FramePixels.resized(picture, size))
                .toList();
        return model.vision().normalize(FramePixels.of(resized, engine));
    }

    /** Rows {@code [T, D]} of a prompt whose parts {@link #parts} has read. */
    Tensor embed(Emu2PromptIds prompt) {
        List<Tensor> seen = images.isEmpty() ? List.of() : rows(model.vision().encodeImages(pixelValues(images)));
        List<Tensor> watched =
                frames.isEmpty() ? List.of() : rows(model.vision().encodeFrames(pixelValues(frames)));
        return model.embedder().embed(prompt.ids(), seen, watched);
    }

    /** The pictures that {@link #parts} has read. */
    List<RgbFrame> images() {
        return List.copyOf(images);
    }

    /** All pictures of an input: one, or a list. */
    List<RgbFrame> picturesOf(String input) {
        JsonNode node = parityCase.required(input);
        List<RgbFrame> pictures = new ArrayList<>();
        for (JsonNode item : node.isArray() ? node : List.of(node)) {
            pictures.addAll(pictures(item));
        }
        return pictures;
    }

    private static List<Tensor> rows(Tensor batch) {
        List<Tensor> rows = new ArrayList<>();
        for (long i = 0; i < batch.dim(0); i++) {
            rows.add(batch.select(0, i));
        }
        return rows;
    }

    /** Ids as the official tokenizer gives them, {@code [1, T]}. */
    Tensor ids(Emu2PromptIds prompt) {
        long[] ids = Arrays.stream(prompt.ids()).asLongStream().toArray();
        return engine.of(ids, 1, ids.length);
    }

    @Override
    public void close() {
        model.close();
        checkpoint.close();
    }
}
