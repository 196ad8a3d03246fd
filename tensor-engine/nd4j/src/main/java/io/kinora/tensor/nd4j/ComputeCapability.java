package io.kinora.tensor.nd4j;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What code a GPU runs, as NVIDIA numbers it. ND4J's CUDA library has machine code up to 8.6 and nothing that a driver could translate for
 * newer cards; its first kernel there ends the process, so the card is asked before the library is loaded.
 */
record ComputeCapability(int major, int minor) {
    private static final int FIRST_WITHOUT_CODE = 9;
    private static final long SECONDS = 20;
    private static final Pattern ANSWER = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})");

    /** Why ND4J cannot use such a card; empty where it can. */
    Optional<String> refusal() {
        return major < FIRST_WITHOUT_CODE
                ? Optional.empty()
                : Optional.of(
                        "this GPU has compute capability %d.%d, and ND4J 1.0.0-M2.1 has no code for 9.0 (Hopper) and later; use the engine libtorch"
                                .formatted(major, minor));
    }

    /** That of a line as {@code nvidia-smi} prints it. */
    static Optional<ComputeCapability> parse(String line) {
        Matcher matcher = ANSWER.matcher(line.strip());
        return matcher.matches()
                ? Optional.of(
                        new ComputeCapability(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /** That of a device of this machine, where its driver's own tool tells. */
    static Optional<ComputeCapability> ofDevice(int index) {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader", "--id=" + index)
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
                return line == null ? Optional.empty() : parse(line);
            }
        } catch (IOException e) {
            return Optional.empty(); // no such tool: then there is no driver, and loading says so
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
