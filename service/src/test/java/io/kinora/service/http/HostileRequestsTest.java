package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Requests that no honest client sends: wrong types, deep nesting, broken UTF-8, halves of forms, addresses of private machines and of files. None may be
 * answered with a 500, hang, leave something behind, or make the service call where it must not. {@code -Dkinora.fuzz.requests=10000} sends more.
 */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class HostileRequestsTest {
    private static final int REQUESTS = Integer.getInteger("kinora.fuzz.requests", 2_000);
    private static final long SEED = Long.getLong("kinora.fuzz.seed", 20_261_122L);
    /** Requests until every pool has the threads that it may have. */
    private static final int WARM = REQUESTS / 2;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW");
    private static final List<String> JSON_ADDRESSES = List.of(
            "/v1/chat/completions", "/v1/videos", "/v1/images/generations", "/v1/subscriptions", "/v1/videos/x/remix");
    private static final List<String> FIELDS = List.of(
            "model",
            "messages",
            "prompt",
            "stream",
            "n",
            "seed",
            "size",
            "seconds",
            "temperature",
            "stop",
            "response_format",
            "input_reference",
            "guided_choice",
            "top_logprobs",
            "question",
            "streams",
            "alert",
            "id",
            "num_frames",
            "fps");

    private final RunningKinora kinora;
    private final AtomicInteger forbidden = new AtomicInteger();

    HostileRequestsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void nothingThatASeededFuzzerSendsBreaksTheServiceOrMakesItCallWhereItMustNot() throws Exception {
        Random random = new Random(SEED);
        HttpServer trap = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        trap.createContext("/", exchange -> {
            forbidden.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        trap.start();
        long filesBefore = temporaryFiles();
        int threadsBefore = Integer.MAX_VALUE;
        try {
            for (int i = 0; i < REQUESTS; i++) {
                if (i == WARM) {
                    threadsBefore = Thread.activeCount();
                }
                byte[] request = request(random, trap.getAddress().getPort());
                int status = send(request, random);
                assertThat(status)
                        .as("status of request %d of seed %d: %s", i, SEED, shown(request))
                        .isNotEqualTo(500)
                        .isNotEqualTo(-1);
            }
        } finally {
            trap.stop(0);
        }
        assertThat(forbidden).as("calls to an address of this machine").hasValue(0);
        assertThat(kinora.json(kinora.get("/v1/models")).at("/data/0/id").asText())
                .isEqualTo(kinora.model());
        assertThat(kinora.node()
                        .metrics()
                        .registry()
                        .find("kinora.http.requests")
                        .tag("status", "500")
                        .timers())
                .as("failures of the service, those included whose clients had gone")
                .isEmpty();
        assertThat(temporaryFiles()).as("temporary files").isLessThanOrEqualTo(filesBefore);
        assertThat(Thread.activeCount()).as("threads").isLessThan(threadsBefore + 25);
    }

    private static long temporaryFiles() throws IOException {
        String own = "kinora-upload-%d-".formatted(ProcessHandle.current().pid());
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(file -> file.getFileName().toString().startsWith(own))
                    .count();
        }
    }

    private static String shown(byte[] request) {
        String text = new String(request, StandardCharsets.ISO_8859_1);
        return text.length() <= 1500 ? text : text.substring(0, 1500) + "…";
    }

    private byte[] request(Random random, int trap) throws IOException {
        return switch (random.nextInt(10)) {
            case 0 -> http(pick(random, METHODS), address(random), bytes(random, 200), "text/plain");
            case 1 -> http("POST", pick(random, JSON_ADDRESSES), bytes(random, 2000), "application/json");
            case 2 -> http("POST", pick(random, JSON_ADDRESSES), nested(random), "application/json");
            case 3, 4 -> http("POST", "/v1/chat/completions", utf8(hostileChat(random, trap)), "application/json");
            case 5 ->
                http(
                        "POST",
                        pick(random, List.of("/v1/videos", "/v1/files", "/v1/videos/x/remix")),
                        form(random),
                        "multipart/form-data; boundary=b");
            case 6 -> http("POST", "/v1/chat/completions", utf8(schema(random)), "application/json");
            case 7 ->
                http(
                        "PUT",
                        "/v1/subscriptions/f" + random.nextInt(9) + "%20",
                        utf8(object(random, 3)),
                        "application/json");
            default -> http("POST", pick(random, JSON_ADDRESSES), utf8(object(random, 4)), "application/json");
        };
    }

    private static String address(Random random) {
        List<String> segments = List.of(
                "v1",
                "videos",
                "..",
                "%2e%2e",
                "files",
                "page",
                "content",
                "clips",
                "kinora.clips",
                "0",
                "-1",
                "99999999999999999999",
                "%00",
                "%ff",
                "é",
                "dead-letters",
                "streams",
                "a".repeat(900),
                "",
                "etc",
                "passwd",
                "events",
                "answers");
        StringBuilder address = new StringBuilder();
        for (int i = 0; i <= random.nextInt(6); i++) {
            address.append('/').append(pick(random, segments));
        }
        if (address.indexOf("/events") >= 0) {
            return "/v1/videos?limit=" + pick(random, List.of("-1", "x", "101", "", "1e9", "%00"));
        }
        return address
                + pick(
                        random,
                        List.of(
                                "",
                                "?limit=x",
                                "?after=nothing",
                                "?variant=%27",
                                "?order=1&order=2",
                                "?limit=5&stream=%ff"));
    }

    private static byte[] http(String method, String address, byte[] body, String type) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(utf8(
                "%s %s HTTP/1.1\r\nhost: here\r\nconnection: close\r\nauthorization: Bearer %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
                        .formatted(method, address, RunningKinora.KEY, type, body.length)));
        request.write(body);
        return request.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] nested(Random random) {
        int depth = random.nextInt(20_000);
        String open = random.nextBoolean() ? "[" : "{\"messages\":";
        return utf8(open.repeat(Math.min(depth, 40_000)));
    }

    /** A question whose clip is where it must not be looked for, or is none. */
    private String hostileChat(Random random, int trap) {
        List<String> urls = List.of(
                "http://127.0.0.1:%d/clip.mp4".formatted(trap),
                "http://localhost:%d/".formatted(trap),
                "http://[::1]:%d/".formatted(trap),
                "http://0x7f000001:%d/".formatted(trap),
                "http://2130706433:%d/".formatted(trap),
                "http://127.1:%d/".formatted(trap),
                "http://[::ffff:127.0.0.1]:%d/".formatted(trap),
                "http://0.0.0.0:%d/".formatted(trap),
                "http://user@127.0.0.1:%d/".formatted(trap),
                "http://169.254.169.254/latest/meta-data",
                "http://10.0.0.1:1/",
                "file:///etc/passwd",
                "FILE:/etc/passwd",
                "ftp://127.0.0.1/x",
                "kafka://kinora.answers/0/0",
                "kafka://kinora.clips/0/99999999",
                "kafka://kinora.clips/-1/0",
                "kafka://",
                "concat:/etc/passwd",
                "data:video/mp4;base64,",
                "data:video/mp4;base64,AAAAHGZ0eXBpc29t",
                "data:video/mp4,x",
                "data:image/png;base64,iVBORw0KGgo=",
                "file-00000000000000000000000000000000",
                "../../etc/passwd",
                "http://",
                "http://\\u0000",
                "");
        String kind = pick(random, List.of("video_url", "image_url", "file", "input_video", "input_audio", "other"));
        String url = pick(random, urls);
        String medium =
                switch (kind) {
                    case "file" -> "{\"file_data\": \"%s\"}".formatted(url);
                    case "input_video" -> "{\"data\": \"%s\"}".formatted(url);
                    default -> random.nextBoolean() ? "{\"url\": \"%s\"}".formatted(url) : "\"%s\"".formatted(url);
                };
        return """
                {"model": "%s", "max_tokens": 1, "stream": %s, "messages": [{"role": "user", "content": [{"type": "%s", "%s": %s}]}]}""".formatted(kinora.model(), random.nextBoolean(), kind, kind, medium);
    }

    /** A schema that is large when it is unfolded, or none at all. */
    private String schema(Random random) {
        String schema = pick(
                random,
                List.of(
                        "{\"type\":\"array\",\"maxItems\":10000,\"items\":{\"type\":\"array\",\"maxItems\":10000,\"items\":{\"type\":\"string\",\"maxLength\":10000}}}",
                        "{\"type\":\"object\",\"properties\":{%s}}"
                                .formatted(IntStream.range(0, 50 + random.nextInt(4_000))
                                        .mapToObj(i -> "\"p%d\":{\"type\":\"null\"}".formatted(i))
                                        .collect(Collectors.joining(","))),
                        nestedSchema(1 + random.nextInt(200)),
                        "{\"$ref\":\"#\"}",
                        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}",
                        "{\"type\":\"object\",\"properties\":7}",
                        "{\"anyOf\":[]}",
                        "{\"enum\":[]}",
                        "{\"type\":\"array\",\"minItems\":9,\"maxItems\":1}",
                        "[]",
                        "null",
                        "{\"type\":\"nothing\"}",
                        "{\"type\":\"object\",\"required\":[\"a\"]}",
                        "{\"type\":[]}",
                        object(random, 4)));
        return """
                {"model": "%s", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}],
                 "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": %s}}}""".formatted(kinora.model(), schema);
    }

    private static String nestedSchema(int depth) {
        return "{\"type\":\"array\",\"minItems\":10000,\"items\":".repeat(depth) + "true" + "}".repeat(depth);
    }

    private static byte[] form(Random random) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < random.nextInt(8); i++) {
            form.append("--b\r\nContent-Disposition: form-data; name=\"")
                    .append(pick(random, List.of("file", "prompt", "seed", "input_reference", "x\\\"y", "")))
                    .append(random.nextBoolean() ? "\"; filename=\"../../x" : "")
                    .append("\"\r\n\r\n")
                    .append(pick(random, List.of("", "a star", "-1", "1e999", "\0", "9".repeat(50))))
                    .append("\r\n");
        }
        String whole = form.append("--b--\r\n").toString();
        return utf8(random.nextBoolean() ? whole : whole.substring(0, random.nextInt(whole.length())));
    }

    private static String object(Random random, int depth) {
        StringBuilder object = new StringBuilder("{");
        for (int i = 0; i < random.nextInt(6); i++) {
            object.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(pick(random, FIELDS))
                    .append("\":")
                    .append(value(random, depth));
        }
        return object.append('}').toString();
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> "null";
            case 1 -> Boolean.toString(random.nextBoolean());
            case 2 -> Long.toString(random.nextLong());
            case 3 -> pick(random, List.of("1e400", "-0", "0.1", "9".repeat(80), "1E-400"));
            case 4 -> "\"" + "x".repeat(random.nextInt(300)) + "\"";
            case 5 -> "\"\\ud800\\u0000\\u202e\"";
            case 6 -> "[]";
            case 7 -> object(random, depth - 1);
            default -> "[" + value(random, depth - 1) + "," + value(random, depth - 1) + "]";
        };
    }

    private static <T> T pick(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** The status of the response; 0 where the service closed the connection, or where only half of the request was sent; -1 where nothing came. */
    private int send(byte[] request, Random random) throws IOException {
        URI address = URI.create(kinora.face().address());
        boolean half = random.nextInt(20) == 0;
        Instant giveUp = Instant.now().plus(PATIENCE);
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            OutputStream out = socket.getOutputStream();
            out.write(request, 0, half ? random.nextInt(request.length) : request.length);
            out.flush();
            if (half) {
                return 0;
            }
            return status(socket.getInputStream(), giveUp);
        } catch (SocketTimeoutException e) {
            return -1;
        } catch (SocketException e) {
            // A request that is refused before it was read whole is answered by closing.
            return 0;
        }
    }

    private static int status(InputStream in, Instant giveUp) throws IOException {
        byte[] head = in.readNBytes("HTTP/1.1 200".length());
        if (head.length < "HTTP/1.1 200".length()) {
            return 0;
        }
        while (in.read() >= 0) {
            if (Instant.now().isAfter(giveUp)) {
                return -1;
            }
        }
        return Integer.parseInt(new String(head, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length()));
    }
}
