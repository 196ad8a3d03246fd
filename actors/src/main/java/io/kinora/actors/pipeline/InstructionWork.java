package io.kinora.actors.pipeline;

import akka.actor.typed.ActorSystem;
import akka.pattern.Patterns;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Instruction;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.transaction.Transaction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Turns an instruction's record into what was made for it and the response that names it, tried again while what stands in the way may pass; a record
 * that is no instruction goes to the dead-letter topic. Thread-safe.
 */
final class InstructionWork implements RecordWork {
    private static final int MOST_ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration WHEN_BUSY = Duration.ofMillis(500);

    private final ActorSystem<?> system;
    private final InstructionMedia media;
    private final Composition compositions;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final Clock clock;
    private final Tracing tracing;

    InstructionWork(
            ActorSystem<?> system,
            InstructionMedia media,
            Composition compositions,
            RecordDecoder decoder,
            RecordEncoder encoder,
            Clock clock,
            Tracing tracing) {
        this.system = system;
        this.media = media;
        this.compositions = compositions;
        this.decoder = decoder;
        this.encoder = encoder;
        this.clock = clock;
        this.tracing = tracing;
    }

    @Override
    public CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record) {
        try {
            RecordTrace<Instruction> trace = RecordTrace.begin(tracing, "instruction", decoder.instruction(record));
            Event<Instruction> event = trace.event();
            Instant started = clock.instant();
            return trace.endingWith(
                    attempt(event, started, 1).thenApply(composed -> Result.of(transaction(composed, event.trace()))));
        } catch (MalformedRecordException e) {
            return CompletableFuture.completedStage(
                    Result.of(Transaction.of(List.of(encoder.deadLetter(record, DeadLetter.of(e, "instruction"))))));
        }
    }

    private Transaction transaction(Composed composed, TraceContext trace) {
        return Transaction.of(composed.media().stream()
                        .map(medium -> encoder.medium(medium, trace))
                        .toList())
                .followedBy(places -> List.of(encoder.response(composed.response(places), trace)));
    }

    private CompletionStage<Composed> attempt(Event<Instruction> event, Instant started, int attempt) {
        Instruction instruction = event.body();
        return media.found(instruction)
                .thenCompose(found -> compositions.of(
                        instruction, found, started, attempt == MOST_ATTEMPTS, RecordTrace.of(event.trace())))
                .handle((composed, failure) -> failure == null
                        ? CompletableFuture.completedStage(composed)
                        : afterFailure(event, started, attempt, unwrapped(failure)))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<Composed> afterFailure(
            Event<Instruction> event, Instant started, int attempt, Throwable failure) {
        Instruction instruction = event.body();
        if (failure instanceof TryAgainException again && again.isBusy()) {
            // The pipeline reads no further meanwhile: that is how a slow model holds a fast topic back.
            return Patterns.after(WHEN_BUSY, system.classicSystem(), () -> attempt(event, started, attempt));
        }
        if (failure instanceof InstructionMedia.MediumLostException lost) {
            return CompletableFuture.completedStage(compositions.refused(
                    instruction, List.of(), new WireError(lost.code(), String.valueOf(lost.getMessage())), started));
        }
        if (!(failure instanceof TryAgainException || failure instanceof TransientBrokerException)) {
            return CompletableFuture.failedStage(failure);
        }
        if (attempt == MOST_ATTEMPTS) {
            String code = failure instanceof TryAgainException again ? again.code() : "broker";
            String reason = "%s, after %d attempts".formatted(failure.getMessage(), attempt);
            return CompletableFuture.completedStage(
                    compositions.refused(instruction, List.of(), new WireError(code, reason), started));
        }
        Duration wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
        return Patterns.after(wait, system.classicSystem(), () -> attempt(event, started, attempt + 1));
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A failure that may pass. */
    static final class TryAgainException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        TryAgainException(String code, String message) {
            super(message);
            this.code = code;
        }

        String code() {
            return code;
        }

        /** True where it passes by itself as others' requests end: of a full queue, or of a request of the same id in progress. */
        boolean isBusy() {
            return code.equals("busy") || code.equals("duplicate");
        }
    }
}
