package io.kinora.actors.shard;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Visual embeddings in the making: each regressed one is the next row. */
final class EmbeddingGeneration implements Generation {
    private final int count;
    private final List<Tensor> embeddings = new ArrayList<>(); // each (1, visual width)

    EmbeddingGeneration(int count) {
        this.count = count;
    }

    @Override
    public int mostNewRows() {
        return count - 1; // the last embedding is never read back
    }

    @Override
    public boolean wantsEmbedding() {
        return true;
    }

    @Override
    public Next accept(int sequence, Tensor output, Listener listener) { // (1, visual width)
        try (Scope scope = output.engine().scope()) {
            embeddings.add(scope.detach(copyOf(output)));
            return embeddings.size() == count
                    ? new Next.End()
                    : Next.Moves.of(new Row.Embedding(scope.detach(copyOf(output))));
        }
    }

    private static Tensor copyOf(Tensor view) {
        return view.engine().zeros(view.dtype(), view.shape().toArray()).copyFrom(view);
    }

    @Override
    public boolean isTextSoFar() {
        return false;
    }

    @Override
    public void end(Listener listener) {
        Engine engine = embeddings.get(0).engine();
        try (Scope scope = engine.scope()) {
            listener.embeddings(scope.detach(engine.cat(embeddings, 0)));
        }
    }

    @Override
    public void close() {
        embeddings.forEach(Tensor::close);
        embeddings.clear();
    }
}
