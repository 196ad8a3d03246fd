package io.kinora.service.doctor;

import com.typesafe.config.Config;
import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoException;
import io.kinora.video.VideoFormat;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** FFmpeg's codecs, by writing a short clip with each and reading it back. */
final class Codecs {
    private static final int SIDE = 64;
    private static final int FRAMES = 8;
    private static final int FPS = 8;

    private Codecs() {}

    static List<Finding> examine(Config config) {
        List<Finding> findings = new ArrayList<>();
        for (VideoFormat format : VideoFormat.values()) {
            findings.add(examine(format));
        }
        return findings;
    }

    private static String name(VideoFormat format) {
        return "video " + format.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static EncodeSettings settings(VideoFormat format) {
        Rational rate = Rational.of(FPS, 1);
        return format == VideoFormat.MP4_H264 ? EncodeSettings.mp4(rate) : EncodeSettings.webm(rate);
    }

    private static Finding examine(VideoFormat format) {
        RgbFrame grey = RgbFrame.of(SIDE, SIDE, new byte[SIDE * SIDE * 3]);
        try {
            byte[] clip = VideoEncoder.encode(Collections.nCopies(FRAMES, grey), settings(format));
            VideoInfo read = VideoProbe.probe(VideoSource.bytes(clip), DecodeLimits.defaults());
            return Finding.ok(name(format), "%s is written and read".formatted(read.codec()));
        } catch (VideoException | UnsatisfiedLinkError e) {
            return Finding.failed(
                    name(format),
                    String.valueOf(e.getMessage()),
                    "the FFmpeg that comes with Kinora does not run here: see that its native libraries are for this machine");
        }
    }
}
