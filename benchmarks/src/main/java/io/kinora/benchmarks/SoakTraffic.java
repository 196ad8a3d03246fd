package io.kinora.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.Subscription.AlertRule;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything that a service is asked for on an ordinary day, over and over: clips, questions, jobs, conversations, and clients that leave early. The load is
 * one that the machine can bear: where more records wait than {@link #MOST_WAITING}, nothing new is asked for until they are fewer.
 */
final class SoakTraffic implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STREAMS = 3;
    private static final int CLIPS = 40;
    private static final int FAILURES_SHOWN = 10;
    private static final int MOST_WAITING = 24;
    private static final Duration LISTENING = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration RESTING = Duration.ofMinutes(1);

    /** Something that is done again and again, each time with the next number. */
    private interface Deed {
        void perform(int number) throws IOException, InterruptedException;
    }

    private final URI address;
    private final KinoraClient kafka;
    private final String prefix;
    private final List<byte[]> clips = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(14);
    private final List<Future<?>> deeds = new ArrayList<>();
    private final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger looksBehind = new AtomicInteger();
    private final List<String> failures = new ArrayList<>();
    private final Map<Integer, String> jobs = new ConcurrentHashMap<>();
    private volatile boolean behind;
    private volatile boolean resting;

    /**
     * Traffic that begins with {@link #begin}.
     *
     * @param address of the service's HTTP API
     * @param kafka to its topics
     * @param prefix of every id, so that another run's are others
     */
    SoakTraffic(URI address, KinoraClient kafka, String prefix) throws IOException {
        this.address = address;
        this.kafka = kafka;
        this.prefix = prefix;
        for (int shade = 0; shade < CLIPS; shade++) {
            clips.add(clip(5 * shade));
        }
    }

    /** Asks the standing questions, and begins. */
    void begin() {
        kafka.subscribe(
                Subscription.of(prefix + "gate", "cam*", StandingQuestion.of("Is the gate open?", List.of("yes", "no")))
                        .withAlert(AlertRule.at("yes", 0.5)));
        kafka.subscribe(Subscription.of(prefix + "what", "cam0", StandingQuestion.of("What happens?", List.of())));
        deeds.add(threads.scheduleWithFixedDelay(this::look, 0, 3, TimeUnit.SECONDS));
        every(2, "clips", this::publish);
        every(30, "records that are no clip", this::publishNoClip);
        every(5, "questions", this::question);
        every(4, "streamed answers", number -> stream(number, false));
        every(12, "streams left early", number -> stream(number, true));
        every(20, "conversations", this::converse);
        every(60, "videos", this::video);
        every(60, "videos cancelled", this::cancelled);
        every(60, "passing standing questions", this::passing);
        every(15, "feeds", this::feed);
        every(30, "metrics", number -> get("/metrics"));
    }

    /** Whether the service is behind; where it cannot say, it is. */
    private void look() {
        try {
            behind = lag().orElse(Long.MAX_VALUE) > MOST_WAITING;
            looks.getAndIncrement();
            looksBehind.getAndAdd(behind ? 1 : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does it again some seconds after it was done, so that what was late is not made up for. */
    private void every(int seconds, String what, Deed deed) {
        AtomicInteger number = done.computeIfAbsent(what, name -> new AtomicInteger());
        deeds.add(threads.scheduleWithFixedDelay(
                () -> {
                    try {
                        while (behind || resting) {
                            TimeUnit.MILLISECONDS.sleep(200);
                        }
                        perform(what, deed, number.getAndIncrement());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                seconds,
                seconds,
                TimeUnit.SECONDS));
    }

    private void perform(String what, Deed deed, int number) throws InterruptedException {
        underWay.getAndIncrement();
        try {
            deed.perform(number);
        } catch (IOException | RuntimeException e) {
            fail(what + ": " + e);
        } finally {
            underWay.getAndDecrement();
        }
    }

    private synchronized void fail(String what) {
        failures.add(what);
    }

    /** How often what was done. */
    Map<String, Integer> done() {
        Map<String, Integer> counts = new TreeMap<>();
        done.forEach((what, count) -> counts.put(what, count.get()));
        return counts;
    }

    /** The share of the time in which the service was behind, so that nothing was asked for. */
    double behind() {
        return (double) looksBehind.get() / Math.max(1, looks.get());
    }

    /** Asks for nothing until {@link #goOn}, and waits until all that was asked for is done, a minute at most. */
    void rest() throws InterruptedException {
        resting = true;
        long end = System.nanoTime() + RESTING.toNanos();
        boolean quiet = false;
        while (!quiet && System.nanoTime() < end) {
            TimeUnit.SECONDS.sleep(1);
            quiet = underWay.get() == 0 && lag().orElse(Long.MAX_VALUE) == 0;
        }
    }

    void goOn() {
        resting = false;
    }

    int failed() {
        return failures().size();
    }

    /** What went wrong, the first of it. */
    synchronized List<String> failures() {
        return failures.stream().limit(FAILURES_SHOWN).toList();
    }

    private synchronized void publish(int number) {
        String stream = "cam" + number % STREAMS;
        kafka.publish(new Clip(
                prefix + "clip-" + number,
                stream,
                Optional.of("video/mp4"),
                new ClipPayload.Inline(Blob.wrap(clips.get(number % CLIPS))),
                Instant.now()));
    }

    private synchronized void publishNoClip(int number) {
        kafka.publish(new Clip(
                prefix + "no-clip-" + number,
                "cam1",
                Optional.of("video/mp4"),
                new ClipPayload.Inline(Blob.wrap("no clip".getBytes(StandardCharsets.UTF_8))),
                Instant.now()));
    }

    private synchronized void question(int number) {
        String stream = "cam" + number % STREAMS;
        kafka.publish(
                Question.of(
                        prefix + "question-" + number,
                        "What moves, for the %dth time?".formatted(number),
                        new ClipTarget.LatestOf(stream)),
                stream);
    }

    private void stream(int number, boolean leavesEarly) throws IOException, InterruptedException {
        String body = """
                {"model": "any", "stream": true, "temperature": 1, "seed": %d, "max_tokens": 16, "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,%s"}}, {"type": "text", "text": "What moves %d times?"}]}]}
                """.formatted(number, Base64.getEncoder().encodeToString(clips.get(number % CLIPS)), number);
        String model = JSON.readTree(get("/v1/models")).at("/data/0/id").asText();
        HttpResponse<InputStream> response =
                send(request("/v1/chat/completions").POST(json(body.replace("\"any\"", "\"" + model + "\""))));
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            boolean ended = false;
            int pieces = 0;
            for (String line = lines.readLine();
                    line != null && !(leavesEarly && pieces > 3);
                    line = lines.readLine()) {
                ended |= line.equals("data: [DONE]");
                pieces++;
            }
            if (!ended && !leavesEarly) {
                throw new IOException("the stream broke off");
            }
        }
    }

    /** Two turns, and it is forgotten. About streams without broken clips: there is no conversation about a clip that cannot be read. */
    private void converse(int number) throws IOException, InterruptedException {
        String session = "/v1/sessions/" + prefix + "session-" + number;
        post(session + "/questions", """
                {"text": "What moves?", "stream": "cam%d", "maxNewTokens": 4}""".formatted(2 * (number % 2)));
        post(session + "/questions", """
                {"text": "And where to?", "maxNewTokens": 4}""");
        text(send(request(session).DELETE()));
    }

    /** One that is made, while the one before is deleted. */
    private void video(int number) throws IOException, InterruptedException {
        jobs.put(number, job("a star spins %d times".formatted(number)));
        Optional<String> before = Optional.ofNullable(jobs.remove(number - 1));
        if (before.isPresent()) {
            text(send(request("/v1/videos/" + before.get()).DELETE()));
        }
    }

    private void cancelled(int number) throws IOException, InterruptedException {
        post("/v1/videos/" + job("a star that nobody waits for, %d".formatted(number)) + "/cancel", "{}");
    }

    private String job(String prompt) throws IOException, InterruptedException {
        JsonNode created = JSON.readTree(post("/v1/videos", """
                {"prompt": "%s", "num_inference_steps": 3}""".formatted(prompt)));
        return created.path("id").asText();
    }

    private void passing(int number) throws IOException, InterruptedException {
        String id = prefix + "passing-" + number;
        synchronized (this) {
            kafka.subscribe(Subscription.of(id, "cam2", StandingQuestion.of("Is it night?", List.of("yes", "no"))));
        }
        TimeUnit.SECONDS.sleep(LISTENING.toSeconds());
        synchronized (this) {
            kafka.unsubscribe(id);
        }
    }

    /** Listens to answers as they come, and leaves. */
    private void feed(int number) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = send(request("/v1/answers/events?stream=cam" + number % STREAMS));
        try (InputStream events = response.body()) {
            long end = System.nanoTime() + LISTENING.toNanos();
            byte[] some = new byte[4096];
            int read = 0;
            while (System.nanoTime() < end && read >= 0) {
                read = events.read(some);
            }
            if (read < 0) {
                throw new IOException("the feed ended");
            }
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE);
    }

    private static HttpRequest.BodyPublisher json(String body) {
        return HttpRequest.BodyPublishers.ofString(body);
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest built =
                request.setHeader("content-type", "application/json").build();
        HttpResponse<InputStream> response = http.send(built, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() >= 300) {
            throw new IOException("%s: status %d: %s".formatted(built.uri(), response.statusCode(), text(response)));
        }
        return response;
    }

    private static String text(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String post(String path, String body) throws IOException, InterruptedException {
        return text(send(request(path).POST(json(body))));
    }

    /** The text at a path of the service's. */
    String get(String path) throws IOException, InterruptedException {
        return text(send(request(path).GET()));
    }

    /** Records that those who read the topics have not finished; empty, and a failure, where the service cannot say. */
    OptionalLong lag() throws InterruptedException {
        try {
            long lag = 0;
            for (JsonNode topic : JSON.readTree(get("/v1/topics")).path("data")) {
                for (JsonNode group : topic.path("lag")) {
                    lag += group.asLong();
                }
            }
            return OptionalLong.of(lag);
        } catch (IOException e) {
            fail("lag: " + e);
            return OptionalLong.empty();
        }
    }

    /** A second of grey that becomes lighter. */
    static byte[] clip(int shade) throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] pixels = new byte[96 * 64 * 3];
            Arrays.fill(pixels, (byte) (shade + 3 * i));
            frames.add(RgbFrame.of(96, 64, pixels));
        }
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }

    /** Ends the traffic; what is under way is given up. */
    @Override
    public void close() throws InterruptedException {
        deeds.forEach(deed -> deed.cancel(true));
        threads.shutdownNow();
        threads.awaitTermination(1, TimeUnit.MINUTES);
    }
}
