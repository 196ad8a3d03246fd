package io.kinora.training.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A batch of sequences for the language model, each a beginning that all its branches read, and branches that do not see each other: one
 * clip is encoded once and asked many questions, every one in the places and with the sight it has when it is asked alone.
 *
 * <p>Rows are numbered through the batch, {@code sequence · length + row}. Immutable.
 */
public final class Sequences {
    /** Stands for a row after which nothing is to be predicted. */
    public static final int NOTHING = -100;

    private static final float HIDDEN = Float.NEGATIVE_INFINITY;

    private final int count;
    private final int length;
    private final long[] ids;
    private final long[] positions;
    private final float[] mask;
    private final long[] places;
    private final long[] asked;
    private final long[] targets;

    /**
     * What follows a beginning.
     *
     * @param ids its tokens
     * @param answer how many of the last of them are to be predicted
     */
    public static final class Branch {
        private final int[] ids;
        private final int answer;

        /** Takes a copy. */
        public Branch(int[] ids, int answer) {
            if (answer < 1 || answer > ids.length) {
                throw new IllegalArgumentException(
                        "a branch of %d tokens cannot predict its last %d".formatted(ids.length, answer));
            }
            this.ids = ids.clone();
            this.answer = answer;
        }
    }

    /** A beginning and its branches. */
    public static final class Tree {
        private final int[] beginning;
        private final List<Branch> branches;

        /** Takes copies. */
        public Tree(int[] beginning, List<Branch> branches) {
            this.beginning = beginning.clone();
            this.branches = List.copyOf(branches);
        }

        private int length() {
            return beginning.length
                    + branches.stream().mapToInt(branch -> branch.ids.length).sum();
        }
    }

    /**
     * Lays out trees side by side.
     *
     * @param placeToken the token whose rows embeddings stand in
     */
    public Sequences(List<Tree> trees, int placeToken) {
        this.count = trees.size();
        this.length = trees.stream().mapToInt(Tree::length).max().orElse(0);
        this.ids = new long[count * length];
        this.positions = new long[count * length];
        this.mask = new float[count * length * length];
        Arrays.fill(mask, HIDDEN);
        List<Long> asking = new ArrayList<>();
        List<Long> wanted = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            int row = lay(b, 0, 0, trees.get(b).beginning, 0);
            int trunk = row;
            for (Branch branch : trees.get(b).branches) {
                int start = row;
                row = lay(b, row, trunk, branch.ids, trunk);
                for (int i = branch.ids.length - branch.answer; i < branch.ids.length; i++) {
                    asking.add((long) b * length + start + i - 1);
                    wanted.add((long) branch.ids[i]);
                }
            }
            for (int rest = row; rest < length; rest++) {
                show(b, rest, rest); // a row that sees nothing would have no softmax
            }
        }
        this.places = places(placeToken);
        this.asked = asking.stream().mapToLong(Long::longValue).toArray();
        this.targets = wanted.stream().mapToLong(Long::longValue).toArray();
    }

    /** Writes tokens from a row on; each sees the trunk and its own before it. Gives the next free row. */
    private int lay(int sequence, int from, int position, int[] tokens, int trunk) {
        for (int i = 0; i < tokens.length; i++) {
            int row = from + i;
            ids[sequence * length + row] = tokens[i];
            positions[sequence * length + row] = (long) position + i;
            for (int seen = 0; seen < trunk; seen++) {
                show(sequence, row, seen);
            }
            for (int seen = from; seen <= row; seen++) {
                show(sequence, row, seen);
            }
        }
        return from + tokens.length;
    }

    private void show(int sequence, int row, int seen) {
        mask[(sequence * length + row) * length + seen] = 0;
    }

    private long[] places(int token) {
        long[] found = new long[ids.length];
        int n = 0;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == token) {
                found[n++] = i;
            }
        }
        return Arrays.copyOf(found, n);
    }

    /** How many sequences, B. */
    public int count() {
        return count;
    }

    /** Rows of each, T. */
    public int length() {
        return length;
    }

    /** Tokens {@code [B·T]}. */
    public long[] ids() {
        return ids.clone();
    }

    /** Places in the sequences, {@code [B·T]}; branches of one beginning have the same. */
    public long[] positions() {
        return positions.clone();
    }

    /** What is added to attention's scores, {@code [B·T·T]}: 0 where a row sees another, else −∞. */
    public float[] mask() {
        return mask.clone();
    }

    /** Rows that embeddings stand in, in order. */
    public long[] places() {
        return places.clone();
    }

    /** Rows behind which a token is to be predicted. */
    public long[] asked() {
        return asked.clone();
    }

    /** Those tokens. */
    public long[] targets() {
        return targets.clone();
    }
}
