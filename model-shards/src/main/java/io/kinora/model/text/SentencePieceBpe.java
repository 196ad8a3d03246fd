package io.kinora.model.text;

import io.kinora.model.text.SentencePieceModel.Piece;
import io.kinora.model.text.SentencePieceModel.PieceType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * SentencePiece's BPE segmentation: of all neighbouring pairs whose joined text is a piece, the one with the highest score is
 * joined first, the leftmost among equals, until none is left.
 *
 * <p>Kudo and Richardson, 2018 (arXiv:1808.06226); Sennrich et al., 2016 (arXiv:1508.07909). User-defined pieces are cut out
 * first and never joined; characters outside the vocabulary become their UTF-8 bytes where the model has byte pieces.
 */
final class SentencePieceBpe {
    private final SentencePieceModel model;
    private final List<String> userDefined;

    SentencePieceBpe(SentencePieceModel model) {
        this.model = model;
        this.userDefined = model.pieces().stream()
                .filter(piece -> piece.type() == PieceType.USER_DEFINED)
                .map(Piece::text)
                .sorted((a, b) -> Integer.compare(b.length(), a.length()))
                .toList();
    }

    /** The ids of text that {@link SentencePieceModel#normalize} gave. */
    int[] encode(String normalized) {
        Merging merging = new Merging(normalized);
        merging.run();
        return merging.ids();
    }

    /** A pair of neighbouring symbols that may be joined; stale once either has changed, which its length shows. */
    private record Pair(int left, int right, float score, int length) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byScore = Float.compare(other.score, score);
            return byScore != 0 ? byScore : Integer.compare(left, other.left);
        }
    }

    /** The symbols of one text as a linked list over its characters; an absorbed symbol has length 0. */
    private final class Merging {
        private final String text;
        private final int[] start;
        private final int[] length;
        private final int[] previous;
        private final int[] next;
        private final boolean[] frozen;
        private final PriorityQueue<Pair> queue = new PriorityQueue<>();
        private final Map<String, Integer> splitOfUnused = new HashMap<>();
        private int symbols;

        Merging(String text) {
            this.text = text;
            this.start = new int[text.length()];
            this.length = new int[text.length()];
            this.previous = new int[text.length()];
            this.next = new int[text.length()];
            this.frozen = new boolean[text.length()];
            for (int at = 0; at < text.length(); symbols++) {
                int userDefinedLength = userDefinedAt(at);
                start[symbols] = at;
                frozen[symbols] = userDefinedLength > 0;
                length[symbols] = frozen[symbols] ? userDefinedLength : Character.charCount(text.codePointAt(at));
                previous[symbols] = symbols - 1;
                next[symbols] = symbols + 1;
                at += length[symbols];
            }
            if (symbols > 0) {
                next[symbols - 1] = -1;
            }
        }

        void run() {
            for (int i = 1; i < symbols; i++) {
                offer(i - 1, i);
            }
            for (Pair pair = queue.poll(); pair != null; pair = queue.poll()) {
                boolean current = length[pair.left] > 0
                        && length[pair.right] > 0
                        && length[pair.left] + length[pair.right] == pair.length;
                if (current) {
                    join(pair);
                }
            }
        }

        int[] ids() {
            IntStream.Builder ids = IntStream.builder();
            boolean lastUnknown = false;
            for (int i = symbols == 0 ? -1 : 0; i >= 0; i = next[i]) {
                lastUnknown = emit(text.substring(start[i], start[i] + length[i]), ids, lastUnknown);
            }
            return ids.build().toArray();
        }

        private int userDefinedAt(int at) {
            for (String piece : userDefined) {
                if (text.startsWith(piece, at)) {
                    return piece.length();
                }
            }
            return 0;
        }

        private void offer(int left, int right) {
            if (left < 0 || right < 0 || frozen[left] || frozen[right]) {
                return;
            }
            String joined = text.substring(start[left], start[right] + length[right]);
            int id = model.mergeableId(joined);
            if (id >= 0) {
                queue.add(new Pair(left, right, model.piece(id).score(), joined.length()));
                if (model.piece(id).type() == PieceType.UNUSED) {
                    splitOfUnused.put(joined, length[left]);
                }
            }
        }

        private void join(Pair pair) {
            length[pair.left] += length[pair.right];
            length[pair.right] = 0;
            next[pair.left] = next[pair.right];
            if (next[pair.right] >= 0) {
                previous[next[pair.right]] = pair.left;
            }
            offer(previous[pair.left], pair.left);
            offer(pair.left, next[pair.left]);
        }

        /** Emits one symbol; an unused piece helps to join but falls apart again. Says whether an unknown id was the last. */
        private boolean emit(String whole, IntStream.Builder ids, boolean lastUnknown) {
            Deque<String> rest = new ArrayDeque<>();
            rest.push(whole);
            boolean unknown = lastUnknown;
            while (!rest.isEmpty()) {
                String symbol = rest.pop();
                int id = model.mergeableId(symbol);
                Integer split =
                        id >= 0 && model.piece(id).type() == PieceType.UNUSED ? splitOfUnused.get(symbol) : null;
                if (split != null) {
                    rest.push(symbol.substring(split));
                    rest.push(symbol.substring(0, split));
                } else if (id >= 0) {
                    ids.add(id);
                    unknown = false;
                } else if (model.byteFallback()) {
                    for (byte b : Utf8.bytes(symbol)) {
                        ids.add(model.byteId(b & 0xff));
                    }
                    unknown = false;
                } else {
                    if (!unknown) {
                        ids.add(model.unknownId());
                    }
                    unknown = true;
                }
            }
            return unknown;
        }
    }
}
