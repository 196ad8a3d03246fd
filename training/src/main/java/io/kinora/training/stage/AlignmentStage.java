package io.kinora.training.stage;

import io.kinora.model.llm.LlamaStage;
import io.kinora.model.modaverse.MediaProjection;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.InstructionPair;
import io.kinora.training.data.InstructionPairs;
import io.kinora.training.data.MediaEmbedder;
import io.kinora.training.model.Sequences;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Input/output alignment (ModaVerse, section 3.3): behind an instruction, with what is shown projected into the language model's space, cross-entropy on
 * the meta-response that invokes a generator. Encoder and language model stay as they are; the projection and the adapter learn.
 */
public final class AlignmentStage implements Objective<AlignmentStage.Batch> {
    private final LlamaStage language;
    private final MediaProjection projection;
    private final ModaVersePrompts prompts;
    private final MediaEmbedder embedder;
    private final InstructionPairs pairs;
    private final int size;
    private final long seed;

    /** What is shown, in the order of the places for it, and the sequences. */
    public record Batch(List<InstructionPair.Shown> shown, Sequences sequences) {
        /** Copies the list. */
        public Batch {
            shown = List.copyOf(shown);
        }
    }

    /**
     * On a language model that reads what a projection makes of an encoder's embeddings.
     *
     * @param size pairs of a batch
     */
    public AlignmentStage(
            LlamaStage language,
            MediaProjection projection,
            ModaVersePrompts prompts,
            MediaEmbedder embedder,
            InstructionPairs pairs,
            int size,
            long seed) {
        this.language = language;
        this.projection = projection;
        this.prompts = prompts;
        this.embedder = embedder;
        this.pairs = pairs;
        this.size = size;
        this.seed = seed;
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        List<InstructionPair.Shown> shown = new ArrayList<>();
        List<Sequences.Tree> trees = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            InstructionPair pair = pairs.pair(random.nextLong(1L << 40));
            pair.shown().ifPresent(shown::add);
            int[] prompt = prompts.ids(pair.instruction(), pair.shown().isPresent() ? 1 : 0);
            int[] response = prompts.tokens().tokenizer().encode(pair.response());
            trees.add(new Sequences.Tree(prompt, List.of(new Sequences.Branch(response, response.length))));
        }
        return new Batch(shown, new Sequences(trees, ModaVersePrompts.MEDIUM));
    }

    @Override
    public Loss loss(Batch batch) {
        Engine engine = language.engine();
        Sequences sequences = batch.sequences();
        long B = sequences.count();
        long T = sequences.length();
        long[] ids = Arrays.stream(sequences.ids()).map(id -> Math.max(id, 0)).toArray();
        Tensor read = language.forward(
                shown(language.embed(engine.of(ids, B * T)), batch).reshape(B, T, -1),
                engine.of(sequences.positions(), B, T),
                new AttentionMask.Bias(engine.of(sequences.mask(), B, 1, T, T)));
        long[] asked = sequences.asked();
        Tensor logits = language.logits(engine.gather(read.reshape(B * T, -1), engine.of(asked, asked.length)));
        Tensor targets = engine.of(sequences.targets(), asked.length);
        Tensor loss = engine.gradients().orElseThrow().crossEntropy(logits, targets, Sequences.NOTHING);
        long[] found = logits.argmax(-1).toLongs();
        long right = IntStream.range(0, found.length)
                .filter(i -> found[i] == sequences.targets()[i])
                .count();
        return new Loss(
                loss, Map.of("responses", loss, "right", engine.of(new float[] {(float) right / found.length}, 1)));
    }

    /** Rows {@code [B·T, D]} with what is shown in its places. */
    private Tensor shown(Tensor rows, Batch batch) {
        long[] places = batch.sequences().places();
        if (places.length == 0) {
            return rows;
        }
        Engine engine = rows.engine();
        List<Tensor> media = batch.shown().stream()
                .map(shown ->
                        projection.forward(shown.kind(), embedder.embed(shown).to(rows.dtype())))
                .toList();
        return engine.scatterRows(rows, engine.of(places, places.length), engine.cat(media, 0));
    }
}
