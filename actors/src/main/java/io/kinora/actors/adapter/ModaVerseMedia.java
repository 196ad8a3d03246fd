package io.kinora.actors.adapter;

import io.kinora.model.audio.Waveform;
import io.kinora.model.modaverse.imagebind.FramePair;
import io.kinora.model.modaverse.imagebind.SoundClips;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.video.AudioClip;
import io.kinora.video.AudioLimits;
import io.kinora.video.AudioReader;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.SampledClip;
import io.kinora.video.StillImage;
import io.kinora.video.VideoClip;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files as ModaVerse's encoder takes them. Tensors are the caller's where no scope is open. Errors are those of {@code video-io}, and
 * {@link io.kinora.model.modaverse.imagebind.UnusableMediaException}.
 */
public final class ModaVerseMedia {
    private ModaVerseMedia() {}

    /** A still picture as bytes {@code [1, 224, 224, 3]}. */
    public static Tensor picture(VideoSource source, DecodeLimits limits, Engine engine) {
        return FramePixels.of(List.of(ImageBindPixels.squared(StillImage.decode(source, limits))), engine);
    }

    /** First and last frame of a clip's five pieces as bytes {@code [10, height, width, 3]}. */
    public static Tensor clip(VideoSource source, DecodeLimits limits, Engine engine) {
        try (VideoClip clip = VideoClip.open(source, limits)) {
            SampledClip seen = clip.sample(FrameSampler.uniform(1));
            double rate = rate(clip, seen);
            List<FramePair> pairs = FramePair.of(seen.framesInClip(), rate);
            Map<Integer, RgbFrame> wanted = new HashMap<>();
            clip.forEachFrame(frame -> {
                if (pairs.stream().anyMatch(pair -> pair.first() == frame.index() || pair.last() == frame.index())) {
                    wanted.put(frame.index(), frame.image());
                }
            });
            List<RgbFrame> frames = new ArrayList<>();
            for (FramePair pair : pairs) {
                frames.add(wanted.get(pair.first()));
                frames.add(wanted.get(pair.last()));
            }
            return FramePixels.of(frames, engine);
        }
    }

    /** The container's average rate, or what count and duration make it. */
    private static double rate(VideoClip clip, SampledClip seen) {
        return clip.info()
                .frameRate()
                .map(rate -> (double) rate.numerator() / rate.denominator())
                .filter(rate -> rate > 0)
                .orElseGet(() ->
                        seen.framesInClip() * 1e9 / Math.max(1, seen.duration().toNanos()));
    }

    /** The pieces of a sound, or of a clip's own sound track, {@code [3, 1, 128, 204]}. */
    public static Tensor sound(VideoSource source, AudioLimits limits, Engine engine) {
        AudioClip clip = AudioReader.whole().read(source, limits).clip();
        List<float[]> channels = new ArrayList<>();
        for (int i = 0; i < clip.channels(); i++) {
            channels.add(clip.copyOfChannel(i));
        }
        return new SoundClips().mel(Waveform.of(channels, clip.samplingRate()), engine);
    }
}
