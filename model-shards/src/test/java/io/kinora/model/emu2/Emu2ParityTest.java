package io.kinora.model.emu2;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.parity.ParityCase;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All of Emu2 against the references, on a small checkpoint in the released layout, with the language model in two stages. */
class Emu2ParityTest {
    private static final double END_TO_END_ERROR = 1e-3;
    private static final double BLOCK_ERROR = 1e-4;

    private static Engine engine;
    private ParityCase parity;
    private Checkpoint checkpoint;
    private Emu2Model model;
    private Scope scope;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void load() {
        parity = ParityCase.open(engine, "emu2_interleaved");
        Emu2Folder folder = Emu2Folder.find(parity.checkpointFolder());
        Emu2Config config = Emu2Config.read(folder.config());
        Emu2Options options = Emu2Options.asStored(1 << 20).withComputeType(DType.F32);
        checkpoint = Emu2Model.open(folder, engine, options);
        List<LayerRange> ranges = List.of(new LayerRange(0, 1), new LayerRange(1, 3));
        model = checkpoint.load(weights -> Emu2Model.of(weights, config, options, ranges));
        scope = engine.scope();
    }

    @AfterEach
    void close() {
        scope.close();
        model.close();
        checkpoint.close();
        parity.close();
    }

    @Test
    void pixelsAreNormalisedAsInTheReference() {
        parity.assertClose("pixel_values", firstPicture(), 1e-6);
    }

    @Test
    void picturesBecomePooledAndProjectedEmbeddings() {
        Tensor image = model.vision().encodeImages(firstPicture());

        parity.assertClose("image_embeds", image, BLOCK_ERROR);
        parity.assertClose("projected", model.projections().up(image), BLOCK_ERROR);
    }

    @Test
    void framesAreEncodedInGroupsAsTheyAreAlone() {
        Tensor frames = model.vision().encodeFrames(model.vision().normalize(parity.input("pixels")));

        parity.assertClose("frame_embeds", frames, BLOCK_ERROR);
    }

    @Test
    void embeddingsTakeTheirPlacesInThePrompt() {
        parity.assertClose("input_embeds", prompt().unsqueeze(0), BLOCK_ERROR);
    }

    @Test
    void logitsBehindAnInterleavedPromptAreThoseOfTheReference() {
        Tensor prompt = prompt();
        Tensor hidden = model.stages().forward(StageBatch.of(1, 0, (int) prompt.dim(0)), prompt);
        Tensor last = hidden.slice(0, hidden.dim(0) - 1, hidden.dim(0));

        parity.assertClose("logits", model.stages().logits(last), END_TO_END_ERROR);
    }

    @Test
    void greedyTokensBehindAnInterleavedPromptAreThoseOfTheReference() {
        GenerationSettings settings = new GenerationSettings(SamplingSettings.GREEDY, 12, Set.of(), 0);

        List<Integer> ids = model.textGenerator()
                .generate(prompt(), settings, token -> true)
                .ids();

        assertThat(ids)
                .containsExactlyElementsOf(
                        IntStream.of(parity.ids("output.token_ids")).boxed().toList());
    }

    @Test
    void regressedEmbeddingsAreThoseOfTheReferenceWhichHasNoCache() {
        Tensor begin = model.embedder().embed(new int[] {model.config().beginImageToken()}, List.of(), List.of());
        Tensor prompt = engine.cat(List.of(prompt(), begin), 0);

        parity.assertClose("embeddings", model.regress(prompt, 8).unsqueeze(0), END_TO_END_ERROR);
        parity.assertClose("negative_embeddings", model.regressNegative(8).unsqueeze(0), END_TO_END_ERROR);
    }

    @Test
    void nothingOfARequestStaysInTheCache() {
        model.regressNegative(4);
        model.textGenerator()
                .generate(prompt(), GenerationSettings.greedy(model.config().language(), 3), t -> true);

        assertThat(model.stages().stages()).allSatisfy(stage -> {
            assertThat(stage.cache().usage().sequences()).isZero();
            assertThat(stage.cache().usage().usedBlocks()).isZero();
        });
    }

    private Tensor firstPicture() {
        return model.vision().normalize(parity.input("pixels").slice(0, 0, 1));
    }

    private Tensor prompt() {
        Tensor pixels = model.vision().normalize(parity.input("pixels"));
        Tensor image = model.vision().encodeImages(pixels.slice(0, 0, 1));
        Tensor frames = model.vision().encodeFrames(pixels.slice(0, 1, 3));
        return model.embedder()
                .embed(
                        parity.ids("input.input_ids"),
                        List.of(image.select(0, 0)),
                        List.of(frames.select(0, 0), frames.select(0, 1)));
    }
}
