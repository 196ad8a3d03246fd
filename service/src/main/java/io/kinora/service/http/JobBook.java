package io.kinora.service.http;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.clip.ClipReader;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.follow.Listening;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.topic.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The generation jobs of a cluster, over its topics as any other program: prompts go to the prompts topic, states come from the jobs topic. What was done
 * here shows here at once, before the owner of the job has written it. Thread-safe; blocks.
 */
public final class JobBook implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_UNSEEN = 10_000;

    private final CompactedTable<JobState> table;
    private final KinoraClient client;
    private final ClipReader reader;
    private final ClipPayloads payloads;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Clock clock = Clock.systemUTC();
    private final Map<String, JobState> accepted = new LinkedHashMap<>();
    private final Set<String> deleted = new LinkedHashSet<>();

    /** Connects to a cluster. */
    public JobBook(KafkaSettings settings) {
        KafkaClients clients = new KafkaClients(settings);
        this.client = new KinoraClient(clients, "/kinora/http");
        this.reader = new ClipReader(clients, Set.of(settings.topics().name(Topic.VIDEOS)), clock);
        this.payloads = new ClipPayloads(
                ClaimCheckStore.inFolder(
                        settings.claimCheck().folder(), settings.claimCheck().maxSize()),
                settings.claimCheck().inlineUpTo());
        this.table =
                CompactedTable.start(clients, settings.topics().name(Topic.JOBS), record -> decoder.jobState(record)
                        .map(Event::body));
    }

    /** Asks for a video, for somebody who perhaps traces it. */
    synchronized JobState create(Prompt.Generate prompt, RequestTrace trace) {
        client.publish(prompt, new TraceContext(trace.parent(), trace.state(), Optional.empty()));
        JobState state = JobState.queued(prompt, clock.instant());
        accepted.put(prompt.jobId(), state);
        forgetOldest(accepted.keySet());
        return state;
    }

    /** Gives a job up. */
    synchronized void cancel(String id) {
        client.publish(new Prompt.Cancel(id, "cancelled over HTTP"));
    }

    /** Gives a job up and forgets it. */
    synchronized void delete(String id) {
        client.publish(new Prompt.Delete(id));
        accepted.remove(id);
        deleted.add(id);
        forgetOldest(deleted);
    }

    /** A job; empty if it is not known. */
    synchronized Optional<JobState> find(String id) {
        if (deleted.contains(id)) {
            return Optional.empty();
        }
        Optional<JobState> written = table.find(id);
        written.ifPresent(state -> accepted.remove(id));
        return written.or(() -> Optional.ofNullable(accepted.get(id)));
    }

    /** All jobs, oldest first. */
    synchronized List<JobState> all() {
        List<JobState> written = table.rows();
        written.forEach(state -> accepted.remove(state.jobId()));
        return Stream.concat(written.stream(), accepted.values().stream())
                .filter(state -> !deleted.contains(state.jobId()))
                .sorted(Comparator.comparing(JobState::createdAt).thenComparing(JobState::jobId))
                .toList();
    }

    /** The job whose result lies there, as long as it is kept. */
    Optional<JobState> madeAt(ClipReference place) {
        return table.rows().stream()
                .filter(job -> job.result().filter(place::equals).isPresent())
                .findFirst();
    }

    /** Tells somebody of the states of all jobs, until the result is closed; must not be held up. */
    Listening listen(Consumer<JobState> listener) {
        return table.listen(listener);
    }

    /** The states of a job that is known, from now on to the last one. */
    Source<JobState, NotUsed> states(String id) {
        Source<JobState, NotUsed> heard = ServerSentEvents.heard(this::listen);
        // What is known is asked for once somebody listens: nothing can be missed in between.
        Source<JobState, NotUsed> now = Source.lazySource(
                        () -> Source.from(find(id).stream().toList()))
                .mapMaterializedValue(ignored -> NotUsed.getInstance());
        return heard.filter(state -> state.jobId().equals(id))
                .merge(now)
                .takeWhile(state -> !state.status().isFinal(), true);
    }

    Instant now() {
        return clock.instant();
    }

    /** A job's last state. Cancelling the future gives nothing up. */
    CompletableFuture<JobState> whenEnded(String id) {
        CompletableFuture<JobState> ended = new CompletableFuture<>();
        Listening listening = listen(state -> {
            if (state.jobId().equals(id) && state.status().isFinal()) {
                ended.complete(state);
            }
        });
        find(id).filter(state -> state.status().isFinal()).ifPresent(ended::complete);
        return ended.whenComplete((state, failure) -> listening.close());
    }

    /** The bytes of a finished job's video. */
    Blob result(ClipReference place) {
        return payloads.unpack(
                decoder.video(reader.read(place, PATIENCE)).body().payload());
    }

    private static void forgetOldest(Set<String> ids) {
        if (ids.size() > MOST_UNSEEN) {
            ids.remove(ids.iterator().next());
        }
    }

    @Override
    public void close() {
        table.close();
        reader.close();
        client.close();
    }
}
