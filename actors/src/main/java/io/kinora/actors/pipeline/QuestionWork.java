package io.kinora.actors.pipeline;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.transaction.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Turns a question's record into the answer's record; a record that is no question goes to the dead-letter topic. */
final class QuestionWork implements RecordWork {
    private final ClipFetcher clips;
    private final ClipQuestions questions;
    private final PartialAnswers partials;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;

    QuestionWork(
            ClipFetcher clips,
            ClipQuestions questions,
            PartialAnswers partials,
            RecordDecoder decoder,
            RecordEncoder encoder) {
        this.clips = clips;
        this.questions = questions;
        this.partials = partials;
        this.decoder = decoder;
        this.encoder = encoder;
    }

    @Override
    public CompletionStage<Transaction> done(ConsumerRecord<byte[], byte[]> record) {
        try {
            Event<Question> event = decoder.question(record);
            Question question = event.body();
            return questions
                    .answer(
                            question,
                            event.key().orElse(question.id()),
                            () -> clips.fetch(question.clip()),
                            () -> partials.writer(question.id(), event.trace())::accept)
                    .thenApply(answer -> Transaction.of(List.of(encoder.answer(answer, event.trace()))));
        } catch (MalformedRecordException e) {
            ProducerRecord<byte[], byte[]> letter = encoder.deadLetter(record, DeadLetter.of(e, "question"));
            return CompletableFuture.completedStage(Transaction.of(List.of(letter)));
        }
    }
}
