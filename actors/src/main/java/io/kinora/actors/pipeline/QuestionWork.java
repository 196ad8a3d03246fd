package io.kinora.actors.pipeline;

import akka.actor.typed.ActorSystem;
import akka.pattern.Patterns;
import akka.stream.javadsl.Sink;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.answer.AnswerCost;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.claim.ClaimCheckException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerTimings;
import io.kinora.kafka.record.AnsweredClip;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.TokenCounts;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Turns a question's record into the answer's record; a record that is no question goes to the dead-letter topic. */
final class QuestionWork implements RecordWork {
    private static final int MOST_ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);

    private final ActorSystem<?> system;
    private final ClipFetcher clips;
    private final AnswerClient answers;
    private final PartialAnswers partials;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final ModelIdentity model;
    private final DecodeLimits limits;
    private final Clock clock;

    QuestionWork(
            ActorSystem<?> system,
            ClipFetcher clips,
            AnswerClient answers,
            PartialAnswers partials,
            RecordDecoder decoder,
            RecordEncoder encoder,
            ModelIdentity model,
            DecodeLimits limits,
            Clock clock) {
        this.system = system;
        this.clips = clips;
        this.answers = answers;
        this.partials = partials;
        this.decoder = decoder;
        this.encoder = encoder;
        this.model = model;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Transaction> done(ConsumerRecord<byte[], byte[]> record) {
        try {
            return new Attempt(decoder.question(record), clock.instant()).run(1);
        } catch (MalformedRecordException e) {
            ProducerRecord<byte[], byte[]> letter = encoder.deadLetter(record, DeadLetter.of(e, "question"));
            return CompletableFuture.completedStage(Transaction.of(List.of(letter)));
        }
    }

    /** One question; tried again while the failure is one that passes. */
    private final class Attempt {
        private final Event<Question> event;
        private final Question question;
        private final Instant started;

        Attempt(Event<Question> event, Instant started) {
            this.event = event;
            this.question = event.body();
            this.started = started;
        }

        CompletionStage<Transaction> run(int attempt) {
            return clips.fetch(question.clip())
                    .thenCompose(found -> found.map(this::ask)
                            .orElseGet(() -> failed(
                                    Optional.empty(), "clip.unknown", "no clip is known for " + question.clip())))
                    .handle((result, failure) -> failure == null
                            ? CompletableFuture.completedStage(result)
                            : afterFailure(unwrapped(failure), attempt))
                    .thenCompose(stage -> stage);
        }

        private CompletionStage<Transaction> ask(ClipFetcher.Fetched clip) {
            AnswerRecords.Scores scores = new AnswerRecords.Scores();
            AnswerRequest request = new AnswerRequest(
                    question.id(),
                    Conversation.aboutClip(
                            new Conversation.Clip(
                                    VideoSource.bytes(clip.bytes().bytes()), clip.sha256(), question.frames(), limits),
                            question.text()),
                    AnswerRecords.reply(question.settings()),
                    question.priority(),
                    question.deadline());
            PartialAnswers.Writer partial = partials.writer(question.id(), event.trace());
            return answers.ask(request)
                    .map(event -> {
                        scores.accept(event);
                        partial.accept(event);
                        return event;
                    })
                    .runWith(Sink.last(), system)
                    .thenCompose(last -> last instanceof AnswerEvent.Answered answered
                            ? CompletableFuture.completedStage(answer(clip, answered, scores))
                            : notAnswered(clip, (AnswerEvent.NotAnswered) last));
        }

        private Transaction answer(
                ClipFetcher.Fetched clip, AnswerEvent.Answered answered, AnswerRecords.Scores scores) {
            AnswerCost cost = answered.cost();
            Instant now = clock.instant();
            return transaction(new Answer(
                    Answer.idOf(question, clip.sha256(), model.revision()),
                    question.id(),
                    clip.clip().stream(),
                    answered.text(),
                    AnswerRecords.choices(question.settings(), answered),
                    scores.all(),
                    Optional.of(
                            new AnsweredClip(clip.reference(), clip.clip().id(), clip.sha256(), answered.timestamps())),
                    model,
                    AnswerRecords.finish(answered.end()),
                    new TokenCounts(cost.promptTokens(), cost.newTokens()),
                    new AnswerTimings(
                            cost.decode(),
                            cost.encode(),
                            cost.prefill(),
                            cost.generate(),
                            Duration.between(started, now)),
                    now,
                    Optional.empty()));
        }

        private CompletionStage<Transaction> notAnswered(ClipFetcher.Fetched clip, AnswerEvent.NotAnswered reason) {
            if (reason.retriable()) {
                return CompletableFuture.failedStage(new TryAgainException(reason.code(), reason.reason()));
            }
            return failed(
                    Optional.of(new AnsweredClip(clip.reference(), clip.clip().id(), clip.sha256(), List.of())),
                    reason.code(),
                    reason.reason());
        }

        private CompletionStage<Transaction> afterFailure(Throwable failure, int attempt) {
            if (failure instanceof ClipGoneException) {
                return failed(Optional.empty(), "clip.gone", failure.getMessage());
            }
            if (failure instanceof MalformedRecordException malformed) {
                return failed(Optional.empty(), "clip.malformed", malformed.getMessage());
            }
            if (failure instanceof ClaimCheckException claim) {
                return failed(Optional.empty(), "clip.claim", claim.getMessage());
            }
            boolean passes = failure instanceof TryAgainException || failure instanceof TransientBrokerException;
            if (!passes) {
                return CompletableFuture.failedStage(failure);
            }
            if (attempt == MOST_ATTEMPTS) {
                String code = failure instanceof TryAgainException again ? again.code() : "broker";
                return failed(Optional.empty(), code, "%s, after %d attempts".formatted(failure.getMessage(), attempt));
            }
            Duration wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
            return Patterns.after(wait, system.classicSystem(), () -> run(attempt + 1));
        }

        private CompletionStage<Transaction> failed(Optional<AnsweredClip> clip, String code, String reason) {
            Instant now = clock.instant();
            AnswerTimings timings = new AnswerTimings(
                    Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.between(started, now));
            String stream = event.key().orElse(question.id());
            return CompletableFuture.completedStage(transaction(
                    Answer.failed(question, stream, clip, model, new WireError(code, reason), timings, now)));
        }

        private Transaction transaction(Answer answer) {
            return Transaction.of(List.of(encoder.answer(answer, event.trace())));
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A failure that may pass. */
    private static final class TryAgainException extends RuntimeException {
        private final String code;

        TryAgainException(String code, String message) {
            super(message);
            this.code = code;
        }

        String code() {
            return code;
        }
    }
}
