package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;

/** A version of the program to come, in which the most frequent message between stages says more. */
final class LaterVersion {
    private static final String SOURCE = "io/kinora/actors/shard/StageHost.java";
    private static final String RUN =
            "public record Run(long step, StageBatch batch, StageInput input, StageOutputs outputs) implements Command {}";
    private static final String LATER_RUN = """
            public record Run(
                    long step, StageBatch batch, StageInput input, StageOutputs outputs,
                    @io.kinora.actors.serialization.Appended Optional<String> mood) implements Command {
                public Run(long step, StageBatch batch, StageInput input, StageOutputs outputs) {
                    this(step, batch, input, outputs, Optional.of("as ever"));
                }
            }
            """;

    private LaterVersion() {}

    /** Its classes that are other ones, compiled into a folder. */
    static Path compiled(Path folder) throws IOException {
        Path module = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(module.resolve("actors")) ? module : module.getParent();
        String source = Files.readString(root.resolve("actors/src/main/java").resolve(SOURCE));
        assertThat(source).contains(RUN);
        Path changed = folder.resolve("source").resolve(SOURCE);
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, source.replace(RUN, LATER_RUN));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-nowarn",
                        "-parameters",
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        changed.toString());
        assertThat(status).as("javac").isZero();
        return classes;
    }
}
