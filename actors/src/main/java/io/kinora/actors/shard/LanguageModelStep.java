package io.kinora.actors.shard;

import io.kinora.model.llm.StageBatch;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** One pass through the stages: the next rows of some sequences, packed. Confined to the language model's thread. */
final class LanguageModelStep {
    private record Part(Sequence sequence, Branch branch, int rows, int results) {}

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
            Branch branch = part.branch();
            visuals.addAll(sequence.visualsOf(branch, part.rows(), ids.size()));
            ids.addAll(branch.idsOf(part.rows()));
            segments.add(new StageBatch.Segment(branch.id(), branch.computed(), part.rows()));
            for (int row = ids.size() - part.results(); row < ids.size(); row++) {
                (sequence.wantsEmbedding() ? embeddingRows : logitRows).add(row);
            }
        }
        this.batch = new StageBatch(segments);
        this.input = new StageInput.Tokens(ids, visuals);
        this.outputs = new StageOutputs(logitRows, embeddingRows);
    }

    /**
     * The next step of requests: one row of each sequence that generates first, so that answers keep flowing, then pieces of prompts in the order of the
     * requests, up to {@code mostRows} in all.
     */
    static LanguageModelStep of(long number, List<Sequence> sequences, int mostRows, Instant now) {
        int left = mostRows;
        Map<Branch, Integer> rows = new HashMap<>();
        for (boolean generating : new boolean[] {true, false}) {
            for (Sequence sequence : sequences) {
                for (Branch branch : sequence.branches()) {
                    int taken = Math.min(branch.pending(), left);
                    if (taken > 0 && (branch.pending() == 1) == generating) {
                        rows.put(branch, taken);
                        left -= taken;
                    }
                }
            }
        }
        List<Part> parts = new ArrayList<>();
        for (Sequence sequence : sequences) {
            for (Branch branch : sequence.branches()) {
                int taken = rows.getOrDefault(branch, 0);
                if (taken > 0) {
                    sequence.stepStarts(number, now);
                    parts.add(new Part(sequence, branch, taken, branch.resultsOf(taken)));
                }
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
        return parts.stream().map(Part::sequence).distinct().toList();
    }

    /** Hands each request what was computed for it. Those that ended meanwhile are passed over. */
    void accept(StageResult result, Predicate<Sequence> running, Instant now) {
        int logit = 0;
        int embedding = 0;
        for (Part part : parts) {
            boolean isEmbedding = part.sequence().wantsEmbedding();
            int first = isEmbedding ? embedding : logit;
            if (isEmbedding) {
                embedding += part.results();
            } else {
                logit += part.results();
            }
            if (running.test(part.sequence())) {
                part.branch().advance(part.rows());
                handOn(part, isEmbedding ? result.embeddings() : result.logits(), first, now);
            }
        }
    }

    private static void handOn(Part part, Optional<Tensor> results, int first, Instant now) {
        for (int row = first; row < first + part.results() && !part.sequence().isEnded(); row++) {
            Tensor all = results.orElseThrow();
            try (Scope scope = all.engine().scope()) {
                part.sequence().accept(part.branch(), all.slice(0, row, row + 1), now);
            }
        }
    }
}
