package io.kinora.training.eval;

import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import java.util.ArrayList;
import java.util.List;

/** A picture of many clips, four frames of each beside one another, framed in green where the clip is right and in red where not. */
final class ClipSheet {
    private static final int FRAMES_A_CLIP = 4;
    private static final int CLIPS_A_ROW = 4;
    private static final int CELL = 72;
    private static final int BORDER = 4;
    private static final int GREEN = 0x3cb450;
    private static final int RED = 0xdc3c3c;

    private final List<RgbFrame> cells = new ArrayList<>();

    void add(List<RgbFrame> frames, boolean right) {
        for (int i = 0; i < FRAMES_A_CLIP; i++) {
            RgbFrame frame = frames.get(i * (frames.size() - 1) / (FRAMES_A_CLIP - 1));
            cells.add(framed(StillImage.thumbnail(frame, CELL, CELL), right ? GREEN : RED));
        }
    }

    RgbFrame picture() {
        return StillImage.contactSheet(cells, FRAMES_A_CLIP * CLIPS_A_ROW, CELL);
    }

    private static RgbFrame framed(RgbFrame frame, int rgb) {
        byte[] pixels = frame.toByteArray();
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                if (y < BORDER / 2 || y >= frame.height() - BORDER / 2) {
                    int at = (y * frame.width() + x) * 3;
                    pixels[at] = (byte) (rgb >> 16);
                    pixels[at + 1] = (byte) (rgb >> 8);
                    pixels[at + 2] = (byte) rgb;
                }
            }
        }
        return RgbFrame.of(frame.width(), frame.height(), pixels);
    }
}
