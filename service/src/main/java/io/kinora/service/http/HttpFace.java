package io.kinora.service.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.ServerBuilder;
import akka.http.javadsl.server.Route;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.answer.AnswerClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The HTTP server of a node. Closing it lets requests in progress end, for some seconds. */
public final class HttpFace implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofSeconds(5);

    private final ServerBinding binding;
    private final boolean tls;

    private HttpFace(ServerBinding binding, boolean tls) {
        this.binding = binding;
        this.tls = tls;
    }

    /**
     * Starts to listen.
     *
     * @param answers absent where the checkpoint answers no questions
     * @param metrics what is served at {@code /metrics}
     * @param topics where clips on Kafka are read
     * @param jobs the cluster's generation jobs; closed by whoever made it
     * @throws HttpUnavailableException if the port or the certificate cannot be used
     */
    public static HttpFace start(
            ActorSystem<?> system,
            HttpSettings settings,
            CheckpointCard card,
            Optional<AnswerClient> answers,
            PrometheusPage metrics,
            KafkaClips topics,
            JobBook jobs) {
        Clock clock = Clock.systemUTC();
        FileStore files = new FileStore(settings.files(), settings.filesTotal(), clock);
        Route routes = new Routes(
                        new Api(system, settings, new Gate(System::nanoTime)),
                        new Models(card, clock.instant()),
                        answers.map(client -> new ChatCompletions(system, client, card, settings.keepAlive(), clock)),
                        new MediaReader(files, topics, settings.limits()),
                        files,
                        () -> settings.vllmMetrics() ? metrics.textWithVllmNames(card.name()) : metrics.text(),
                        new Videos(jobs, card))
                .all();
        ServerBuilder server = Http.get(system).newServerAt(settings.host(), settings.port());
        if (settings.tls().isPresent()) {
            server = server.enableHttps(
                    ConnectionContext.httpsServer(context(settings.tls().get())));
        }
        try {
            return new HttpFace(
                    server.bind(routes).toCompletableFuture().join(),
                    settings.tls().isPresent());
        } catch (CompletionException e) {
            throw new HttpUnavailableException(
                    "cannot listen on %s:%d: %s".formatted(settings.host(), settings.port(), reason(e)), e);
        }
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
