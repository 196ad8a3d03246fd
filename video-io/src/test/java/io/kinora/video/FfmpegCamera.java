package io.kinora.video;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;

/** FFmpeg's own program as a camera: it listens at an address, and plays a recording to who connects, four seconds a second. */
final class FfmpegCamera implements AutoCloseable {
    private final Process process;

    /** @param output what FFmpeg has to know to listen, the address at the end */
    FfmpegCamera(Path recording, String... output) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Loader.load(ffmpeg.class),
                "-nostdin",
                "-loglevel",
                "error",
                "-readrate",
                "4",
                "-i",
                recording.toString(),
                "-c",
                "copy"));
        command.addAll(List.of(output));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    boolean isOn() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
    }
}
