package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Headers;

/**
 * What a record says that carries a piece of a clip instead of all of it. All pieces of a clip have the same key, and lie on one partition in their order.
 *
 * @param clip {@code chunk-id}: names the clip among those of its partition
 * @param index {@code chunk-index}: the piece's place, from 0
 * @param count {@code chunk-count}: of pieces, 1 to {@value #MAX_COUNT}
 * @param size {@code total-bytes} of the whole clip, where the record says it
 * @param sha256 {@code sha256} of the whole clip in hexadecimal digits, where the record says it
 */
public record ClipPiece(String clip, int index, int count, OptionalLong size, Optional<String> sha256) {
    public static final int MAX_COUNT = 10_000;

    private static final String ID = "chunk-id";
    private static final String INDEX = "chunk-index";
    private static final String COUNT = "chunk-count";
    private static final String SIZE = "total-bytes";
    private static final String SHA256 = "sha256";

    /** Checks that there is such a piece. */
    public ClipPiece {
        Objects.requireNonNull(clip);
        Objects.requireNonNull(size);
        Objects.requireNonNull(sha256);
        if (count < 1 || count > MAX_COUNT || index < 0 || index >= count) {
            throw new IllegalArgumentException(
                    "chunk-index is %d of chunk-count %d, allowed are 0 to below it, and at most %d"
                            .formatted(index, count, MAX_COUNT));
        }
    }

    /**
     * What the headers say; empty for the record of a whole clip.
     *
     * @throws MalformedRecordException when they begin to speak of a piece and do not go on
     */
    public static Optional<ClipPiece> of(Headers headers) {
        Optional<String> clip = HeaderText.last(headers, ID);
        if (clip.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ClipPiece(
                    clip.get(),
                    Math.toIntExact(number(headers, INDEX)),
                    Math.toIntExact(number(headers, COUNT)),
                    HeaderText.last(headers, SIZE).isPresent()
                            ? OptionalLong.of(number(headers, SIZE))
                            : OptionalLong.empty(),
                    HeaderText.last(headers, SHA256)));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new MalformedRecordException(Code.HEADER, e.getMessage(), e);
        }
    }

    private static long number(Headers headers, String name) {
        String text = HeaderText.last(headers, name)
                .orElseThrow(() -> new MalformedRecordException(
                        Code.HEADER, "header %s is there, and %s is not".formatted(ID, name)));
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedRecordException(
                    Code.HEADER, "header %s is %s, expected a number".formatted(name, text), e);
        }
    }

    /** Takes away what speaks of the piece, for the record of the whole clip. */
    static void remove(Headers headers) {
        headers.remove(ID).remove(INDEX).remove(COUNT).remove(SIZE).remove(SHA256);
    }

    /** Whether the clip is whole with this one. */
    public boolean isLast() {
        return index == count - 1;
    }

    /** Whether another one belongs to the same clip, if their records have the same key. */
    public boolean belongsTo(ClipPiece other) {
        return clip.equals(other.clip) && count == other.count;
    }
}
