package io.kinora.service.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** How a clip is to be made; what is not given is the checkpoint's own default. */
final class RenderOptions {
    @Option(
            names = "--frames",
            defaultValue = "16",
            description = "Frames of the clip, 8 to 24. Default: ${DEFAULT-VALUE}.")
    int frames;

    @Option(names = "--size", paramLabel = "WxH", description = "Pixels of a frame, multiples of 8, as 256x256.")
    Optional<String> size = Optional.empty();

    @Option(names = "--fps", defaultValue = "8", description = "Frames a second. Default: ${DEFAULT-VALUE}.")
    int fps;

    @Option(names = "--steps", description = "Denoising steps.")
    Optional<Integer> steps = Optional.empty();

    @Option(names = "--guidance", description = "Guidance scale.")
    Optional<Double> guidance = Optional.empty();

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "Of all noise: the same seed gives the same clip. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--sampler", description = "ddim, dpm++, euler or pndm instead of the checkpoint's own.")
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
}
