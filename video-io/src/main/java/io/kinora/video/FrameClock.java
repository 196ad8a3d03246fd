package io.kinora.video;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/** Time stamps of decoded pictures, from the first on; a clip whose pictures carry none runs at its declared rate. */
final class FrameClock {
    private static final Rational USUAL_RATE = Rational.of(25, 1);

    private final Timeline timeline;
    private final Rational rate;
    private long first;
    private int count;

    FrameClock(Timeline timeline, Optional<Rational> rate) {
        this.timeline = timeline;
        this.rate = rate.orElse(USUAL_RATE);
    }

    /** The time stamp of the next picture. */
    Duration next(AVFrame picture) {
        long time = picture.pts() != avutil.AV_NOPTS_VALUE ? picture.pts() : picture.best_effort_timestamp();
        int place = count++;
        if (time == avutil.AV_NOPTS_VALUE) {
            return StreamDescription.duration(place, rate.denominator(), rate.numerator());
        }
        if (place == 0) {
            first = time;
        }
        return StreamDescription.duration(
                Math.max(0, time - first), timeline.tickNumerator(), timeline.tickDenominator());
    }

    /** Times of all pictures of a clip. */
    static FrameTimes times(List<Long> timestamps, Timeline timeline, Optional<Rational> rate) {
        if (timestamps.contains(avutil.AV_NOPTS_VALUE)) {
            return FrameTimes.even(timestamps.size(), rate.orElse(USUAL_RATE));
        }
        if (timeline.isReliable() && timestamps.size() == timeline.frames()) {
            return timeline.times();
        }
        long[] starts = timestamps.stream().mapToLong(Long::longValue).toArray();
        return FrameTimes.of(starts, 0, timeline.tickNumerator(), timeline.tickDenominator());
    }
}
