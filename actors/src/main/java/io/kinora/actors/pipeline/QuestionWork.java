package io.kinora.actors.pipeline;

import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.session.Sessions;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredSubscription;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.transaction.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Turns a question's record into the answer's record; a record that is no question goes to the dead-letter topic. A question that repeats a standing one
 * for an older clip is answered as that one's, and only while it stands. A question of a session is answered by that.
 */
final class QuestionWork implements RecordWork {
    private static final Transaction NOTHING = Transaction.of(List.of());

    private final ClipFetcher clips;
    private final ClipQuestions questions;
    private final PartialAnswers partials;
    private final CompactedTable<Subscription> subscriptions;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final Sessions sessions;
    private final Tracing tracing;

    QuestionWork(
            ClipFetcher clips,
            ClipQuestions questions,
            PartialAnswers partials,
            CompactedTable<Subscription> subscriptions,
            RecordDecoder decoder,
            RecordEncoder encoder,
            Sessions sessions,
            Tracing tracing) {
        this.clips = clips;
        this.questions = questions;
        this.partials = partials;
        this.subscriptions = subscriptions;
        this.decoder = decoder;
        this.encoder = encoder;
        this.sessions = sessions;
        this.tracing = tracing;
    }

    @Override
    public CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record) {
        try {
            Optional<String> forgotten = decoder.forgottenSession(record);
            if (forgotten.isPresent()) {
                String wish = new ClipReference(record.topic(), record.partition(), record.offset()).defaultId();
                return sessions.forget(forgotten.get(), wish).thenApply(done -> Result.of(NOTHING));
            }
            RecordTrace<Question> trace = RecordTrace.begin(tracing, "question", decoder.question(record));
            Event<Question> event = trace.event();
            if (event.body().session().isPresent()) {
                return trace.endingWith(
                        sessions.ask(event.body(), event.trace()).thenApply(answer -> answered(event, answer)));
            }
            Optional<AnsweredSubscription> repeated = event.body().subscription();
            return trace.endingWith(repeated.isPresent() ? repeat(record, event, repeated.get()) : answer(event));
        } catch (MalformedRecordException e) {
            return CompletableFuture.completedStage(deadLetter(record, e));
        }
    }

    private CompletionStage<Result> answer(Event<Question> event) {
        Question question = event.body();
        return ask(event, () -> partials.writer(question.id(), event.trace())::accept)
                .thenApply(answer -> answered(event, answer));
    }

    private Result answered(Event<Question> event, Answer answer) {
        return Result.of(Transaction.of(List.of(encoder.answer(answer, event.trace()))));
    }

    private CompletionStage<Answer> ask(Event<Question> event, Supplier<Consumer<AnswerEvent>> heard) {
        Question question = event.body();
        return questions.answer(
                question,
                event.key().orElse(question.id()),
                () -> clips.fetch(question.clip()),
                heard,
                RecordTrace.of(event.trace()));
    }

    private CompletionStage<Result> repeat(
            ConsumerRecord<byte[], byte[]> record, Event<Question> event, AnsweredSubscription repeated) {
        return subscriptions.whenCaughtUp().thenCompose(read -> {
            Optional<Subscription> standing = standing(repeated);
            if (standing.isEmpty()) {
                return CompletableFuture.completedStage(Result.of(NOTHING));
            }
            if (!isAskedBy(standing.get(), event.body())) {
                MalformedRecordException wrong = new MalformedRecordException(
                        Code.VALUE,
                        "question: %s is not what subscription %s asks about %s"
                                .formatted(
                                        event.body().id(),
                                        repeated.id(),
                                        event.body().clip()));
                return CompletableFuture.completedStage(deadLetter(record, wrong));
            }
            return ask(event, () -> heard -> {}).thenApply(answer -> whileItStands(repeated, answer, event));
        });
    }

    private Result whileItStands(AnsweredSubscription repeated, Answer answer, Event<Question> event) {
        return () -> subscriptions
                .whenCaughtUp()
                .thenApply(read -> standing(repeated).isPresent()
                        ? Transaction.of(List.of(encoder.answer(answer, event.trace())))
                        : NOTHING);
    }

    private Optional<Subscription> standing(AnsweredSubscription repeated) {
        return subscriptions.find(repeated.id()).filter(now -> now.identity().equals(repeated));
    }

    /** What is free to choose is when it is asked, not what. */
    private static boolean isAskedBy(Subscription standing, Question question) {
        return question.clip() instanceof ClipTarget.At at
                && standing.about(at.reference())
                        .withPriority(question.priority())
                        .withDeadline(question.deadline())
                        .equals(question);
    }

    private Result deadLetter(ConsumerRecord<byte[], byte[]> record, MalformedRecordException why) {
        ProducerRecord<byte[], byte[]> letter = encoder.deadLetter(record, DeadLetter.of(why, "question"));
        return Result.of(Transaction.of(List.of(letter)));
    }
}
