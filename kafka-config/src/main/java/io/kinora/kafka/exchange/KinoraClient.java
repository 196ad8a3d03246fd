package io.kinora.kafka.exchange;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnswerDelta;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Publishes clips, questions and prompts, and waits for what comes back, as any program on the cluster can. Reads committed records only, from
 * the ends of the topics at the moment of the call. Blocks. Not thread-safe.
 */
public final class KinoraClient implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaClients clients;
    private final TopicCatalog topics;
    private final Producer<byte[], byte[]> producer;
    private final RecordEncoder encoder;
    private final RecordDecoder decoder = new RecordDecoder();

    /** @param source name of the program in the events it writes */
    public KinoraClient(KafkaClients clients, String source) {
        this.clients = clients;
        this.topics = clients.settings().topics();
        this.producer = clients.producer("exchange");
        this.encoder = new RecordEncoder(topics, source);
    }

    /**
     * Publishes a clip.
     *
     * @return its place
     * @throws TransientBrokerException if the cluster did not take it
     */
    public ClipReference publish(Clip clip) {
        RecordMetadata place = send(encoder.clip(clip, TraceContext.NONE));
        return new ClipReference(place.topic(), place.partition(), place.offset());
    }

    /**
     * Asks for a video, or that a job be given up or forgotten, and waits for nothing but the cluster.
     *
     * @throws TransientBrokerException if the cluster did not take it
     */
    public void publish(Prompt prompt) {
        publish(prompt, TraceContext.NONE);
    }

    /** {@link #publish(Prompt)} in somebody's trace. */
    public void publish(Prompt prompt, TraceContext trace) {
        send(encoder.prompt(prompt, trace));
    }

    /**
     * Asks a question and waits for its answer.
     *
     * @param key of the record: a clip's id or a stream's
     * @param pieces is given the answer's pieces as they come
     * @throws TransientBrokerException if no answer came in time
     */
    public Answer ask(
            Question question, String key, java.util.function.Consumer<AnswerDelta> pieces, Duration timeout) {
        try (Consumer<byte[], byte[]> consumer = atTheEnd(Topic.ANSWERS, Topic.PARTIAL_ANSWERS)) {
            send(encoder.question(question, key, TraceContext.NONE));
            return await(consumer, timeout, "answer to " + question.id(), record -> {
                if (record.topic().equals(topics.name(Topic.ANSWERS))) {
                    Answer answer = decoder.answer(record).body();
                    return answer.questionId().equals(question.id()) ? Optional.of(answer) : Optional.empty();
                }
                AnswerDelta delta = decoder.answerDelta(record).body();
                if (delta.requestId().equals(question.id())) {
                    pieces.accept(delta);
                }
                return Optional.empty();
            });
        }
    }

    /**
     * Asks a question, and waits for nothing but the cluster.
     *
     * @param key of the record: a clip's id, a stream's or a session's
     * @throws TransientBrokerException if the cluster did not take it
     */
    public void publish(Question question, String key) {
        send(encoder.question(question, key, TraceContext.NONE));
    }

    /**
     * Asks that a conversation be forgotten.
     *
     * @throws TransientBrokerException if the cluster did not take it
     */
    public void forgetSession(String id) {
        send(encoder.forgetSession(id));
    }

    /** A conversation as it is kept now. */
    public Optional<Session> session(String id) {
        return sessions().stream().filter(session -> session.id().equals(id)).findFirst();
    }

    /** All conversations as they are kept now, by id; without those whose time is over. */
    public List<Session> sessions() {
        try (CompactedTable<Session> table =
                CompactedTable.start(clients, topics.name(Topic.SESSIONS), record -> decoder.session(record)
                        .map(Event::body))) {
            table.whenCaughtUp().toCompletableFuture().join();
            Instant now = Instant.now();
            return table.rows().stream()
                    .filter(session -> !session.isExpired(now))
                    .toList();
        } catch (CompletionException e) {
            throw new TransientBrokerException("the sessions could not be read", e.getCause());
        }
    }

    /**
     * Creates or changes a standing question.
     *
     * @throws TransientBrokerException if the cluster did not take it
     */
    public void subscribe(Subscription subscription) {
        send(encoder.subscription(subscription, TraceContext.NONE));
    }

    /**
     * Deletes a standing question.
     *
     * @throws TransientBrokerException if the cluster did not take it
     */
    public void unsubscribe(String id) {
        send(encoder.subscriptionEnd(id));
    }

    /** The questions that stand now, by id. */
    public List<Subscription> subscriptions() {
        try (CompactedTable<Subscription> table =
                CompactedTable.start(clients, topics.name(Topic.SUBSCRIPTIONS), record -> decoder.subscription(record)
                        .map(Event::body))) {
            table.whenCaughtUp().toCompletableFuture().join();
            return table.rows();
        } catch (CompletionException e) {
            throw new TransientBrokerException("the standing questions could not be read", e.getCause());
        }
    }

    /**
     * Asks for a video and waits until its job ends.
     *
     * @param states is given the job's states as they come, the last one included
     * @return the video; empty if the job ended without one
     * @throws TransientBrokerException if the job did not end in time
     */
    public Optional<GeneratedVideo> render(
            Prompt.Generate prompt, java.util.function.Consumer<JobState> states, Duration timeout) {
        try (Consumer<byte[], byte[]> consumer = atTheEnd(Topic.JOBS, Topic.VIDEOS)) {
            send(encoder.prompt(prompt, TraceContext.NONE));
            Videos videos = new Videos(prompt.jobId(), states);
            return await(consumer, timeout, "video of " + prompt.jobId(), videos);
        }
    }

    /** Waits for a job's last state, and for its video where there is one; they come in either order, from two topics. */
    private final class Videos implements Function<ConsumerRecord<byte[], byte[]>, Optional<Optional<GeneratedVideo>>> {
        private final String jobId;
        private final java.util.function.Consumer<JobState> states;
        private Optional<GeneratedVideo> video = Optional.empty();
        private Optional<JobState> last = Optional.empty();

        Videos(String jobId, java.util.function.Consumer<JobState> states) {
            this.jobId = jobId;
            this.states = states;
        }

        @Override
        public Optional<Optional<GeneratedVideo>> apply(ConsumerRecord<byte[], byte[]> record) {
            if (record.topic().equals(topics.name(Topic.VIDEOS)) && RecordDecoder.isMedium(record)) {
                return Optional.empty(); // made for an instruction, not for a job
            }
            if (record.topic().equals(topics.name(Topic.VIDEOS))) {
                video = video.or(() -> Optional.of(decoder.video(record).body())
                        .filter(made -> made.provenance().jobId().equals(jobId)));
            } else {
                decoder.jobState(record)
                        .map(event -> event.body())
                        .filter(state -> state.jobId().equals(jobId))
                        .ifPresent(state -> {
                            states.accept(state);
                            last = Optional.of(state)
                                    .filter(ended -> ended.status().isFinal());
                        });
            }
            boolean succeeded = last.isPresent() && last.get().status() == JobState.Status.SUCCEEDED;
            return last.isPresent() && (video.isPresent() || !succeeded) ? Optional.of(video) : Optional.empty();
        }
    }

    private Consumer<byte[], byte[]> atTheEnd(Topic... read) {
        Consumer<byte[], byte[]> consumer = clients.consumer("exchange", Map.of());
        List<TopicPartition> partitions = Arrays.stream(read)
                .flatMap(topic -> consumer.partitionsFor(topics.name(topic)).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
        return consumer;
    }

    private static <T> T await(
            Consumer<byte[], byte[]> consumer,
            Duration timeout,
            String what,
            Function<ConsumerRecord<byte[], byte[]>, Optional<T>> wanted) {
        long end = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Optional<T> found = wanted.apply(record);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        throw new TransientBrokerException(
                "no %s within %d s".formatted(what, timeout.toSeconds()), new KafkaException("timed out"));
    }

    private RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
        try {
            return producer.send(record).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while " + record.topic() + " was written to", e);
        } catch (ExecutionException e) {
            throw new TransientBrokerException(record.topic() + " could not be written to", e.getCause());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
