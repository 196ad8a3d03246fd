package io.kinora.benchmarks;

import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.FrameSampler;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.SampledClip;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Sampling 16 frames of a minute of 1080p: {@link FrameSampler} against the {@code ffmpeg} command on the path that
 * selects the same frames and writes them as raw RGB to nowhere. Both in one run, in turns, on the same files; prints a
 * Markdown table of medians.
 *
 * <p>Arguments: rounds (default 7), and clips to use instead of those it makes.
 */
public final class DecodeVsFfmpeg {
    private static final int FRAMES = 16;
    private static final int SECONDS = 60;
    private static final int RATE = 30;
    private static final int WIDTH = 1920;
    private static final int HEIGHT = 1080;
    private static final int DEFAULT_ROUNDS = 7;

    private DecodeVsFfmpeg() {}

    /** Runs the comparison; the folder it works in is deleted at the end. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
        Path folder = Files.createTempDirectory("kinora-decode-bench-");
        try {
            List<Path> clips = arguments.length > 1
                    ? Arrays.stream(arguments).skip(1).map(Path::of).toList()
                    : List.of(x264(folder), openH264(folder));
            System.out.printf(
                    "%s; Java %s; %d processors; %d rounds in turns, medians%n%n",
                    firstLine("ffmpeg", "-version"),
                    Runtime.version(),
                    Runtime.getRuntime().availableProcessors(),
                    rounds);
            System.out.println(
                    "| clip | frames decoded | Kinora, ms | Kinora decoding all, ms | ffmpeg, ms | ratio to ffmpeg |");
            System.out.println("| --- | --- | --- | --- | --- | --- |");
            for (Path clip : clips) {
                compare(clip, rounds);
            }
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static void compare(Path clip, int rounds) throws IOException, InterruptedException {
        FrameSampler needed = FrameSampler.uniform(FRAMES);
        SampledClip sampled = needed.sample(VideoSource.file(clip), limits());
        List<String> command = selecting(clip, sampled.indices());
        List<Double> ours = new ArrayList<>();
        List<Double> oursAll = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ours.add(milliseconds(() -> needed.sample(VideoSource.file(clip), limits())));
            theirs.add(milliseconds(() -> run(command)));
            oursAll.add(milliseconds(() -> needed.decodingEverything().sample(VideoSource.file(clip), limits())));
        }
        System.out.printf(
                "| %s, %.1f MB | %d of %d | %.0f | %.0f | %.0f | %.2f |%n",
                clip.getFileName(),
                Files.size(clip) / 1e6,
                sampled.framesDecoded(),
                sampled.framesInClip(),
                median(ours),
                median(oursAll),
                median(theirs),
                median(ours) / median(theirs));
    }

    private static DecodeLimits limits() {
        return DecodeLimits.defaults();
    }

    private static List<String> selecting(Path clip, List<Integer> indices) {
        String wanted = indices.stream().map(index -> "eq(n\\," + index + ")").collect(Collectors.joining("+"));
        return List.of(
                "ffmpeg",
                "-nostdin",
                "-v",
                "error",
                "-i",
                clip.toString(),
                "-an",
                "-vf",
                "select=" + wanted,
                "-fps_mode",
                "passthrough",
                "-pix_fmt",
                "rgb24",
                "-f",
                "rawvideo",
                "-y",
                "/dev/null");
    }

    /** What most clips are: x264's defaults, a key frame every 250 frames and B frames between. */
    private static Path x264(Path folder) throws IOException, InterruptedException {
        Path clip = folder.resolve("x264-defaults.mp4");
        run(List.of(
                "ffmpeg",
                "-nostdin",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=%dx%d:rate=%d:duration=%d".formatted(WIDTH, HEIGHT, RATE, SECONDS),
                "-vf",
                "noise=alls=8:allf=t",
                "-pix_fmt",
                "yuv420p",
                "-c:v",
                "libx264",
                "-y",
                clip.toString()));
        return clip;
    }

    /** What Kinora itself writes. */
    private static Path openH264(Path folder) {
        Path clip = folder.resolve("kinora.mp4");
        byte[] pixels = new byte[WIDTH * HEIGHT * 3];
        try (VideoEncoder encoder = VideoEncoder.open(clip, EncodeSettings.mp4(Rational.of(RATE, 1)))) {
            for (int frame = 0; frame < SECONDS * RATE; frame++) {
                paint(pixels, frame);
                encoder.push(RgbFrame.of(WIDTH, HEIGHT, pixels));
            }
            encoder.finish();
        }
        return clip;
    }

    private static void paint(byte[] pixels, int frame) {
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int at = (y * WIDTH + x) * 3;
                pixels[at] = (byte) ((x + 3 * frame) >> 2);
                pixels[at + 1] = (byte) ((y - 2 * frame) >> 1);
                pixels[at + 2] = (byte) (((x ^ y) + frame) >> 3);
            }
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static double milliseconds(Work work) throws IOException, InterruptedException {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("%s failed".formatted(String.join(" ", command)));
        }
    }

    private static String firstLine(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.lines().findFirst().orElse("");
    }
}
