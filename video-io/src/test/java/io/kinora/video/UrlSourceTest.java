package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlSourceTest {
    private static final byte[] CLIP = TestClips.fixture("hevc.mp4");
    private static final DecodeLimits LIMITS = DecodeLimits.defaults();
    private static final FetchPolicy LOCAL = FetchPolicy.defaults().withPrivateHosts(Set.of("127.0.0.1"));

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        serve("/clip", exchange -> {
            exchange.sendResponseHeaders(200, CLIP.length);
            exchange.getResponseBody().write(CLIP);
        });
        serve("/chunked", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(CLIP);
        });
        serve("/short", exchange -> {
            exchange.sendResponseHeaders(200, CLIP.length);
            exchange.getResponseBody().write(CLIP, 0, CLIP.length / 2);
            exchange.getResponseBody().flush();
        });
        serve("/slow", exchange -> {
            exchange.sendResponseHeaders(200, CLIP.length);
            exchange.getResponseBody().write(CLIP, 0, 100);
            exchange.getResponseBody().flush();
            await();
        });
        serve("/silent", exchange -> await());
        serve("/missing", exchange -> exchange.sendResponseHeaders(404, -1));
        serve("/busy", exchange -> exchange.sendResponseHeaders(503, -1));
        serve("/redirect", exchange -> redirect(exchange, "/clip"));
        serve("/redirect-twice", exchange -> redirect(exchange, "/redirect"));
        serve("/redirect-inside", exchange -> redirect(exchange, "http://localhost:" + port() + "/clip"));
        serve("/redirect-file", exchange -> redirect(exchange, "file:///etc/passwd"));
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
        threads.shutdown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/clip", "/chunked"})
    void aClipIsFetchedOnceAndItsTemporaryFileGoesWithIt(String path) throws Exception {
        List<Path> before = temporaryFiles();
        try (VideoClip clip = VideoClip.open(source(path, LOCAL), LIMITS)) {
            assertThat(temporaryFiles()).hasSize(before.size() + 1);
            assertThat(clip.sample(FrameSampler.uniform(4)).frames())
                    .allSatisfy(frame ->
                            assertThat(NumberedFrames.read(frame.image())).isEqualTo(frame.index()));
            assertThat(clip.sha256())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(CLIP)));
        }
        assertThat(asked).hasValue(1);
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/clip", "/chunked"})
    void moreBytesThanAllowedAreNotFetched(String path) throws Exception {
        List<Path> before = temporaryFiles();
        assertThatThrownBy(() -> VideoProbe.probe(source(path, LOCAL), LIMITS.withMaxBytes(1000)))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("maxBytes")
                .hasMessageContaining("at most 1,000");
        assertThat(temporaryFiles()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"/missing, 404, false", "/busy, 503, true"})
    void aStatusSaysWhetherToTryAgain(String path, int status, boolean mayPass) {
        assertThatThrownBy(() -> VideoProbe.probe(source(path, LOCAL), LIMITS))
                .isInstanceOfSatisfying(ClipFetchException.class, failure -> assertThat(failure.mayPass())
                        .isEqualTo(mayPass))
                .hasMessageContaining("status %d, expected 200".formatted(status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/slow", "/silent"})
    void aServerThatStallsIsGivenUp(String path) {
        FetchPolicy hasty = LOCAL.withTotalTimeout(Duration.ofMillis(300));
        assertThatThrownBy(() -> VideoProbe.probe(source(path, hasty), LIMITS))
                .isInstanceOfSatisfying(ClipFetchException.class, failure -> assertThat(failure.mayPass())
                        .isTrue())
                .hasMessageContaining("was not fetched in");
    }

    @Test
    void anAnswerThatBreaksOffIsNoClip() {
        assertThatThrownBy(() -> VideoProbe.probe(source("/short", LOCAL), LIMITS))
                .isInstanceOf(ClipFetchException.class)
                .hasMessageContaining("cannot be fetched");
    }

    @Test
    void redirectsAreRefusedUnlessAllowedAndCountedIfTheyAre() {
        assertThatThrownBy(() -> VideoProbe.probe(source("/redirect", LOCAL), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class)
                .hasMessageContaining("redirects are not followed");
        FetchPolicy one = LOCAL.withMaxRedirects(1);
        assertThat(VideoProbe.probe(source("/redirect", one), LIMITS).codec()).isEqualTo("hevc");
        assertThatThrownBy(() -> VideoProbe.probe(source("/redirect-twice", one), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class)
                .hasMessageContaining("no more than 1 redirects");
    }

    @Test
    void redirectsAreCheckedLikeTheFirstAddress() {
        FetchPolicy two = LOCAL.withMaxRedirects(2);
        assertThatThrownBy(() -> VideoProbe.probe(source("/redirect-inside", two), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class)
                .hasMessageContaining("only public addresses");
        assertThatThrownBy(() -> VideoProbe.probe(source("/redirect-file", two), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class)
                .hasMessageContaining("not over file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:PORT/clip",
                "http://localhost:PORT/clip",
                "http://[::1]:PORT/clip",
                "http://[::ffff:127.0.0.1]:PORT/clip",
                "http://2130706433:PORT/clip",
                "http://0.0.0.0:PORT/clip",
                "http://169.254.169.254/latest/meta-data/",
                "http://10.1.2.3/clip",
                "http://[fd00::1]/clip",
                "http://[64:ff9b::7f00:1]/clip",
                "ftp://example.org/clip",
                "file:///etc/passwd",
                "http:/clip",
                "http://user:secret@127.0.0.1:PORT/clip",
            })
    void addressesThatAreNotPublicAreNotAsked(String url) {
        URI uri = URI.create(url.replace("PORT", Integer.toString(port())));
        assertThatThrownBy(() -> VideoProbe.probe(VideoSource.url(uri), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void onlyListedHostsAreAsked() {
        FetchPolicy listed = LOCAL.withAllowedHosts(Set.of("media.example.org", "*.cdn.example.org"));
        assertThatThrownBy(() -> VideoProbe.probe(source("/clip", listed), LIMITS))
                .isInstanceOf(ForbiddenUrlException.class)
                .hasMessage("127.0.0.1 is not among the hosts that may be asked");
        assertThat(listed.allows("MEDIA.example.org")).isTrue();
        assertThat(listed.allows("a.b.cdn.example.org")).isTrue();
        assertThat(listed.allows("cdn.example.org")).isFalse();
        assertThat(listed.allows("evilcdn.example.org")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, true",
        "93.184.216.34, true",
        "172.15.255.255, true",
        "172.16.0.0, false",
        "172.31.255.255, false",
        "172.32.0.0, true",
        "100.63.255.255, true",
        "100.64.0.1, false",
        "192.168.1.1, false",
        "198.18.0.1, false",
        "198.20.0.1, true",
        "224.0.0.1, false",
        "255.255.255.255, false",
        "2606:4700:4700::1111, true",
        "::, false",
        "fe80::1, false",
        "fc00::1, false",
        "ff02::1, false",
        "2001:db8::1, false",
        "2002:7f00:1::, false",
        "64:ff9b::808:808, false",
    })
    void publicAddressesAreToldFromOthers(String address, boolean isPublic) throws Exception {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isEqualTo(isPublic);
    }

    @Test
    void secretsInAUrlAreNotShown() {
        URI uri = URI.create("http://127.0.0.1:%d/missing?token=secret#part".formatted(port()));
        assertThatThrownBy(() -> VideoProbe.probe(VideoSource.url(uri, LOCAL), LIMITS))
                .hasMessageNotContaining("secret")
                .hasMessageContaining("/missing");
    }

    private VideoSource source(String path, FetchPolicy policy) {
        return VideoSource.url(URI.create("http://127.0.0.1:%d%s".formatted(port(), path)), policy);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private void serve(String path, Answer answer) {
        server.createContext(path, exchange -> {
            asked.incrementAndGet();
            try (exchange) {
                answer.to(exchange);
            }
        });
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("kinora-clip-"))
                    .sorted()
                    .toList();
        }
    }
}
