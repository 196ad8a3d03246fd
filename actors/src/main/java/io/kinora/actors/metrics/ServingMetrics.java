package io.kinora.actors.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * What the actors count and time while they serve, in one place with its names; whoever starts them chooses the registry, and so who reads it.
 *
 * <p>A Prometheus registry writes the names with underscores and units: {@code kinora.requests} becomes {@code kinora_requests_total}, {@code
 * kinora.time.to.first.token} becomes {@code kinora_time_to_first_token_seconds}. Thread-safe.
 */
public final class ServingMetrics {
    /** What one language model has to do. */
    private static final class Load {
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger waiting = new AtomicInteger();
        private final AtomicReference<Double> cacheUse = new AtomicReference<>(0.0);
    }

    private static final double[] TOKEN_BUCKETS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000
    };

    private final MeterRegistry registry;
    private final List<Load> loads;
    private final Load own = new Load();

    /** Writes to a registry. */
    public ServingMetrics(MeterRegistry registry) {
        this(registry, new CopyOnWriteArrayList<>());
        registry.gauge("kinora.requests.running", loads, all -> sum(all, load -> load.running));
        registry.gauge("kinora.requests.waiting", loads, all -> sum(all, load -> load.waiting));
        registry.gauge("kinora.kv.cache.usage", loads, ServingMetrics::fullest);
    }

    private ServingMetrics(MeterRegistry registry, List<Load> loads) {
        this.registry = registry;
        this.loads = loads;
        loads.add(own);
    }

    /** For another language model of the same node: requests add up, and of the caches the fullest counts. */
    public ServingMetrics beside() {
        return new ServingMetrics(registry, loads);
    }

    private static double sum(List<Load> loads, Function<Load, AtomicInteger> count) {
        return loads.stream().mapToInt(load -> count.apply(load).get()).sum();
    }

    private static double fullest(List<Load> loads) {
        return loads.stream().mapToDouble(load -> load.cacheUse.get()).max().orElse(0);
    }

    /** Writes to a registry of its own, in memory. */
    public static ServingMetrics inMemory() {
        return new ServingMetrics(new SimpleMeterRegistry());
    }

    /** Where everything is written. */
    public MeterRegistry registry() {
        return registry;
    }

    // The language model.

    /** Requests that the language model computes, and that wait for a place. */
    public void load(int runningRequests, int waitingRequests) {
        own.running.set(runningRequests);
        own.waiting.set(waitingRequests);
    }

    /** A step begins, with that many requests and rows. */
    public void stepStarted(int requests, int rows) {
        summary("kinora.step.requests").record(requests);
        summary("kinora.step.rows").record(rows);
    }

    /** The share of the last stage's key/value cache that is in use, 0 to 1. */
    public void cacheUsed(double share) {
        own.cacheUse.set(share);
    }

    /** A request begins whose first tokens others may have shared: whether they did. */
    public void prefixAsked(int tokens, boolean found) {
        counter("kinora.prefix.tokens", "result", found ? "hit" : "miss").increment(tokens);
        counter("kinora.prefix.requests", "result", found ? "hit" : "miss").increment();
    }

    /** A request has its first result. */
    public void firstResult(Duration queued, Duration sinceArrival) {
        timer("kinora.request.queue.time").record(queued);
        timer("kinora.time.to.first.token").record(sinceArrival);
    }

    /**
     * A request has ended with a result.
     *
     * @param reason a word for why
     * @param promptTokens of which {@code reusedTokens} were not computed again
     * @param tokens that were generated, or embeddings
     * @param queued from its arrival to its first step
     * @param prefill from its first step to its first result
     * @param generating from its first result to the end
     */
    public void requestEnded(
            String reason,
            int promptTokens,
            int reusedTokens,
            int tokens,
            Duration queued,
            Duration prefill,
            Duration generating) {
        counter("kinora.requests", "outcome", reason.toLowerCase(Locale.ROOT)).increment();
        counter("kinora.prompt.tokens", "source", "computed").increment(promptTokens - reusedTokens);
        counter("kinora.prompt.tokens", "source", "reused").increment(reusedTokens);
        counter("kinora.generated.tokens").increment(tokens);
        counts("kinora.request.prompt.tokens").record(promptTokens);
        counts("kinora.request.generated.tokens").record(tokens);
        timer("kinora.request.duration").record(queued.plus(prefill).plus(generating));
        timer("kinora.request.prefill.time").record(prefill);
        timer("kinora.request.decode.time").record(generating);
        if (tokens > 1) {
            timer("kinora.inter.token.latency").record(generating.dividedBy(tokens - 1L));
        }
    }

    /** A request was not taken, or could not be finished. */
    public void requestRefused(String reason) {
        counter("kinora.requests", "outcome", "refused").increment();
        counter("kinora.refusals", "reason", reason.toLowerCase(Locale.ROOT)).increment();
    }

    /** A request gave up its place in the cache for others, and waits again. */
    public void preempted() {
        counter("kinora.preemptions").increment();
    }

    /** A stage lost its cache and started again. */
    public void stageRestarted() {
        counter("kinora.stage.restarts").increment();
    }

    // Clips.

    /** A clip's bytes were fetched. */
    public void clipFetched(long bytes, Duration took) {
        timer("kinora.clip.fetch").record(took);
        summary("kinora.clip.bytes").record((double) bytes);
    }

    /** A clip's frames were decoded. */
    public void clipDecoded(Duration took) {
        timer("kinora.clip.decode").record(took);
    }

    /** A clip's embeddings were asked for: whether they were kept, or on their way. */
    public void embeddingsAsked(boolean found) {
        counter("kinora.embeddings.requests", "result", found ? "hit" : "miss").increment();
    }

    /** A clip's frames were encoded. */
    public void clipEncoded(int frames, Duration took) {
        timer("kinora.clip.encode").record(took);
        counter("kinora.encoded.frames").increment(frames);
    }

    // Generated clips.

    /** A denoising step is done. */
    public void denoised(Duration took) {
        timer("kinora.denoise.step").record(took);
    }

    /** A job has ended; {@code outcome} is a word. */
    public void jobEnded(String outcome, Duration took) {
        counter("kinora.jobs", "outcome", outcome).increment();
        timer("kinora.job.duration").record(took);
    }

    // Kafka.

    /** A record was worked on, and its result committed. */
    public void recordCommitted(String pipeline, Duration sinceRead) {
        counter("kinora.records", "pipeline", pipeline).increment();
        timer("kinora.record.duration", "pipeline", pipeline).record(sinceRead);
    }

    /** A record went to its dead-letter topic; {@code reason} is a word. */
    public void deadLettered(String pipeline, String reason) {
        counter("kinora.dead.letters", "pipeline", pipeline, "reason", reason).increment();
    }

    private Counter counter(String name, String... tags) {
        return registry.counter(name, tags);
    }

    private Timer timer(String name, String... tags) {
        return Timer.builder(name).tags(tags).publishPercentileHistogram().register(registry);
    }

    /** Of numbers of tokens, each bucket about twice the one before. */
    private DistributionSummary counts(String name) {
        return DistributionSummary.builder(name)
                .serviceLevelObjectives(TOKEN_BUCKETS)
                .register(registry);
    }

    private DistributionSummary summary(String name) {
        return registry.summary(name);
    }
}
