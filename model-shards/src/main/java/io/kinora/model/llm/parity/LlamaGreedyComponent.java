package io.kinora.model.llm.parity;

import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.StageChain;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code llama.greedy}: the most probable tokens after padded rows, all rows in one batch. Ends and padding are those of {@code
 * generation_config.json} where it has them, else of {@code config.json}.
 */
public final class LlamaGreedyComponent implements ParityComponent {
    @Override
    public String name() {
        return "llama.greedy";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        CaseModel.Ends ends = CaseModel.Ends.of(parityCase, CaseModel.config(parityCase));
        TokenRows tokens =
                ends.padIsKnown() ? TokenRows.read(parityCase, engine, ends.pad()) : TokenRows.read(parityCase, engine);
        int most = parityCase.required("max_new_tokens").intValue();
        int count = tokens.rows().size();
        try (CaseModel model = CaseModel.open(parityCase, engine, count)) {
            List<long[]> columns = decode(model, tokens, ends, most);
            long[] rows = new long[count * columns.size()];
            for (int row = 0; row < count; row++) {
                for (int column = 0; column < columns.size(); column++) {
                    rows[row * columns.size() + column] = columns.get(column)[row];
                }
            }
            outputs.put("token_ids", rows, count, columns.size());
        }
    }

    /** A token for each row at each step, {@code pad} behind a row's end; stops when all rows have ended. */
    private static List<long[]> decode(CaseModel model, TokenRows tokens, CaseModel.Ends ends, int most) {
        StageChain stages = model.stages();
        int count = tokens.rows().size();
        boolean[] ended = new boolean[count];
        long[] next = new long[count];
        for (int row = 0; row < count; row++) {
            try (Scope scope = stages.engine().scope()) {
                Tensor all = model.run(row, tokens.rows().get(row));
                next[row] = best(stages, all.slice(0, all.dim(0) - 1, all.dim(0)))[0];
            }
        }
        List<long[]> columns = new ArrayList<>();
        while (columns.size() < most) {
            for (int row = 0; row < count; row++) {
                next[row] = ended[row] ? ends.pad() : next[row];
                ended[row] |= ends.tokens().contains(next[row]);
            }
            columns.add(next.clone());
            int[] open = IntStream.range(0, count).filter(row -> !ended[row]).toArray();
            if (open.length == 0 || columns.size() == most) {
                return columns;
            }
            long[] found = step(stages, tokens, columns.size() - 1, next, open);
            for (int i = 0; i < open.length; i++) {
                next[open[i]] = found[i];
            }
        }
        return columns;
    }

    private static long[] step(StageChain stages, TokenRows tokens, int done, long[] last, int... open) {
        Engine engine = stages.engine();
        List<StageBatch.Segment> segments = new ArrayList<>();
        long[] positions = new long[open.length];
        for (int i = 0; i < open.length; i++) {
            TokenRows.Row row = tokens.rows().get(open[i]);
            segments.add(new StageBatch.Segment(open[i], row.length() + done, 1));
            positions[i] = row.positions()[row.length() - 1] + 1 + done;
        }
        try (Scope scope = engine.scope()) {
            long[] ids = Arrays.stream(open).mapToLong(row -> last[row]).toArray();
            Tensor embedded = stages.embed(engine.of(ids, ids.length));
            return best(stages, stages.forward(new StageBatch(segments), embedded, positions));
        }
    }

    private static long[] best(StageChain stages, Tensor hidden) { // (N, D) -> N
        return stages.logits(hidden).argmax(1).toLongs();
    }
}
