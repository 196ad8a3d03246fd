package io.kinora.training.eval;

import io.kinora.video.RgbFrame;
import java.util.List;

/**
 * Says what moves in a clip, by plain image processing: colours by hue, shapes by their outlines, motions by centroid, area,
 * orientation and presence over time.
 *
 * <p>It expects saturated or white shapes on nearly grey ground, and frames evenly over the clip; eight are enough.
 */
public final class ImageJudge {
    private ImageJudge() {}

    /** The shapes that are seen, the largest first. */
    public static List<Sighting> judge(List<RgbFrame> frames) {
        return Tracker.follow(frames).stream()
                .map(track -> new Sighting(track.colour(), track.shape(), MotionJudge.judge(track)))
                .toList();
    }
}
