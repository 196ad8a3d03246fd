package io.kinora.training.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.prompt.Chat;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.ClipExample;
import io.kinora.training.data.WorldClips;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameters;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is trained must be what is served. */
class AnswerStageTest {
    private static final Path MODEL = Path.of("src/test/resources/io/kinora/training/recipe/tiny/model");

    private final Engine engine = Engines.open("libtorch", Device.CPU);
    private final Emu2Config sizes = Emu2Config.read(MODEL.resolve("multimodal_encoder/config.json"));

    @TempDir
    private Path folder;

    @Test
    void hasTheLossOfTheServingModelOnEachQuestionAskedAlone() throws Exception {
        ShapesTokenizer.writeTo(folder);
        Tokenizer tokenizer = Tokenizers.open(folder);
        WorldClips clips = new WorldClips(
                new World(1),
                Split.TRAIN,
                sizes.vision().imageSize(),
                WorldClips.Asking.any(3),
                new WorldClips.Shares(0, 0, 0));
        List<ClipExample> examples = List.of(clips.example(0, 2), clips.example(1, 2));
        try (Scope scope = engine.scope()) {
            float together;
            try (Parameters parameters = new Parameters(engine, 5, DType.F32);
                    Emu2Learner learner = new Emu2Learner(parameters, sizes)) {
                AnswerStage stage = new AnswerStage(learner, tokenizer, clips, List.of(), 1);
                together = stage.loss(stage.batch(examples)).total().toFloats()[0];
            }
            try (Parameters parameters = new Parameters(engine, 5, DType.F32);
                    Emu2Model served = Emu2Model.of(parameters, sizes, Emu2Options.asStored(1L << 22))) {
                List<Double> alone = new ArrayList<>();
                for (ClipExample example : examples) {
                    for (ClipExample.QuestionAnswer asked : example.questions()) {
                        alone.addAll(losses(served, tokenizer, example, asked));
                    }
                }
                double mean = alone.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow();
                assertThat((double) together).isCloseTo(mean, within(1e-4));
            }
        }
    }

    private List<Double> losses(
            Emu2Model model, Tokenizer tokenizer, ClipExample example, ClipExample.QuestionAnswer asked) {
        Emu2Prompts prompts = new Emu2Prompts(
                tokenizer,
                sizes.imageEmbeddings(),
                sizes.frameEmbeddings(),
                sizes.language().maxPositions());
        int[] ids = prompts.chat(Chat.question(
                        new PromptPart.Frames(example.frames().size()), new PromptPart.Text(asked.question())))
                .ids();
        List<Tensor> frames = new ArrayList<>();
        int side = sizes.vision().imageSize();
        example.frames().forEach(frame -> {
            Tensor rgb = engine.copyOf(ByteBuffer.wrap(frame.toByteArray()), DType.U8, Shape.of(1, side, side, 3));
            frames.add(
                    model.vision().encodeFrames(model.vision().normalize(rgb)).squeeze(0));
        });
        List<Integer> answer = new ArrayList<>();
        for (int id : tokenizer.encode(asked.answer())) {
            answer.add(id);
        }
        answer.add(prompts.tokens().end());
        model.stages().open(1, ids.length + answer.size());
        Tensor prompt = model.embedder().embed(ids, List.of(), frames);
        Tensor last = model.stages().prefill(1, prompt, 512);
        List<Double> losses = new ArrayList<>();
        int position = ids.length;
        for (int id : answer) {
            losses.add((double) -model.stages().logits(last).logSoftmax(-1).toFloats()[id]);
            Tensor row = model.stages().embed(engine.of(new long[] {id}, 1));
            last = model.stages().forward(StageBatch.of(1, position++, 1), row);
        }
        model.stages().free(1);
        return losses;
    }
}
