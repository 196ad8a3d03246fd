package io.kinora.service.http;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.ServerBuilder;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Flow;
import io.kinora.actors.adapter.CheckpointCard;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The HTTP server of a node. Closing it lets requests in progress end, for some seconds. */
public final class HttpFace implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofSeconds(5);

    private final ServerBinding binding;
    private final boolean tls;
    private final Endpoints endpoints;

    private HttpFace(ServerBinding binding, boolean tls, Endpoints endpoints) {
        this.binding = binding;
        this.tls = tls;
        this.endpoints = endpoints;
    }

    /**
     * Starts to listen.
     *
     * @param metrics what is served at {@code /metrics}
     * @param node what the node runs on
     * @param books what is known of the cluster; closed by whoever opened them
     * @throws HttpUnavailableException if the port or the certificate cannot be used
     */
    public static HttpFace start(
            ActorSystem<?> system,
            HttpSettings settings,
            ServedModel model,
            PrometheusPage metrics,
            NodeFacts.Setting node,
            ClusterBooks books) {
        return start(system, settings, model, Optional.empty(), metrics, node, books);
    }

    /** As the other one, with a ModaVerse beside the model, or the same. */
    public static HttpFace start(
            ActorSystem<?> system,
            HttpSettings settings,
            ServedModel model,
            Optional<ServedModaVerse> modaVerse,
            PrometheusPage metrics,
            NodeFacts.Setting node,
            ClusterBooks books) {
        Endpoints endpoints = endpoints(system, settings, model, modaVerse, metrics, node, books);
        ServerBuilder server = Http.get(system).newServerAt(settings.host(), settings.port());
        if (settings.tls().isPresent()) {
            server = server.enableHttps(
                    ConnectionContext.httpsServer(context(settings.tls().get())));
        }
        try {
            return new HttpFace(
                    server.bindFlow(Flow.fromMaterializer((materializer, attributes) ->
                                    connection(endpoints.route().flow(system))))
                            .toCompletableFuture()
                            .join(),
                    settings.tls().isPresent(),
                    endpoints);
        } catch (CompletionException e) {
            throw new HttpUnavailableException(
                    "cannot listen on %s:%d: %s".formatted(settings.host(), settings.port(), reason(e)), e);
        }
    }

    private static Endpoints endpoints(
            ActorSystem<?> system,
            HttpSettings settings,
            ServedModel model,
            Optional<ServedModaVerse> modaVerse,
            PrometheusPage metrics,
            NodeFacts.Setting node,
            ClusterBooks books) {
        Clock clock = Clock.systemUTC();
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        Api api = new Api(
                system, settings, new Gate(System::nanoTime), new Replays(clock), new RequestLog(metrics.registry()));
        FileStore files = new FileStore(settings.files(), settings.filesTotal(), clock);
        MediaReader media = new MediaReader(files, books.clips(), settings.limits());
        String name = model.card().name();
        Topics topics = new Topics(books.topics());
        NodeFacts facts = new NodeFacts(model, node, metrics.registry(), clock);
        return new Endpoints(
                api,
                new PublicEndpoints(
                        () -> settings.vllmMetrics() ? metrics.textWithVllmNames(name) : metrics.text(),
                        node.cluster(),
                        books.catalog()),
                new OpenAiEndpoints(
                        api,
                        new Models(cards(model, modaVerse), clock.instant()),
                        new ChatCompletions(system, model, settings.keepAlive(), clock),
                        modaVerse.map(served ->
                                new MediaChat(system, served, media, files, settings.keepAlive(), blocking, clock)),
                        media,
                        new Uploaded(files),
                        new Videos(books.jobs(), model, books.uploads(), media, settings.keepAlive()),
                        new Images(books.jobs(), model, blocking, settings.keepAlive())),
                new ClusterEndpoints(
                        api,
                        new Streams(books.index(), books.clips(), settings.limits()),
                        new Standing(books.standing(), clock),
                        new Conversations(books.sessions(), clock),
                        new Feeds(books.answers(), books.alerts(), settings.keepAlive()),
                        new Letters(books.letters()),
                        topics::list,
                        facts::get));
    }

    private static List<CheckpointCard> cards(ServedModel model, Optional<ServedModaVerse> modaVerse) {
        return Stream.concat(Stream.of(model.card()), modaVerse.map(ServedModaVerse::card).stream())
                .distinct()
                .toList();
    }

    /** Requests of one connection are told whose they are, so that what is done for a client who has gone can be given up. */
    private static Flow<HttpRequest, HttpResponse, NotUsed> connection(Flow<HttpRequest, HttpResponse, NotUsed> route) {
        Client client = new Client();
        return Flow.of(HttpRequest.class)
                .map(client::mark)
                .watchTermination((ignored, ended) -> {
                    ended.whenComplete((done, failure) -> client.sendsNoMore());
                    return NotUsed.getInstance();
                })
                // Who waits for a further request while one is answered hears of the client's end.
                .buffer(1, OverflowStrategy.backpressure())
                .via(route)
                .watchTermination((ignored, ended) -> {
                    ended.whenComplete((done, failure) -> client.leave());
                    return NotUsed.getInstance();
                });
    }

    private static String reason(CompletionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause.getCause() == null
                ? String.valueOf(cause.getMessage())
                : String.valueOf(cause.getCause().getMessage());
    }

    private static SSLContext context(HttpSettings.Tls tls) {
        try (InputStream stream = Files.newInputStream(tls.keyStore())) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(stream, tls.password().toCharArray());
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, tls.password().toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, new SecureRandom());
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new HttpUnavailableException("the key store %s cannot be used: %s".formatted(tls.keyStore(), e), e);
        }
    }

    /** Every operation that it serves. */
    List<Endpoint> endpoints() {
        return endpoints.all();
    }

    /** Where it listens, as clients call it. */
    public String address() {
        InetSocketAddress local = binding.localAddress();
        return "%s://%s:%d".formatted(tls ? "https" : "http", local.getHostString(), local.getPort());
    }

    @Override
    public void close() {
        binding.terminate(STOPPING).toCompletableFuture().join();
    }
}
