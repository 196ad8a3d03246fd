package io.kinora.service.cli;

import com.typesafe.config.ConfigException;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.broker.BrokerException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.dlq.LetterRefusedException;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.shard.PlanRefusedException;
import io.kinora.tensor.EngineUnavailableException;
import io.kinora.video.VideoException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says in one line why a command failed; {@code KINORA_LOG=DEBUG} adds where. */
final class FailureReport implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
        Exception failure =
                thrown instanceof CompletionException && thrown.getCause() instanceof Exception cause ? cause : thrown;
        command.getErr().println("kinora: " + words(failure));
        if ("DEBUG".equals(System.getenv("KINORA_LOG"))) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return status(failure);
    }

    private static String words(Exception failure) {
        if (failure instanceof NoSuchFileException missing) {
            return "no such file: " + missing.getFile();
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static int status(Exception failure) {
        if (failure instanceof IllegalArgumentException // a value that is not allowed, named with those that are
                || failure instanceof ConfigException
                || failure instanceof BadInputException
                || failure instanceof ClipGoneException
                || failure instanceof MalformedRecordException
                || failure instanceof LetterRefusedException
                || failure instanceof VideoException
                || failure instanceof CheckpointException
                || failure instanceof PlanRefusedException
                || failure instanceof NoSuchFileException) {
            return ExitStatus.BAD_INPUT;
        }
        if (failure instanceof TransientBrokerException
                || failure instanceof BrokerException
                || failure instanceof EngineUnavailableException) {
            return ExitStatus.UNAVAILABLE;
        }
        return ExitStatus.FAILED;
    }
}
