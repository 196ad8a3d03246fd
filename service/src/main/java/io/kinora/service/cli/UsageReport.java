package io.kinora.service.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the arguments and where help is, instead of printing all of it; a command without its second word gets the list of those. */
final class UsageReport implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        if (!(failure instanceof UnmatchedArgumentException)
                && failure.getValue() == null
                && !(command.getCommandSpec().userObject() instanceof Callable)) {
            command.usage(err); // whoever names no command wants to know those that there are
            return command.getCommandSpec().exitCodeOnInvalidInput();
        }
        err.println("kinora: " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }
}
