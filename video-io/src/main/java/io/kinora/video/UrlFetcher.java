package io.kinora.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Fetches a clip into a temporary file, under a policy, a ceiling on bytes and a deadline. */
final class UrlFetcher {
    private static final int OK = 200;

    private static final Duration USUAL_TIMEOUT = FetchPolicy.defaults().connectTimeout();

    /** A client keeps a thread until it is collected, and cannot be closed: so there is one for all fetches that wait as long as usual. */
    private static final HttpClient USUAL = client(USUAL_TIMEOUT);

    private final FetchPolicy policy;
    private final AddressGuard guard;

    UrlFetcher(FetchPolicy policy) {
        this.policy = policy;
        this.guard = new AddressGuard(policy);
    }

    /**
     * The temporary file with the clip; the caller deletes it.
     *
     * @throws ForbiddenUrlException if the policy does not allow the address, or an address it redirects to
     * @throws ClipFetchException if the clip could not be had
     * @throws ClipLimitException if it has more bytes than allowed
     */
    Path fetch(URI uri, DecodeLimits limits) {
        Path file = temporaryFile();
        boolean fetched = false;
        try {
            fetchTo(file, uri, limits);
            fetched = true;
            return file;
        } finally {
            if (!fetched) {
                delete(file);
            }
        }
    }

    private void fetchTo(Path file, URI first, DecodeLimits limits) {
        long deadline = System.nanoTime() + policy.totalTimeout().toNanos();
        guard.check(first);
        HttpClient client = policy.connectTimeout().equals(USUAL_TIMEOUT) ? USUAL : client(policy.connectTimeout());
        URI uri = first;
        for (int redirects = 0; ; redirects++) {
            HttpResponse<OptionalLong> response = ask(client, uri, file, limits, deadline);
            if (response.statusCode() == OK) {
                return;
            }
            if (!isRedirect(response.statusCode())) {
                throw refused(uri, response.statusCode());
            }
            if (redirects == policy.maxRedirects()) {
                throw new ForbiddenUrlException("%s redirects, and %s"
                        .formatted(
                                FetchPolicy.shown(uri),
                                redirects == 0
                                        ? "redirects are not followed"
                                        : "no more than %d redirects are followed".formatted(redirects)));
            }
            uri = redirected(uri, response);
            guard.check(uri);
        }
    }

    private static HttpClient client(Duration connectTimeout) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
    }

    private HttpResponse<OptionalLong> ask(HttpClient client, URI uri, Path file, DecodeLimits limits, long deadline) {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Accept", "video/*, application/octet-stream;q=0.9, */*;q=0.1")
                .header("User-Agent", "kinora")
                .GET()
                .build();
        CompletableFuture<HttpResponse<OptionalLong>> answer =
                client.sendAsync(request, head -> body(head, uri, file, limits));
        try {
            return answer.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new ClipFetchException(
                    "%s was not fetched in %s s"
                            .formatted(
                                    FetchPolicy.shown(uri),
                                    policy.totalTimeout().toSeconds()),
                    true,
                    e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ClipFetchException("fetching %s was interrupted".formatted(FetchPolicy.shown(uri)), true, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof VideoException refusal) {
                throw refusal;
            }
            if (e.getCause() instanceof IOException && e.getCause().getCause() instanceof VideoException refusal) {
                throw refusal;
            }
            throw new ClipFetchException(
                    "%s cannot be fetched: %s".formatted(FetchPolicy.shown(uri), e.getCause()), true, e.getCause());
        }
    }

    /** Writes the body of a 200 to the file, and nothing of any other answer. */
    private static HttpResponse.BodySubscriber<OptionalLong> body(
            HttpResponse.ResponseInfo head, URI uri, Path file, DecodeLimits limits) {
        if (head.statusCode() != OK) {
            return HttpResponse.BodySubscribers.replacing(OptionalLong.empty());
        }
        String name = FetchPolicy.shown(uri);
        head.headers().firstValueAsLong("Content-Length").ifPresent(length -> limits.checkBytes(name, length));
        return new ToFile(name, file, limits);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static ClipFetchException refused(URI uri, int status) {
        boolean mayPass = status == 408 || status == 425 || status == 429 || status >= 500;
        return new ClipFetchException(
                "%s answers with status %d, expected 200".formatted(FetchPolicy.shown(uri), status), mayPass);
    }

    private static URI redirected(URI from, HttpResponse<?> response) {
        String location = response.headers()
                .firstValue("Location")
                .orElseThrow(() -> new ClipFetchException(
                        "%s redirects without saying where".formatted(FetchPolicy.shown(from)), false));
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new ClipFetchException("%s redirects to what is no URL".formatted(FetchPolicy.shown(from)), false, e);
        }
        if ("https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(to.getScheme())) {
            throw new ForbiddenUrlException("%s redirects away from https".formatted(FetchPolicy.shown(from)));
        }
        return to;
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("kinora-clip-", ".part");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary file can be made for a fetched clip", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary file %s cannot be deleted".formatted(file), e);
        }
    }

    /** Writes a body to a file, and stops the transfer as soon as it is longer than allowed. */
    private static final class ToFile implements HttpResponse.BodySubscriber<OptionalLong> {
        private final String name;
        private final Path file;
        private final DecodeLimits limits;
        private final CompletableFuture<OptionalLong> done = new CompletableFuture<>();
        private Flow.Subscription subscription;
        private FileChannel channel;
        private long written;

        private ToFile(String name, Path file, DecodeLimits limits) {
            this.name = name;
            this.file = file;
            this.limits = limits;
        }

        @Override
        public CompletionStage<OptionalLong> getBody() {
            return done;
        }

        @Override
        public void onSubscribe(Flow.Subscription transfer) {
            this.subscription = transfer;
            try {
                channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
                transfer.request(1);
            } catch (IOException e) {
                transfer.cancel();
                done.completeExceptionally(e);
            }
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            try {
                for (ByteBuffer buffer : buffers) {
                    written += buffer.remaining();
                    limits.checkBytes(name, written);
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                }
                subscription.request(1);
            } catch (IOException | ClipLimitException e) {
                subscription.cancel();
                finish(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            finish(failure);
        }

        @Override
        public void onComplete() {
            try {
                channel.close();
                done.complete(OptionalLong.of(written));
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        }

        private void finish(Throwable failure) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
            done.completeExceptionally(failure);
        }
    }
}
