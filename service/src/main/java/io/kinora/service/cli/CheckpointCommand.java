package io.kinora.service.cli;

import io.kinora.model.checkpoint.DeltaMerge;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora checkpoint}: work on checkpoints' files. */
@Command(
        name = "checkpoint",
        mixinStandardHelpOptions = true,
        description = "Works on checkpoints' files.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = CheckpointCommand.ApplyDelta.class)
final class CheckpointCommand {
    private CheckpointCommand() {}

    /** {@code kinora checkpoint apply-delta}: a model from a base and the difference to it. */
    @Command(
            name = "apply-delta",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a model from a base and a delta to it, as Vicuna v0 from LLaMA 7B: the base of ModaVerse.",
                "One tensor at a time is in memory. Tokenizer and configuration are the delta's."
            },
            footer = {"", "Example: kinora checkpoint apply-delta llama-7b-hf vicuna-7b-delta-v0 -o modaverse/7b_v0"})
    static final class ApplyDelta implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "BASE", description = "Folder of the base, in Hugging Face's layout.")
        private Path base = Path.of("");

        @Parameters(index = "1", paramLabel = "DELTA", description = "Folder of the delta, likewise.")
        private Path delta = Path.of("");

        @Option(
                names = {"-o", "--output"},
                paramLabel = "DIR",
                required = true,
                description = "New folder for the model.")
        private Path output = Path.of("");

        @Option(
                names = "--max-file-bytes",
                paramLabel = "N",
                defaultValue = "" + SaveOptions.USUAL_FILE_BYTES,
                description = "More than this is cut into several files. Default: ${DEFAULT-VALUE}.")
        private long maxFileBytes;

        @Option(names = "--json", description = "Prints JSON.")
        private boolean json;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            for (Path folder : new Path[] {base, delta}) {
                if (!Files.isDirectory(folder)) {
                    throw new BadInputException("no such checkpoint folder: " + folder);
                }
            }
            try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
                int tensors = DeltaMerge.merge(
                        base, delta, output, engine, SaveOptions.DEFAULT.withMaxFileBytes(maxFileBytes));
                Map<String, Object> facts = new LinkedHashMap<>();
                facts.put("tensors", tensors);
                facts.put("folder", output.toString());
                Output.print(spec, json, facts);
            }
            return ExitStatus.DONE;
        }
    }
}
