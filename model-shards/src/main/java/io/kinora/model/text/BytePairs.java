package io.kinora.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * A {@code vocab.json} and the ranked merges of a {@code merges.txt}: cuts a word's symbols into tokens by joining, again and
 * again, the neighbouring pair of lowest rank, the leftmost first.
 *
 * <p>Sennrich et al., 2016 (arXiv:1508.07909).
 */
final class BytePairs {
    private record Merge(int rank, int joined) {}

    private final Map<String, Integer> ids;
    private final String[] names;
    private final Map<Long, Merge> merges = new HashMap<>();
    private final String wordEnd;
    private final OptionalInt unknown;

    /**
     * Reads the two files of a folder.
     *
     * @param wordEnd what the last symbol of a word carries behind it; may be empty
     * @param unknownToken what a symbol outside the vocabulary becomes; without one it vanishes
     * @throws TokenizerException if a file cannot be read or they do not fit together
     */
    BytePairs(Path folder, String wordEnd, String unknownToken) {
        Path vocabulary = folder.resolve("vocab.json");
        this.ids = vocabulary(vocabulary);
        this.names = new String
                [ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1];
        ids.forEach((name, id) -> names[id] = name);
        this.wordEnd = wordEnd;
        this.unknown = id(unknownToken);
        readMerges(folder.resolve("merges.txt"));
    }

    private static Map<String, Integer> vocabulary(Path file) {
        JsonNode json = SpecialTokensConfig.json(file);
        Map<String, Integer> ids = new HashMap<>();
        json.properties().forEach(entry -> {
            if (!entry.getValue().canConvertToInt()
                    || entry.getValue().asInt() < 0
                    || entry.getValue().asInt() > 10_000_000) {
                throw new TokenizerException("%s gives '%s' the id %s, expected a whole number up to 10,000,000"
                        .formatted(file, entry.getKey(), entry.getValue()));
            }
            ids.put(entry.getKey(), entry.getValue().asInt());
        });
        if (ids.isEmpty()) {
            throw new TokenizerException("%s holds no vocabulary".formatted(file));
        }
        return ids;
    }

    private void readMerges(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new TokenizerException("%s cannot be read".formatted(file), e);
        }
        int number = 0;
        for (String line : lines) {
            number++;
            if (line.startsWith("#version") || line.isEmpty()) {
                continue;
            }
            int blank = line.indexOf(' ');
            if (blank <= 0 || blank == line.length() - 1 || line.indexOf(' ', blank + 1) >= 0) {
                throw new TokenizerException(
                        "%s, line %d: expected two symbols, got '%s'".formatted(file, number, line));
            }
            String left = line.substring(0, blank);
            String right = line.substring(blank + 1);
            long pair = pair(known(left, file, number), known(right, file, number));
            merges.putIfAbsent(pair, new Merge(number, known(left + right, file, number)));
        }
    }

    private int known(String token, Path file, int line) {
        return id(token)
                .orElseThrow(() ->
                        new TokenizerException("%s, line %d: '%s' is not in vocab.json".formatted(file, line, token)));
    }

    /** One more than the largest id. */
    int size() {
        return names.length;
    }

    OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The name of an id, or an empty string for a gap in the vocabulary. */
    String name(int id) {
        return names[id] == null ? "" : names[id];
    }

    /** Emits the ids of one word, given as symbols. */
    void encode(String word, IntConsumer out) {
        int count = word.codePointCount(0, word.length());
        if (count > 0) {
            new Word(word, count).emit(out);
        }
    }

    private static long pair(int left, int right) {
        return ((long) left << Integer.SIZE) | right;
    }

    /** A pair in the queue; stale once one of its tokens has changed. */
    private record Candidate(int rank, int at, int left, int right, int joined) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byRank = Integer.compare(rank, other.rank);
            return byRank != 0 ? byRank : Integer.compare(at, other.at);
        }
    }

    /** The tokens of one word as a linked list; -1 stands for an unknown symbol, -2 for one that was joined to its left. */
    private final class Word {
        private static final int UNKNOWN = -1;
        private static final int GONE = -2;

        private final int[] token;
        private final int[] previous;
        private final int[] next;
        private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

        Word(String word, int count) {
            this.token = new int[count];
            this.previous = new int[count];
            this.next = new int[count];
            int i = 0;
            for (int at = 0; at < word.length(); i++) {
                int end = word.offsetByCodePoints(at, 1);
                String symbol = word.substring(at, end) + (end == word.length() ? wordEnd : "");
                token[i] = id(symbol).orElse(UNKNOWN);
                previous[i] = i - 1;
                next[i] = end == word.length() ? -1 : i + 1;
                at = end;
            }
            for (int left = 0; left + 1 < count; left++) {
                offer(left, left + 1);
            }
            for (Candidate best = queue.poll(); best != null; best = queue.poll()) {
                int right = next[best.at];
                if (token[best.at] == best.left && right >= 0 && token[right] == best.right) {
                    join(best, right);
                }
            }
        }

        private void join(Candidate best, int right) {
            token[best.at] = best.joined;
            token[right] = GONE;
            next[best.at] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = best.at;
            }
            offer(previous[best.at], best.at);
            offer(best.at, next[best.at]);
        }

        private void offer(int left, int right) {
            if (left < 0 || right < 0 || token[left] < 0 || token[right] < 0) {
                return;
            }
            Merge merge = merges.get(pair(token[left], token[right]));
            if (merge != null) {
                queue.add(new Candidate(merge.rank, left, token[left], token[right], merge.joined));
            }
        }

        void emit(IntConsumer out) {
            for (int i = 0; i >= 0; i = next[i]) {
                if (token[i] >= 0) {
                    out.accept(token[i]);
                } else {
                    unknown.ifPresent(out);
                }
            }
        }
    }
}
