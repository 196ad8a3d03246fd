package io.kinora.service;

import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/** A second of grey that becomes lighter. */
final class GreyClip {
    private GreyClip() {}

    /** The file, which begins with a shade from 0 (black) to 200. */
    static byte[] file(int shade) {
        List<RgbFrame> frames = IntStream.range(0, 12)
                .mapToObj(i -> {
                    byte[] pixels = new byte[64 * 48 * 3];
                    Arrays.fill(pixels, (byte) (shade + 5 * i));
                    return RgbFrame.of(64, 48, pixels);
                })
                .toList();
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }

    /** As it stands in a request. */
    static String url(int shade) {
        return "data:video/mp4;base64," + Base64.getEncoder().encodeToString(file(shade));
    }
}
