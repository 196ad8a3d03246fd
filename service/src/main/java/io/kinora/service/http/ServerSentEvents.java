package io.kinora.service.http;

import akka.NotUsed;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.kafka.follow.Listening;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/** Streams of events, as {@code text/event-stream}. */
final class ServerSentEvents {
    /** What OpenAI's streams end with. */
    static final ByteString DONE = ByteString.fromString("data: [DONE]\n\n");

    private static final ByteString COMMENT = ByteString.fromString(": keep-alive\n\n");

    /** Events that a slow reader may be behind. */
    private static final int BEHIND = 4096;

    /** Events that go out in one piece where they come faster than the connection takes them; one that can go at once goes by itself. */
    private static final int TOGETHER = 64;

    private ServerSentEvents() {}

    /** An event without a name. */
    static ByteString data(JsonNode node) {
        return ByteString.fromString("data: " + Json.write(node) + "\n\n");
    }

    /** An event with a name. */
    static ByteString event(String name, JsonNode node) {
        return ByteString.fromString("event: " + name + "\ndata: " + Json.write(node) + "\n\n");
    }

    /** What a stream that fails ends with: all clients take it for an error, whereas they take a plain end for success. */
    static ByteString error(ApiException failure) {
        return event("error", Replies.errorBody(failure));
    }

    /**
     * What somebody hears from the moment on that the stream is read.
     *
     * @param listen begins to tell
     */
    static <T> Source<T, NotUsed> heard(Function<Consumer<T>, Listening> listen) {
        return Source.<T>queue(BEHIND).watchTermination((queue, ended) -> {
            Listening listening = listen.apply(news -> {
                if (queue.offer(news) == QueueOfferResult.dropped()) {
                    queue.fail(new IllegalStateException("the reader of a stream is too slow"));
                }
            });
            ended.whenComplete((done, failure) -> listening.close());
            return NotUsed.getInstance();
        });
    }

    /** A stream, with comments where it is quiet. */
    static HttpResponse response(Source<ByteString, ?> events, Duration keepAlive) {
        return HttpResponse.create()
                // Proxies pass events on at once, and keep none.
                .addHeader(RawHeader.create("cache-control", "no-cache"))
                .addHeader(RawHeader.create("x-accel-buffering", "no"))
                .withEntity(HttpEntities.create(
                        MediaTypes.TEXT_EVENT_STREAM.toContentType(),
                        events.batch(TOGETHER, event -> event, ByteString::concat)
                                .keepAlive(keepAlive, () -> COMMENT)));
    }
}
