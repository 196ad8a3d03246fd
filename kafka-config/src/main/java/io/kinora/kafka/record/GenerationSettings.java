package io.kinora.kafka.record;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How a video or picture is to be made. What is empty is chosen by the checkpoint, which knows its native size and schedule.
 *
 * @param frames of a clip 8 to 24, of a picture 1
 * @param width in pixels, 16 to 2048, a multiple of 8
 * @param height in pixels, 16 to 2048, a multiple of 8
 * @param fps frames a second, 1 to 60
 * @param steps denoising steps, 1 to 1000
 * @param guidance guidance scale, 1 (none) to 50
 * @param guidanceRescale share by which the contrast that guidance adds is taken back, 0 to 1
 * @param seed of the noise, not negative
 * @param sampler its name, for example {@code ddim}
 * @param format of the result
 * @param previews whether the job's progress shows what the result is going to look like
 */
public record GenerationSettings(
        int frames,
        OptionalInt width,
        OptionalInt height,
        int fps,
        OptionalInt steps,
        OptionalDouble guidance,
        double guidanceRescale,
        long seed,
        Optional<String> sampler,
        VideoFormat format,
        boolean previews) {
    public static final int MIN_FRAMES = 8;
    public static final int MAX_FRAMES = 24;
    public static final int DEFAULT_FRAMES = 16;
    public static final int DEFAULT_FPS = 8;
    private static final int MIN_PIXELS = 16;
    private static final int MAX_PIXELS = 2_048;
    private static final int PIXEL_MULTIPLE = 8;
    private static final Pattern SAMPLER = Pattern.compile("[a-z0-9+-]{1,40}");

    public GenerationSettings {
        Objects.requireNonNull(format);
        if (format.isPicture()) {
            Checks.range("frames", frames, 1, 1);
        } else {
            Checks.range("frames", frames, MIN_FRAMES, MAX_FRAMES);
        }
        width.ifPresent(pixels -> checkPixels("width", pixels));
        height.ifPresent(pixels -> checkPixels("height", pixels));
        if (width.isPresent() != height.isPresent()) {
            throw new IllegalArgumentException("width and height go together, and only %s is given"
                    .formatted(width.isPresent() ? "width" : "height"));
        }
        Checks.range("fps", fps, 1, 60);
        steps.ifPresent(count -> Checks.range("steps", count, 1, 1_000));
        guidance.ifPresent(scale -> Checks.range("guidance", scale, 1, 50));
        Checks.range("guidanceRescale", guidanceRescale, 0, 1);
        Checks.notNegative("seed", seed);
        sampler.ifPresent(GenerationSettings::checkSampler);
    }

    /** A video with everything at its default. */
    public static GenerationSettings withSeed(long seed) {
        return new GenerationSettings(
                DEFAULT_FRAMES,
                OptionalInt.empty(),
                OptionalInt.empty(),
                DEFAULT_FPS,
                OptionalInt.empty(),
                OptionalDouble.empty(),
                0,
                seed,
                Optional.empty(),
                VideoFormat.MP4,
                true);
    }

    /** These settings for so many frames of a size. */
    public GenerationSettings withFrames(int count, int pixelsWide, int pixelsHigh) {
        return new GenerationSettings(
                count,
                OptionalInt.of(pixelsWide),
                OptionalInt.of(pixelsHigh),
                fps,
                steps,
                guidance,
                guidanceRescale,
                seed,
                sampler,
                format,
                previews);
    }

    /** These settings with so many denoising steps. */
    public GenerationSettings withSteps(int count) {
        return new GenerationSettings(
                frames,
                width,
                height,
                fps,
                OptionalInt.of(count),
                guidance,
                guidanceRescale,
                seed,
                sampler,
                format,
                previews);
    }

    private static void checkPixels(String field, int pixels) {
        Checks.range(field, pixels, MIN_PIXELS, MAX_PIXELS);
        if (pixels % PIXEL_MULTIPLE != 0) {
            throw new IllegalArgumentException(
                    "%s is %d, allowed are multiples of %d".formatted(field, pixels, PIXEL_MULTIPLE));
        }
    }

    private static void checkSampler(String sampler) {
        if (!SAMPLER.matcher(sampler).matches()) {
            throw new IllegalArgumentException(
                    "sampler is \"%s\", allowed are 1 to 40 of a-z 0-9 + -".formatted(sampler));
        }
    }
}
