package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.follow.RecentRecords;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Answers and alerts as they lie on their topics: the newest, and those that come. Thread-safe. */
final class Feeds {
    private static final int DEFAULT_LIMIT = 50;
    private static final int LARGEST_LIMIT = 500;

    /**
     * Which of them are wanted.
     *
     * @param stream of one stream only
     * @param subscription of one standing question only
     * @param limit how many of those that are there already; empty where it was not said
     */
    record Filter(Optional<String> stream, Optional<String> subscription, Optional<Integer> limit) {
        static Filter of(Optional<String> stream, Optional<String> subscription, Optional<String> limit) {
            Optional<Integer> number = limit.map(text -> QueryNumber.read("limit", limit, 0, 0, LARGEST_LIMIT));
            return new Filter(stream, subscription, number);
        }

        private boolean takes(String itsStream, Optional<String> itsSubscription) {
            return stream.map(itsStream::equals).orElse(true)
                    && (subscription.isEmpty() || subscription.equals(itsSubscription));
        }

        private boolean wants(Answer answer) {
            return takes(answer.stream(), answer.subscription().map(standing -> standing.id()));
        }

        private boolean wants(Alert alert) {
            return takes(alert.stream(), Optional.of(alert.subscription().id()));
        }
    }

    private final RecentRecords<Answer> answers;
    private final RecentRecords<Alert> alerts;
    private final Duration keepAlive;

    Feeds(RecentRecords<Answer> answers, RecentRecords<Alert> alerts, Duration keepAlive) {
        this.answers = answers;
        this.alerts = alerts;
        this.keepAlive = keepAlive;
    }

    HttpResponse answers(Filter filter) {
        return newest(answers, filter::wants, filter);
    }

    HttpResponse alerts(Filter filter) {
        return newest(alerts, filter::wants, filter);
    }

    /** Those that come from now on, after as many of those that are there as the limit says. */
    HttpResponse answerEvents(Filter filter) {
        return events("answer", answers, filter::wants, filter);
    }

    HttpResponse alertEvents(Filter filter) {
        return events("alert", alerts, filter::wants, filter);
    }

    private static <T> HttpResponse newest(RecentRecords<T> records, Predicate<T> wanted, Filter filter) {
        List<T> found = new ArrayList<>(records.newest().stream().filter(wanted).toList());
        Collections.reverse(found);
        int limit = filter.limit().orElse(DEFAULT_LIMIT);
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        found.stream().limit(limit).forEach(record -> data.add(Json.of(record)));
        return Replies.json(list.put("has_more", found.size() > limit));
    }

    private <T> HttpResponse events(String name, RecentRecords<T> records, Predicate<T> wanted, Filter filter) {
        int last = filter.limit().orElse(0);
        return ServerSentEvents.response(
                ServerSentEvents.<T>heard(listener -> records.listen(last, listener))
                        .filter(wanted::test)
                        .map(record -> ServerSentEvents.event(name, Json.of(record))),
                keepAlive);
    }
}
