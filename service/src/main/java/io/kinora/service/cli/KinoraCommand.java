package io.kinora.service.cli;

import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code kinora}: the commands below it do the work. */
@Command(
        name = "kinora",
        mixinStandardHelpOptions = true,
        version = "kinora 0.1.0-SNAPSHOT",
        description = "Watches video on Kafka, answers questions about it, and makes short videos from prompts.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Start with 'kinora demo'. 'kinora help COMMAND' tells more of each.",
            "Exit status: 0 done, 1 failed, 2 wrong usage, 3 the clip or request cannot be used, 4 nothing to connect to,"
                    + " 130 stopped by Ctrl-C."
        },
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            IngestCommand.class,
            AskCommand.class,
            ChatCommand.class,
            GenerateCommand.class,
            JobsCommand.class,
            DlqCommand.class,
            StandCommand.class,
            BackfillCommand.class,
            SessionCommand.class,
            DoctorCommand.class,
            ConfigCommand.class,
            ProbeCommand.class,
            ParityCommand.class,
            PlanCommand.class,
            QuantizeCommand.class,
            TrainCommand.class,
            CheckpointCommand.class,
            EvalCommand.class,
            ShapesCommand.class,
            FineTuneCommand.class,
            HelpCommand.class,
            GenerateCompletion.class
        })
public final class KinoraCommand {
    private KinoraCommand() {}

    /** Runs a command line, and returns its exit status. */
    public static int run(String... args) {
        return commandLine().execute(args);
    }

    /** What understands command lines; running one says in a line what is wrong with it. */
    static CommandLine commandLine() {
        return new CommandLine(new KinoraCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new FailureReport())
                .setParameterExceptionHandler(new UsageReport());
    }
}
