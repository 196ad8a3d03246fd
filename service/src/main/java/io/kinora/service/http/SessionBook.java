package io.kinora.service.http;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.follow.Listening;
import io.kinora.kafka.follow.RecentRecords;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Conversations, and what is asked in them: written to the topic of questions, as by any other program, and read from that of answers. Thread-safe. */
final class SessionBook implements AutoCloseable {
    private final CompactedTable<Session> table;
    private final RecentRecords<Answer> answers;
    private final KinoraClient client;

    /** @param answers the newest ones; closed by whoever started them */
    SessionBook(KafkaClients clients, CompactedTable<Session> table, RecentRecords<Answer> answers) {
        this.table = table;
        this.answers = answers;
        this.client = new KinoraClient(clients, "/kinora/http");
    }

    /** As they were kept at the moment of the call, or later; blocks until that is known. */
    List<Session> all() {
        table.whenCaughtUp().toCompletableFuture().join();
        return table.rows();
    }

    /** As it was kept at the moment of the call, or later; blocks until that is known. */
    Optional<Session> find(String id) {
        table.whenCaughtUp().toCompletableFuture().join();
        return table.find(id);
    }

    /** Asks a question of a session; blocks until the cluster has it. Fails with a {@link java.util.concurrent.TimeoutException} without an answer. */
    CompletionStage<Answer> ask(Question question, String session, Duration patience) {
        CompletableFuture<Answer> answered = new CompletableFuture<>();
        Listening listening = answers.listen(0, answer -> {
            if (answer.questionId().equals(question.id())) {
                answered.complete(answer);
            }
        });
        synchronized (this) {
            client.publish(question, session);
        }
        return answered.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answer, failure) -> listening.close());
    }

    /** Has a session forgotten; complete when it is. Blocks until the cluster has the wish. */
    CompletionStage<Void> forget(String id) {
        synchronized (this) {
            client.forgetSession(id);
        }
        return table.whenGone(id);
    }

    @Override
    public void close() {
        table.close();
        client.close();
    }
}
