package io.kinora.actors.shard;

import io.kinora.model.llm.StageBatch;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One pass through the stages: the next rows of some sequences, packed. Confined to the language model's thread. */
final class LanguageModelStep {
    private record Part(Sequence sequence, int rows, boolean hasResult) {}

    private final long number;
    private final List<Part> parts;
    private final StageBatch batch;
    private final StageInput input;
    private final StageOutputs outputs;

    private LanguageModelStep(long number, List<Part> parts) {
        this.number = number;
        this.parts = List.copyOf(parts);
        List<StageBatch.Segment> segments = new ArrayList<>();
        List<Integer> ids = new ArrayList<>();
        List<StageInput.Visual> visuals = new ArrayList<>();
        List<Integer> logitRows = new ArrayList<>();
        List<Integer> embeddingRows = new ArrayList<>();
        for (Part part : parts) {
            Sequence sequence = part.sequence();
            visuals.addAll(sequence.visualsOf(part.rows(), ids.size()));
            ids.addAll(sequence.idsOf(part.rows()));
            segments.add(new StageBatch.Segment(sequence.id(), sequence.computed(), part.rows()));
            if (part.hasResult()) {
                (sequence.wantsEmbedding() ? embeddingRows : logitRows).add(ids.size() - 1);
            }
        }
        this.batch = new StageBatch(segments);
        this.input = new StageInput.Tokens(ids, visuals);
        this.outputs = new StageOutputs(logitRows, embeddingRows);
    }

    /**
     * The next step of sequences: one row of each that generates first, so that answers keep flowing, then pieces of prompts in the order of the
     * sequences, up to {@code mostRows}, which is at least the number of sequences.
     */
    static LanguageModelStep of(long number, List<Sequence> sequences, int mostRows, Instant now) {
        int generating = (int)
                sequences.stream().filter(sequence -> sequence.pending() == 1).count();
        int left = mostRows - generating;
        List<Part> parts = new ArrayList<>();
        for (Sequence sequence : sequences) {
            int rows = sequence.pending() == 1 ? 1 : Math.min(sequence.pending(), left);
            if (sequence.pending() > 1) {
                left -= rows;
            }
            if (rows > 0) {
                sequence.stepStarts(number, now);
                parts.add(new Part(sequence, rows, rows == sequence.pending()));
            }
        }
        return new LanguageModelStep(number, parts);
    }

    long number() {
        return number;
    }

    StageBatch batch() {
        return batch;
    }

    StageInput input() {
        return input;
    }

    StageOutputs outputs() {
        return outputs;
    }

    List<Sequence> sequences() {
        return parts.stream().map(Part::sequence).toList();
    }

    /** Hands each sequence what it computed. Those that ended meanwhile are passed over. */
    void accept(StageResult result, Predicate<Sequence> running, Instant now) {
        int logit = 0;
        int embedding = 0;
        for (Part part : parts) {
            Optional<Tensor> source = part.sequence().wantsEmbedding() ? result.embeddings() : result.logits();
            int row = part.sequence().wantsEmbedding() ? embedding : logit;
            if (part.hasResult() && part.sequence().wantsEmbedding()) {
                embedding++;
            } else if (part.hasResult()) {
                logit++;
            }
            if (!running.test(part.sequence())) {
                continue;
            }
            part.sequence().advance(part.rows());
            if (part.hasResult()) {
                Tensor all = source.orElseThrow();
                try (Scope scope = all.engine().scope()) {
                    part.sequence().accept(all.slice(0, row, row + 1), now);
                }
            }
        }
    }
}
