package io.kinora.actors.shard;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the sequences that a request is computed as: the prompt, and the rows behind it that are this one's own. Confined to the language model's
 * thread.
 */
final class Branch {
    private final long id;
    private final List<Integer> prompt;
    private final List<Integer> own;
    private int computed;
    private int nextResult;

    private Branch(long id, List<Integer> prompt, List<Integer> own, int computed, int nextResult) {
        this.id = id;
        this.prompt = prompt;
        this.own = new ArrayList<>(own);
        this.computed = computed;
        this.nextResult = nextResult;
    }

    /** The prompt alone; the result of its last row is wanted. */
    static Branch of(long id, List<Integer> prompt) {
        return new Branch(id, prompt, List.of(), 0, prompt.size() - 1);
    }

    /** Another sequence that begins with all rows of this one, which the stages have computed. */
    Branch fork(long number) {
        return new Branch(number, prompt, own, computed, nextResult);
    }

    /** Its number in the stages' caches. */
    long id() {
        return id;
    }

    int length() {
        return prompt.size() + own.size();
    }

    /** Rows that the stages hold. */
    int computed() {
        return computed;
    }

    /** Rows that the stages do not hold yet. */
    int pending() {
        return length() - computed;
    }

    /** How many results its next rows have: those that were handed on already are not wanted again. */
    int resultsOf(int rows) {
        return Math.max(0, computed + rows - Math.max(computed, nextResult));
    }

    /** The ids of its next rows. */
    List<Integer> idsOf(int rows) {
        List<Integer> ids = new ArrayList<>(rows);
        for (int row = computed; row < computed + rows; row++) {
            ids.add(row < prompt.size() ? prompt.get(row) : own.get(row - prompt.size()));
        }
        return ids;
    }

    /** A further row, whose result is wanted. */
    void append(int token) {
        own.add(token);
    }

    /** The stages have computed its next rows. */
    void advance(int rows) {
        computed += rows;
    }

    /** The result of a row was handed on. */
    void resultTaken() {
        nextResult++;
    }

    /** Its first rows are in the stages' caches already, and no more. */
    void startBehind(int rows) {
        computed = rows;
    }
}
