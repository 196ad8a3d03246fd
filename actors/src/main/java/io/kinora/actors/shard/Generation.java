package io.kinora.actors.shard;

import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What a request has generated, and how its sequences go on. It begins with one, the prompt; at a result, they may part ways. Confined to the language
 * model's thread.
 */
sealed interface Generation extends AutoCloseable
        permits TextGeneration, BeamGeneration, ChoiceGeneration, EmbeddingGeneration {
    /** A row that a sequence goes on with. */
    sealed interface Row {
        /** A token. */
        record Token(int id) implements Row {}

        /** A visual embedding, {@code [1, visual width]}; the receiver owns it. */
        record Embedding(Tensor embedding) implements Row {}
    }

    /**
     * One sequence from now on: it goes on from one of those there are, with rows whose results are wanted.
     *
     * @param parent number of the sequence that it continues, from 0
     * @param rows at least one
     */
    record Move(int parent, List<Row> rows) {
        static Move of(int parent, Row row) {
            return new Move(parent, List.of(row));
        }
    }

    /** What follows from a result. */
    sealed interface Next {
        /** Nothing, until the results of other rows are there. */
        record Wait() implements Next {}

        /** These are the sequences now; a sequence that none continues is over. */
        record Moves(List<Move> moves) implements Next {
            static Moves of(Row row) {
                return new Moves(List.of(Move.of(0, row)));
            }
        }

        /** All there is to generate is there. */
        record End() implements Next {}
    }

    /** Sequences that decode side by side at most. */
    default int places() {
        return 1;
    }

    /** Most rows that a sequence may grow by. */
    int mostNewRows();

    /** Takes what the last stage made of a sequence's next row, {@code [1, …]}, and tells the listener what is certain. */
    Next accept(int sequence, Tensor output, Listener listener);

    /** True if the last stage is to regress an embedding, false if it is to predict a token. */
    default boolean wantsEmbedding() {
        return false;
    }

    /** True if what was generated so far means something by itself. */
    boolean isTextSoFar();

    /** Tells the listener that this is the end: {@link #accept} has said so, or a text was cancelled. */
    void end(Listener listener);

    @Override
    default void close() {
        // most hold nothing native
    }

    /** Who hears of results, with what only the request knows filled in. */
    interface Listener {
        /** A token, in order. */
        void token(int index, int token, String text, Optional<TokenScore> score);

        /** The whole text. */
        void text(String text, List<Integer> tokens, TextEnd reason);

        /** The probability of each choice; {@code tokens} is the length of the most probable one. */
        void probabilities(List<Double> probabilities, int tokens);

        /** All embeddings; the receiver owns them. */
        void embeddings(Tensor embeddings);
    }
}
