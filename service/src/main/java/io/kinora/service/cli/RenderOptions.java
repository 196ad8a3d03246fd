package io.kinora.service.cli;

import io.kinora.actors.adapter.JobRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.VideoFormat;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How a clip or picture is to be made; what is not given is the checkpoint's own default. */
final class RenderOptions {
    /** What the published video decoders make. */
    static final int CLIP_FRAMES = 16;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames of the clip, 8 to 24 (default: 16), or number of pictures (default: 1).")
    Optional<Integer> frames = Optional.empty();

    @Option(
            names = "--size",
            paramLabel = "WxH",
            description = "Pixels of a frame, multiples of 8, as 256x256. Default: the checkpoint's.")
    Optional<String> size = Optional.empty();

    @Option(names = "--fps", defaultValue = "8", description = "Frames a second, 1 to 60. Default: ${DEFAULT-VALUE}.")
    int fps;

    @Option(names = "--steps", paramLabel = "N", description = "Denoising steps, 1 to 200. Default: the checkpoint's.")
    Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--guidance",
            paramLabel = "SCALE",
            description = "How strongly the prompt is followed; 1 is off. Default: the checkpoint's.")
    Optional<Double> guidance = Optional.empty();

    @Option(
            names = "--guidance-rescale",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "Share of the contrast that guidance adds which is taken back, 0 to 1. Default: ${DEFAULT-VALUE}.")
    double guidanceRescale;

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "Of all noise: the same seed gives the same bytes. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--sampler",
            paramLabel = "NAME",
            description = "ddim, dpm++, euler, euler-a or pndm instead of the checkpoint's own.")
    Optional<String> sampler = Optional.empty();

    /** Width and height, if a size was given. */
    Optional<int[]> pixels() {
        return size.map(text -> {
            if (!text.matches("[1-9][0-9]{1,4}x[1-9][0-9]{1,4}")) {
                throw new BadInputException("--size is '%s', expected WIDTHxHEIGHT as 256x256".formatted(text));
            }
            String[] sides = text.split("x", 2);
            return new int[] {Integer.parseInt(sides[0]), Integer.parseInt(sides[1])};
        });
    }

    /**
     * Refuses what no checkpoint would make, before one is opened.
     *
     * @throws BadInputException naming the value and what is allowed
     */
    void check(RenderSettings.Format format) {
        try {
            RenderSettings asked = settings(format, 0);
            JobRequest.check(asked, RequestLimits.DEFAULT);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(String.valueOf(e.getMessage()));
        }
    }

    /** All of them, for a result of that format. */
    RenderSettings settings(RenderSettings.Format format, int previews) {
        if (fps < 1 || fps > 60) {
            throw new BadInputException("--fps is %d, allowed are 1 to 60".formatted(fps));
        }
        return new RenderSettings(
                format.isClip() ? Optional.of(frames.orElse(CLIP_FRAMES)) : frames,
                pixels().map(sides -> new RenderSettings.Size(sides[0], sides[1])),
                fps,
                steps,
                guidance,
                guidanceRescale,
                seed,
                sampler,
                format,
                previews);
    }

    /** All of them, for a video that is asked for over Kafka. */
    GenerationSettings wireSettings() {
        Optional<int[]> sides = pixels();
        return new GenerationSettings(
                frames.orElse(CLIP_FRAMES),
                sides.isPresent() ? OptionalInt.of(sides.get()[0]) : OptionalInt.empty(),
                sides.isPresent() ? OptionalInt.of(sides.get()[1]) : OptionalInt.empty(),
                fps,
                steps.isPresent() ? OptionalInt.of(steps.get()) : OptionalInt.empty(),
                guidance.isPresent() ? OptionalDouble.of(guidance.get()) : OptionalDouble.empty(),
                guidanceRescale,
                seed,
                sampler,
                VideoFormat.MP4,
                false);
    }
}
