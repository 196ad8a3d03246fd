package io.kinora.actors.shard;

import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** What a sequence has generated, and how it goes on. Confined to the language model's thread. */
sealed interface Generation extends AutoCloseable permits TextGeneration, EmbeddingGeneration {
    /** What a sequence's newest row led to. */
    sealed interface Row {
        /** The next row is this token. */
        record Token(int id) implements Row {}

        /** The next row is this visual embedding, {@code [1, visual width]}; the receiver owns it. */
        record Embedding(Tensor embedding) implements Row {}
    }

    /** Most rows that the sequence may grow by. */
    int mostNewRows();

    /** Takes what the last stage made of the newest row, {@code [1, …]}, tells the listener, and gives the next row; empty at the end. */
    Optional<Row> accept(Tensor output, Listener listener);

    /** True if the last stage is to regress an embedding, false if it is to predict a token. */
    boolean wantsEmbedding();

    /** Tells the listener that this is the end: {@link #accept} has said so, or, for a text, it was cancelled. */
    void end(Listener listener);

    @Override
    void close();

    /** Who hears of results, with what only the sequence knows filled in. */
    interface Listener {
        /** A token, in order. */
        void token(int index, int token, String text, double logProbability);

        /** The whole text. */
        void text(String text, List<Integer> tokens, TextEnd reason);

        /** All embeddings; the receiver owns them. */
        void embeddings(Tensor embeddings);
    }
}
