package io.kinora.actors.session;

import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Who answers the questions of sessions. Thread-safe. */
@FunctionalInterface
public interface SessionAnswers {
    /**
     * Answers a question that goes on with a conversation.
     *
     * @param before the conversation so far; empty for its first question
     * @param trace of the question
     * @return the answer, or why there is none, saying its place in the conversation; fails for what may be tried again later
     */
    CompletionStage<Answer> answer(Optional<Session> before, Question question, TraceContext trace);
}
