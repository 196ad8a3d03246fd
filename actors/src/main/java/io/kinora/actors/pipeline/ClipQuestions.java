package io.kinora.actors.pipeline;

import akka.actor.typed.ActorSystem;
import akka.pattern.Patterns;
import akka.stream.javadsl.Sink;
import io.kinora.actors.answer.AnswerClient;
import io.kinora.actors.answer.AnswerCost;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.claim.ClaimCheckException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerTimings;
import io.kinora.kafka.record.AnsweredClip;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.TokenCounts;
import io.kinora.kafka.record.WireError;
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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Asks questions about clips until there is an answer, or a reason for good why there is none. Thread-safe. */
final class ClipQuestions {
    private static final int MOST_ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration WHEN_BUSY = Duration.ofMillis(500);
    private static final String BUSY = "busy";

    private final ActorSystem<?> system;
    private final AnswerClient answers;
    private final ModelIdentity model;
    private final DecodeLimits limits;
    private final Clock clock;

    ClipQuestions(ActorSystem<?> system, AnswerClient answers, ModelIdentity model, DecodeLimits limits, Clock clock) {
        this.system = system;
        this.answers = answers;
        this.model = model;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Asks a question.
     *
     * @param stream that the answer belongs to where the clip is never found
     * @param clip finds the clip, each time it is tried
     * @param watchers makes who hears of an attempt's events
     * @param trace that the answer belongs to
     * @return the answer, or why there is none; fails only for what no attempt would help
     */
    CompletionStage<Answer> answer(
            Question question,
            String stream,
            Supplier<CompletionStage<Optional<ClipFetcher.Fetched>>> clip,
            Supplier<Consumer<AnswerEvent>> watchers,
            RequestTrace trace) {
        return answer(
                question,
                stream,
                clip,
                found -> CompletableFuture.completedStage(
                        Conversation.aboutClip(shown(found, question.frames()), question.text())),
                watchers,
                trace);
    }

    /**
     * As the other one, as a part of a conversation.
     *
     * @param conversation what the model is to see, the question at its end
     */
    CompletionStage<Answer> answer(
            Question question,
            String stream,
            Supplier<CompletionStage<Optional<ClipFetcher.Fetched>>> clip,
            Function<ClipFetcher.Fetched, CompletionStage<Conversation>> conversation,
            Supplier<Consumer<AnswerEvent>> watchers,
            RequestTrace trace) {
        return new Attempt(question, stream, clip, conversation, watchers, trace).run(1);
    }

    /** A clip in a conversation. */
    Conversation.Clip shown(ClipFetcher.Fetched found, int frames) {
        return new Conversation.Clip(VideoSource.bytes(found.bytes().bytes()), found.sha256(), frames, limits);
    }

    /** One question; tried again while the failure is one that passes. */
    private final class Attempt {
        private final Question question;
        private final String stream;
        private final Supplier<CompletionStage<Optional<ClipFetcher.Fetched>>> clip;
        private final Function<ClipFetcher.Fetched, CompletionStage<Conversation>> conversation;
        private final Supplier<Consumer<AnswerEvent>> watchers;
        private final RequestTrace trace;
        private final Instant started = clock.instant();

        Attempt(
                Question question,
                String stream,
                Supplier<CompletionStage<Optional<ClipFetcher.Fetched>>> clip,
                Function<ClipFetcher.Fetched, CompletionStage<Conversation>> conversation,
                Supplier<Consumer<AnswerEvent>> watchers,
                RequestTrace trace) {
            this.question = question;
            this.stream = stream;
            this.clip = clip;
            this.conversation = conversation;
            this.watchers = watchers;
            this.trace = trace;
        }

        CompletionStage<Answer> run(int attempt) {
            return clip.get()
                    .thenCompose(found -> found.map(this::ask)
                            .orElseGet(() -> failed(
                                    Optional.empty(), "clip.unknown", "no clip is known for " + question.clip())))
                    .handle((result, failure) -> failure == null
                            ? CompletableFuture.completedStage(result)
                            : afterFailure(unwrapped(failure), attempt))
                    .thenCompose(stage -> stage);
        }

        private CompletionStage<Answer> ask(ClipFetcher.Fetched found) {
            return conversation.apply(found).thenCompose(said -> ask(found, said));
        }

        private CompletionStage<Answer> ask(ClipFetcher.Fetched found, Conversation said) {
            AnswerRecords.Scores scores = new AnswerRecords.Scores();
            AnswerRequest request = new AnswerRequest(
                    question.id(),
                    said,
                    AnswerRecords.reply(question.settings()),
                    question.priority(),
                    question.deadline(),
                    trace);
            Consumer<AnswerEvent> watcher = watchers.get();
            return answers.ask(request)
                    .map(event -> {
                        scores.accept(event);
                        watcher.accept(event);
                        return event;
                    })
                    .runWith(Sink.last(), system)
                    .thenCompose(last -> last instanceof AnswerEvent.Answered answered
                            ? CompletableFuture.completedStage(answer(found, answered, scores))
                            : notAnswered(found, (AnswerEvent.NotAnswered) last));
        }

        private Answer answer(ClipFetcher.Fetched found, AnswerEvent.Answered answered, AnswerRecords.Scores scores) {
            AnswerCost cost = answered.cost();
            Instant now = clock.instant();
            return new Answer(
                    Answer.idOf(question, found.sha256(), model.revision()),
                    question.id(),
                    found.clip().stream(),
                    answered.text(),
                    question.subscription(),
                    Optional.empty(),
                    Optional.empty(),
                    AnswerRecords.choices(question.settings(), answered),
                    scores.all(),
                    Optional.of(new AnsweredClip(
                            found.reference(), found.clip().id(), found.sha256(), answered.timestamps())),
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
                    Optional.empty());
        }

        private CompletionStage<Answer> notAnswered(ClipFetcher.Fetched found, AnswerEvent.NotAnswered reason) {
            if (reason.retriable()) {
                return CompletableFuture.failedStage(new TryAgainException(reason.code(), reason.reason()));
            }
            return failed(
                    Optional.of(new AnsweredClip(found.reference(), found.clip().id(), found.sha256(), List.of())),
                    reason.code(),
                    reason.reason());
        }

        private CompletionStage<Answer> afterFailure(Throwable failure, int attempt) {
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
            if (failure instanceof TryAgainException again && again.code().equals(BUSY)) {
                // The pipeline reads no further meanwhile: that is how a slow model holds a fast topic back.
                return Patterns.after(WHEN_BUSY, system.classicSystem(), () -> run(attempt));
            }
            if (attempt == MOST_ATTEMPTS) {
                String code = failure instanceof TryAgainException again ? again.code() : "broker";
                return failed(Optional.empty(), code, "%s, after %d attempts".formatted(failure.getMessage(), attempt));
            }
            Duration wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
            return Patterns.after(wait, system.classicSystem(), () -> run(attempt + 1));
        }

        private CompletionStage<Answer> failed(Optional<AnsweredClip> found, String code, String reason) {
            Instant now = clock.instant();
            AnswerTimings timings = new AnswerTimings(
                    Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.between(started, now));
            return CompletableFuture.completedStage(
                    Answer.failed(question, stream, found, model, new WireError(code, reason), timings, now));
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A failure that may pass. */
    private static final class TryAgainException extends RuntimeException {
        private static final long serialVersionUID = 1L;

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
