package io.kinora.service.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kinora eval}: measures a checkpoint in the world of moving shapes; the commands below it do the work. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Measures a checkpoint on clips of moving shapes that no checkpoint was trained on.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {EvalQaCommand.class, EvalGenerateCommand.class, EvalAutoencodeCommand.class},
        footer = {"", "Example: kinora eval qa --clips 200 --require colour=0.95 --require all=0.9"})
final class EvalCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to measure: qa, generate or autoencode");
    }
}
