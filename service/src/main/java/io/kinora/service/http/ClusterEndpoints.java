package io.kinora.service.http;

import static io.kinora.service.http.Endpoint.operator;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** What is Kinora's own, and belongs to all tenants: streams and their clips, standing questions, sessions, answers, alerts, dead letters, topics,
 * the node. */
final class ClusterEndpoints extends AllDirectives {
    private final Api api;
    private final Streams streams;
    private final Standing standing;
    private final Conversations conversations;
    private final Feeds feeds;
    private final Letters letters;
    private final Supplier<HttpResponse> topics;
    private final Supplier<HttpResponse> node;

    ClusterEndpoints(
            Api api,
            Streams streams,
            Standing standing,
            Conversations conversations,
            Feeds feeds,
            Letters letters,
            Supplier<HttpResponse> topics,
            Supplier<HttpResponse> node) {
        this.api = api;
        this.streams = streams;
        this.standing = standing;
        this.conversations = conversations;
        this.feeds = feeds;
        this.letters = letters;
        this.topics = topics;
        this.node = node;
    }

    List<Endpoint> all() {
        String letter = "/v1/dead-letters/{topic}/{partition}/{offset}";
        String clip = "/v1/clips/{topic}/{partition}/{offset}";
        return List.of(
                operator("GET", "/v1/streams", call -> api.blocking(streams::list)),
                operator("GET", "/v1/streams/{stream}/clips", call -> api.blocking(() -> streams.clips(call.id()))),
                operator(
                        "GET",
                        clip + "/content",
                        call -> withRangeSupport(() -> api.blocking(() -> streams.content(call.arguments())))),
                operator("GET", clip + "/thumbnail", call -> api.blocking(() -> streams.thumbnail(call.arguments()))),
                operator("GET", "/v1/subscriptions", call -> api.blocking(standing::list)),
                operator("POST", "/v1/subscriptions", this::create),
                operator(
                        "GET", "/v1/subscriptions/{subscription}", call -> api.blocking(() -> standing.get(call.id()))),
                operator("PUT", "/v1/subscriptions/{subscription}", this::replace),
                operator(
                        "DELETE",
                        "/v1/subscriptions/{subscription}",
                        call -> api.blocking(() -> standing.delete(call.id()))),
                operator(
                        "POST",
                        "/v1/subscriptions/{subscription}/pause",
                        call -> api.blocking(() -> standing.pause(call.id()))),
                operator(
                        "POST",
                        "/v1/subscriptions/{subscription}/resume",
                        call -> api.blocking(() -> standing.resume(call.id()))),
                operator("GET", "/v1/sessions", call -> api.blocking(conversations::list)),
                operator("GET", "/v1/sessions/{session}", call -> api.blocking(() -> conversations.get(call.id()))),
                operator("DELETE", "/v1/sessions/{session}", this::forget),
                operator("POST", "/v1/sessions/{session}/questions", this::ask),
                operator("GET", "/v1/answers", call -> filtered(feeds::answers)),
                operator("GET", "/v1/answers/events", call -> filtered(feeds::answerEvents)),
                operator("GET", "/v1/alerts", call -> filtered(feeds::alerts)),
                operator("GET", "/v1/alerts/events", call -> filtered(feeds::alertEvents)),
                operator("GET", "/v1/dead-letters", call -> letters()),
                operator("GET", letter, call -> api.blocking(() -> letters.get(call.arguments()))),
                operator("GET", letter + "/value", call -> api.blocking(() -> letters.value(call.arguments()))),
                operator("POST", letter + "/redrive", call -> api.blocking(() -> letters.redrive(call.arguments()))),
                operator("POST", letter + "/drop", call -> api.blocking(() -> letters.drop(call.arguments()))),
                operator("GET", "/v1/topics", call -> api.blocking(topics)),
                operator("GET", "/v1/node", call -> api.blocking(node)));
    }

    private Route create(Endpoint.Call call) {
        return api.json(call, body -> CompletableFuture.completedFuture(standing.create(body)));
    }

    private Route replace(Endpoint.Call call) {
        return api.json(call, body -> CompletableFuture.completedFuture(standing.replace(call.id(), body)));
    }

    private Route ask(Endpoint.Call call) {
        return api.json(call, body -> conversations.ask(call.id(), body));
    }

    private Route forget(Endpoint.Call call) {
        return api.blockingStage(() -> conversations.delete(call.id()));
    }

    private Route letters() {
        return parameterOptional(
                "code",
                code -> parameterOptional(
                        "limit",
                        limit -> parameterOptional(
                                "decided", decided -> api.blocking(() -> letters.list(code, limit, decided)))));
    }

    private Route filtered(Function<Feeds.Filter, HttpResponse> respond) {
        return parameterOptional(
                "stream",
                stream -> parameterOptional(
                        "subscription",
                        subscription -> parameterOptional(
                                "limit",
                                limit -> api.blocking(
                                        () -> respond.apply(Feeds.Filter.of(stream, subscription, limit))))));
    }
}
