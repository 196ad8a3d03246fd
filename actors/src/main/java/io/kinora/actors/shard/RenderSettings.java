package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.util.Optional;

/**
 * How a clip or pictures are to be made. What is absent is the checkpoint's own default; what the checkpoint cannot do is refused when it is asked.
 *
 * @param frames frames of the clip, or number of pictures; of a job that starts from frames, theirs
 * @param size pixels of a frame
 * @param fps frames a second that a clip plays at
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param guidanceRescale share by which the contrast that guidance adds is taken back, 0 to 1
 * @param seed of all noise
 * @param sampler a sampler instead of the checkpoint's own, by the name that {@code SamplerKind} reads
 * @param format what the result is
 * @param previews most pictures of the work in progress, spread over the steps; 0 for none
 */
public record RenderSettings(
        Optional<Integer> frames,
        Optional<Size> size,
        int fps,
        Optional<Integer> steps,
        Optional<Double> guidance,
        double guidanceRescale,
        long seed,
        Optional<String> sampler,
        Format format,
        int previews)
        implements KryoMessage {
    /** The rate that the published text-to-video models are shown at. */
    public static final int DEFAULT_FPS = 8;

    /** Everything at the checkpoint's defaults, as MP4, without previews. */
    public static final RenderSettings DEFAULT = new RenderSettings(
            Optional.empty(),
            Optional.empty(),
            DEFAULT_FPS,
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            Optional.empty(),
            Format.MP4,
            0);

    /** Pixels of a frame. */
    public record Size(int width, int height) implements KryoMessage {}

    /** What a result is. */
    public enum Format {
        /** One clip, H.264 in MP4. */
        MP4(".mp4"),
        /** One clip, VP9 in WebM. */
        WEBM(".webm"),
        /** A PNG picture of each frame. */
        PNG(".png"),
        /** A JPEG picture of each frame. */
        JPEG(".jpg");

        private final String suffix;

        Format(String suffix) {
            this.suffix = suffix;
        }

        /** Of a file's name, with the dot. */
        public String suffix() {
            return suffix;
        }

        /** True for one clip, false for a picture of each frame. */
        public boolean isClip() {
            return this == MP4 || this == WEBM;
        }
    }

    /** These settings for so many frames of a size. */
    public RenderSettings withFrames(int count, Size pixels) {
        return new RenderSettings(
                Optional.of(count),
                Optional.of(pixels),
                fps,
                steps,
                guidance,
                guidanceRescale,
                seed,
                sampler,
                format,
                previews);
    }

    /** These settings with so many steps at a guidance scale. */
    public RenderSettings withSteps(int count, double scale) {
        return new RenderSettings(
                frames,
                size,
                fps,
                Optional.of(count),
                Optional.of(scale),
                guidanceRescale,
                seed,
                sampler,
                format,
                previews);
    }

    /** These settings with another result. */
    public RenderSettings withFormat(Format other) {
        return new RenderSettings(frames, size, fps, steps, guidance, guidanceRescale, seed, sampler, other, previews);
    }

    /** These settings with another seed. */
    public RenderSettings withSeed(long other) {
        return new RenderSettings(
                frames, size, fps, steps, guidance, guidanceRescale, other, sampler, format, previews);
    }

    /** These settings with at most so many previews. */
    public RenderSettings withPreviews(int most) {
        return new RenderSettings(frames, size, fps, steps, guidance, guidanceRescale, seed, sampler, format, most);
    }
}
