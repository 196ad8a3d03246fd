package io.kinora.actors.pipeline;

import io.kinora.actors.answer.AnswerEvent;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.AnswerDelta;
import io.kinora.kafka.record.FinishReason;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the pieces of answers while they come, outside transactions: for those who watch. A piece that cannot be written is missing there; the final
 * answer is whole all the same. Thread-safe.
 */
final class PartialAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(PartialAnswers.class);

    private final Producer<byte[], byte[]> producer;
    private final RecordEncoder encoder;

    PartialAnswers(Producer<byte[], byte[]> producer, RecordEncoder encoder) {
        this.producer = producer;
        this.encoder = encoder;
    }

    /** A writer for one answer. */
    Writer writer(String requestId, TraceContext trace) {
        return new Writer(requestId, trace);
    }

    /** Numbers the pieces of one answer. Not thread-safe. */
    final class Writer {
        private final String requestId;
        private final TraceContext trace;
        private final AnswerRecords.Scores scores = new AnswerRecords.Scores();
        private int index;
        private int written;

        private Writer(String requestId, TraceContext trace) {
            this.requestId = requestId;
            this.trace = trace;
        }

        void accept(AnswerEvent event) {
            scores.accept(event);
            if (event instanceof AnswerEvent.Piece piece && !piece.text().isEmpty()) {
                write(piece.text(), Optional.empty());
            } else if (event instanceof AnswerEvent.Answered answered) {
                String rest = answered.text().substring(written);
                write(rest, Optional.of(AnswerRecords.finish(answered.end())));
            } else if (event instanceof AnswerEvent.NotAnswered) {
                write("", Optional.of(FinishReason.ERROR));
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of failures
        private void write(String text, Optional<FinishReason> finish) {
            AnswerDelta delta = new AnswerDelta(requestId, index++, text, scores.taken(), finish);
            written += text.length();
            producer.send(encoder.answerDelta(delta, trace), (written, failure) -> {
                if (failure != null) {
                    LOG.warn("a piece of the answer to {} was not written: {}", requestId, failure.toString());
                }
            });
        }
    }
}
