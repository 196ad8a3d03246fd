package io.kinora.service.http;

import static io.kinora.service.http.Endpoint.open;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.util.ByteString;
import io.kinora.kafka.topic.TopicCatalog;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** What needs no key: for whoever watches over the process, the page, and the documents. */
final class PublicEndpoints extends AllDirectives {
    private static final ContentType PROMETHEUS = ContentTypes.parse("text/plain; version=0.0.4; charset=utf-8");

    /** The page needs nothing from elsewhere, and may load nothing from elsewhere. */
    private static final String POLICY =
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; frame-ancestors 'none'";

    private static final Pattern FILE = Pattern.compile("[a-z-]+\\.(js|css|html)");

    private final Supplier<String> metrics;
    private final Optional<ClusterFacts> cluster;
    private final HttpResponse asyncApi;

    PublicEndpoints(Supplier<String> metrics, Optional<ClusterFacts> cluster, TopicCatalog topics) {
        this.metrics = metrics;
        this.cluster = cluster;
        this.asyncApi = Replies.json(AsyncApiDocument.of(topics));
    }

    List<Endpoint> all() {
        return List.of(
                // A node listens only once its checkpoint is loaded.
                open("/live", call -> complete("live\n")),
                open("/ready", call -> complete(readiness())),
                open("/startup", call -> complete("started\n")),
                open("/metrics", call -> complete(prometheus())),
                open("/openapi.json", call -> getFromResource("documents/openapi.json")),
                open("/asyncapi.json", call -> complete(asyncApi)),
                open("/", call -> page("index.html")),
                open("/page/{file}", call -> page(call.id())));
    }

    private HttpResponse prometheus() {
        return HttpResponse.create().withEntity(PROMETHEUS, ByteString.fromString(metrics.get()));
    }

    /** A node whose parts are elsewhere takes requests once somebody has them. */
    private HttpResponse readiness() {
        return HttpResponse.create()
                .withStatus(
                        cluster.map(ClusterFacts::isReady).orElse(true)
                                ? StatusCodes.OK
                                : StatusCodes.SERVICE_UNAVAILABLE)
                .withEntity(cluster.map(ClusterFacts::readiness).orElse("ready\n"));
    }

    private Route page(String file) {
        if (!FILE.matcher(file).matches()) {
            return reject();
        }
        return respondWithHeaders(
                List.of(
                        RawHeader.create("content-security-policy", POLICY),
                        RawHeader.create("x-content-type-options", "nosniff"),
                        RawHeader.create("referrer-policy", "no-referrer")),
                () -> getFromResource("page/" + file));
    }
}
