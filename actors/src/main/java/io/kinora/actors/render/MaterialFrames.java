package io.kinora.actors.render;

import io.kinora.video.ClipFrame;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.SampledClip;
import io.kinora.video.StillImage;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The frames of a request's material.
 *
 * @param frames as many as the request asks for, evenly over a clip; of a picture, one
 * @param timestamps of a clip's frames; empty for a picture
 */
record MaterialFrames(List<RgbFrame> frames, List<Duration> timestamps) {
    /** No network makes larger frames; what is larger is reduced at once, so that large frames are not held together. */
    private static final int LONGEST_SIDE = 2048;

    private static final int DEFAULT_FRAMES = 16;

    static final MaterialFrames NONE = new MaterialFrames(List.of(), List.of());

    MaterialFrames {
        frames = List.copyOf(frames);
        timestamps = List.copyOf(timestamps);
    }

    /** How many frames a request takes from its clip. */
    static int count(RenderRequest request) {
        return request.settings().frames().orElse(DEFAULT_FRAMES);
    }

    /**
     * Decodes them; blocks.
     *
     * @param each what is done with each frame as soon as it is decoded
     * @throws io.kinora.video.VideoException if the material is no clip or picture that can be read
     * @throws IllegalArgumentException if so many frames cannot be taken
     */
    static MaterialFrames of(RenderRequest request, UnaryOperator<RgbFrame> each) {
        RenderRequest.Medium material =
                (RenderRequest.Medium) request.material().orElseThrow();
        if (material instanceof RenderRequest.Still) {
            return new MaterialFrames(
                    List.of(each.apply(StillImage.decode(material.source(), material.limits()))), List.of());
        }
        SampledClip sampled =
                FrameSampler.uniform(count(request)).mapping(each).sample(material.source(), material.limits());
        return new MaterialFrames(
                sampled.frames().stream().map(ClipFrame::image).toList(), sampled.timestamps());
    }

    /** A frame that is not larger than any network's. */
    static RgbFrame bounded(RgbFrame frame) {
        return StillImage.thumbnail(frame, LONGEST_SIDE, LONGEST_SIDE);
    }
}
