package io.kinora.actors.adapter;

import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSampler;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoException;
import io.kinora.video.VideoSource;
import java.util.Base64;
import java.util.Optional;

/** A small picture of a clip, as evidence beside an alert. */
public final class Thumbnail {
    private static final int WIDTH = 160;
    private static final int QUALITY = 80;

    private Thumbnail() {}

    /** The clip's middle frame as a {@code data:} address of a JPEG, {@value #WIDTH} pixels wide at most; empty if it cannot be decoded. */
    public static Optional<String> of(VideoSource clip, DecodeLimits limits) {
        try {
            RgbFrame frame =
                    FrameSampler.uniform(1).sample(clip, limits).frames().get(0).image();
            return Optional.of("data:image/jpeg;base64,"
                    + Base64.getEncoder()
                            .encodeToString(StillImage.jpeg(frame.width() > WIDTH ? reduced(frame) : frame, QUALITY)));
        } catch (VideoException e) {
            return Optional.empty();
        }
    }

    private static RgbFrame reduced(RgbFrame frame) {
        int height = Math.max(1, Math.round((float) WIDTH * frame.height() / frame.width()));
        return FrameResizer.likePil(frame, new FrameSize(WIDTH, height), FrameResizer.Filter.BICUBIC);
    }
}
