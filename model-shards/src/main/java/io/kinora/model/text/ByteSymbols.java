package io.kinora.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The printable characters that stand for bytes in byte-level vocabularies (GPT-2, CLIP): bytes that print stand for
 * themselves, the other 68 take the code points from 256 on in increasing order.
 */
final class ByteSymbols {
    private static final int BYTES = 256;
    private static final int SYMBOLS = 256 + 68;

    private final char[] symbols = new char[BYTES];
    private final int[] values = new int[SYMBOLS];

    ByteSymbols() {
        int next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean prints = (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
            symbols[value] = (char) (prints ? value : next++);
        }
        Arrays.fill(values, -1);
        for (int value = 0; value < BYTES; value++) {
            values[symbols[value]] = value;
        }
    }

    /** A text's UTF-8 bytes as symbols. */
    String encode(String text) {
        byte[] bytes = Utf8.bytes(text);
        StringBuilder encoded = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            encoded.append(symbols[b & 0xff]);
        }
        return encoded.toString();
    }

    /**
     * Writes the bytes that a token's symbols stand for; a token with other characters in it stands for its own UTF-8 bytes.
     */
    void decode(String token, ByteArrayOutputStream out) {
        if (token.chars().allMatch(c -> c < SYMBOLS && values[c] >= 0)) {
            token.chars().forEach(c -> out.write(values[c]));
        } else {
            out.writeBytes(token.getBytes(StandardCharsets.UTF_8));
        }
    }
}
