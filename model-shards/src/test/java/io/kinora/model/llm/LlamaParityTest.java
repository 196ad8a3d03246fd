package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.Naming;
import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.parity.ParityCase;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The language model against transformers' LlamaForCausalLM. */
class LlamaParityTest {
    private static final double BLOCK_ERROR = 1e-4;
    private static final long CACHE_BYTES = 16 << 20;

    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama_layer", "llama_grouped", "llama_tied"})
    void hiddenStatesAndLogitsAreThoseOfTheReference(String name) {
        try (ParityCase parity = ParityCase.open(engine, name);
                Checkpoint checkpoint = parity.checkpoint(Naming.asStored());
                StageChain model = chain(checkpoint, LlamaConfig.from(parity.config()), 1);
                Scope scope = engine.scope()) {
            List<Tensor> hidden = new ArrayList<>();
            List<Tensor> logits = new ArrayList<>();
            for (Prompt prompt : prompts(parity)) {
                Tensor all = model.forward(StageBatch.of(prompt.row(), 0, prompt.length()), prompt.embed(model));
                Tensor last = all.slice(0, prompt.length() - prompt.kept(), prompt.length());
                hidden.add(last);
                logits.add(model.logits(last));
            }
            parity.assertClose("last_hidden_state", engine.stack(hidden, 0), BLOCK_ERROR);
            parity.assertClose("logits", engine.stack(logits, 0), BLOCK_ERROR);
        }
    }

    @Test
    void sequencesOfSeveralLengthsRunInOneBatchAsTheyRunAlone() {
        try (ParityCase parity = ParityCase.open(engine, "llama_grouped");
                Checkpoint checkpoint = parity.checkpoint(Naming.asStored());
                StageChain model = chain(checkpoint, LlamaConfig.from(parity.config()), 1);
                Scope scope = engine.scope()) {
            List<Prompt> prompts = prompts(parity);
            List<StageBatch.Segment> segments = prompts.stream()
                    .map(prompt -> new StageBatch.Segment(prompt.row(), 0, prompt.length()))
                    .toList();
            Tensor packed = engine.cat(
                    prompts.stream().map(prompt -> prompt.embed(model)).toList(), 0);
            Tensor hidden = model.forward(new StageBatch(segments), packed);
            List<Tensor> kept = new ArrayList<>();
            int end = 0;
            for (Prompt prompt : prompts) {
                end += prompt.length();
                kept.add(hidden.slice(0, end - prompt.kept(), end));
            }
            parity.assertClose("last_hidden_state", engine.stack(kept, 0), BLOCK_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void sixtyFourGreedyTokensAreThoseOfTheReferenceOnAnyNumberOfStages(int stages) {
        try (ParityCase parity = ParityCase.open(engine, "llama_greedy");
                Checkpoint checkpoint = parity.checkpoint(Naming.asStored());
                StageChain model = chain(checkpoint, LlamaConfig.from(parity.config()), stages);
                Scope scope = engine.scope()) {
            int[] ids = parity.ids("input.input_ids");
            long[] prompt = IntStream.of(ids).asLongStream().toArray();
            GenerationSettings settings = new GenerationSettings(SamplingSettings.GREEDY, 64, Set.of(), 0);

            GeneratedText text = new TextGenerator(model, 4)
                    .generate(model.embed(engine.of(prompt, prompt.length)), settings, t -> true);

            assertThat(text.ids())
                    .containsExactly(
                            IntStream.of(parity.ids("output.token_ids")).boxed().toArray(Integer[]::new));
        }
    }

    @Test
    void beamSearchFindsTheAnswersOfTheReference() {
        try (ParityCase parity = ParityCase.open(engine, "llama_beam");
                Checkpoint checkpoint = parity.checkpoint(Naming.asStored());
                StageChain model = chain(checkpoint, LlamaConfig.from(parity.config()), 2);
                Scope scope = engine.scope();
                Tensor prompts = parity.input("input_ids");
                Tensor answers = parity.output("token_ids")) {
            TextGenerator generator = new TextGenerator(model);
            for (int row = 0; row < prompts.dim(0); row++) {
                Tensor prompt = model.embed(prompts.select(0, row));
                List<Long> answer =
                        LongStream.of(answers.select(0, row).toLongs()).boxed().toList();
                int end = answer.indexOf(2L);

                List<Integer> found = generator.beamSearch(prompt, new BeamSettings(4, 0, 1), answer.size());

                assertThat(found)
                        .as("row %d", row)
                        .extracting(Integer::longValue)
                        .isEqualTo(end < 0 ? answer : answer.subList(0, end));
            }
        }
    }

    static StageChain chain(Checkpoint checkpoint, LlamaConfig config, int stages) {
        return checkpoint.load(weights -> {
            List<LlamaStage> made = new ArrayList<>();
            for (int i = 0; i < stages; i++) {
                LayerRange layers = new LayerRange(config.layers() * i / stages, config.layers() * (i + 1) / stages);
                made.add(new LlamaStage(
                        weights, config, StageParts.of(layers, config.layers()), Optional.empty(), CACHE_BYTES));
            }
            return new StageChain(made);
        });
    }

    /** One row of a batch without its padding. */
    private record Prompt(int row, List<Long> ids, int kept) {
        int length() {
            return ids.size();
        }

        Tensor embed(StageChain model) {
            return model.embed(engine.of(ids.stream().mapToLong(Long::longValue).toArray(), ids.size()));
        }
    }

    private static List<Prompt> prompts(ParityCase parity) {
        int kept = parity.description().path("inputs").path("keep_last").asInt();
        List<Prompt> prompts = new ArrayList<>();
        try (Scope scope = engine.scope()) {
            Tensor ids = parity.input("input_ids");
            Tensor mask = parity.input("attention_mask");
            for (int row = 0; row < ids.dim(0); row++) {
                long[] all = ids.select(0, row).toLongs();
                long[] real = mask.select(0, row).toLongs();
                prompts.add(new Prompt(
                        row,
                        IntStream.range(0, all.length)
                                .filter(i -> real[i] == 1)
                                .mapToObj(i -> all[i])
                                .toList(),
                        kept));
            }
        }
        return prompts;
    }
}
