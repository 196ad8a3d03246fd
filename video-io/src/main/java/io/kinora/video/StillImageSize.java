package io.kinora.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads the size of a picture off its file's header, so that a limit is checked before anything is decoded. */
final class StillImageSize {
    private static final int PNG_WIDTH = 16;
    private static final int WEBP_KIND = 15;
    private static final int WEBP_DATA = 20;
    private static final int FOURTEEN_BITS = 0x3fff;

    private StillImageSize() {}

    static Optional<FrameSize> ofPng(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        return file.length < PNG_WIDTH + 8
                ? Optional.empty()
                : size(bytes.getInt(PNG_WIDTH), bytes.getInt(PNG_WIDTH + 4));
    }

    /** The first start-of-frame segment tells. */
    static Optional<FrameSize> ofJpeg(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int at = 2;
        while (at + 9 <= file.length && (bytes.get(at) & 0xff) == 0xff) {
            int marker = bytes.get(at + 1) & 0xff;
            boolean startOfFrame =
                    marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
            if (startOfFrame) {
                return size(bytes.getShort(at + 7) & 0xffff, bytes.getShort(at + 5) & 0xffff);
            }
            at += marker == 0xff ? 1 : 2 + (bytes.getShort(at + 2) & 0xffff);
        }
        return Optional.empty();
    }

    /** The first chunk is lossy (VP8 and a blank), lossless (VP8L) or extended (VP8X). */
    static Optional<FrameSize> ofWebp(byte[] file) {
        if (file.length < WEBP_DATA + 10) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        return switch (bytes.get(WEBP_KIND)) {
            case ' ' ->
                size(bytes.getShort(WEBP_DATA + 6) & FOURTEEN_BITS, bytes.getShort(WEBP_DATA + 8) & FOURTEEN_BITS);
            case 'L' -> {
                int bits = bytes.getInt(WEBP_DATA + 1);
                yield size((bits & FOURTEEN_BITS) + 1, (bits >>> 14 & FOURTEEN_BITS) + 1);
            }
            case 'X' -> size((bytes.getInt(WEBP_DATA + 4) & 0xffffff) + 1, (bytes.getInt(WEBP_DATA + 6) >>> 8) + 1);
            default -> Optional.empty();
        };
    }

    private static Optional<FrameSize> size(int width, int height) {
        return width > 0 && height > 0 ? Optional.of(new FrameSize(width, height)) : Optional.empty();
    }
}
