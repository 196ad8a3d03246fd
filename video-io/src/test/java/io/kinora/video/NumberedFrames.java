package io.kinora.video;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Frames that carry their number in 4×3 blocks, white for 1, least significant bit top left, so that a frame can be told
 * after any lossy coding.
 */
final class NumberedFrames {
    private static final int COLUMNS = 4;
    private static final int ROWS = 3;
    private static final byte WHITE = (byte) 235;
    private static final byte BLACK = 16;

    private NumberedFrames() {}

    static RgbFrame of(int number, int width, int height) {
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int bit = y * ROWS / height * COLUMNS + x * COLUMNS / width;
                byte value = (number >> bit & 1) == 1 ? WHITE : BLACK;
                for (int c = 0; c < 3; c++) {
                    pixels[(y * width + x) * 3 + c] = value;
                }
            }
        }
        return RgbFrame.of(width, height, pixels);
    }

    static List<RgbFrame> first(int count, int width, int height) {
        return IntStream.range(0, count).mapToObj(i -> of(i, width, height)).toList();
    }

    static int read(RgbFrame frame) {
        int number = 0;
        for (int bit = 0; bit < COLUMNS * ROWS; bit++) {
            int x = (2 * (bit % COLUMNS) + 1) * frame.width() / (2 * COLUMNS);
            int y = (2 * (bit / COLUMNS) + 1) * frame.height() / (2 * ROWS);
            number |= frame.sample(x, y, 1) > 127 ? 1 << bit : 0;
        }
        return number;
    }
}
