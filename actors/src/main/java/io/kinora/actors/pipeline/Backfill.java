package io.kinora.actors.pipeline;

import io.kinora.actors.subscription.StandingRules;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.follow.TopicScan;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks a standing question about clips that went by before it stood, or while it was paused or behind. A client of the cluster: it writes questions, which
 * carry the ids that the standing question would have given them, and the service answers.
 *
 * <p>Nothing is answered twice, whatever is killed when: a clip is asked about once the service has gone by it for good, if neither an answer nor a
 * question of that id is on its topic; and of several backfills of one subscription, the last to start fences the others before it looks.
 *
 * <p>Blocks. Not thread-safe.
 */
public final class Backfill {
    /** How many questions may wait for their answers: what people ask meanwhile is not behind all the past. */
    public static final int MOST_AT_ONCE = 1_000;

    private static final int PRIORITY = -50;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /**
     * What is to be asked.
     *
     * @param subscription that stands, active or paused
     * @param from the oldest clip, by the clips' own times
     * @param to the end, not included
     * @param perSecond at most so many questions a second, more than 0, at most 1000
     * @param atOnce at most so many questions that have no answer yet, 1 to {@value Backfill#MOST_AT_ONCE}
     */
    public record Request(Subscription subscription, Instant from, Instant to, double perSecond, int atOnce) {
        /** Checks the ranges. */
        public Request {
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("the range is empty: from %s to %s".formatted(from, to));
            }
            if (!(perSecond > 0 && perSecond <= 1_000)) {
                throw new IllegalArgumentException(
                        "rate is %s a second, allowed are more than 0 and at most 1000".formatted(perSecond));
            }
            if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
                throw new IllegalArgumentException("atOnce is %d, allowed are 1 to %d".formatted(atOnce, MOST_AT_ONCE));
            }
        }
    }

    /**
     * How far it is.
     *
     * @param clips of the range that were looked at
     * @param passed of them, those that the subscription's own rules leave out
     * @param known of them, those that were answered, or asked about, before
     * @param asked of them, those that it asked about
     * @param answered of these, those that have an answer
     */
    public record Report(int clips, int passed, int known, int asked, int answered) {}

    private final KafkaClients clients;
    private final TopicCatalog topics;
    private final RecordDecoder decoder = new RecordDecoder();
    private final RecordEncoder encoder;

    /** @param source name of the program in the events it writes */
    public Backfill(KafkaClients clients, String source) {
        this.clients = clients;
        this.topics = clients.settings().topics();
        this.encoder = new RecordEncoder(topics, source);
    }

    /**
     * Asks, and waits for the answers.
     *
     * @param heard is told how far it is, after each clip and each look for answers
     * @throws TransientBrokerException if the cluster or the service does not go on, or the question was deleted meanwhile
     */
    public Report run(Request request, Consumer<Report> heard) {
        Subscription subscription = request.subscription();
        String id = clients.transactionalId("backfill-" + subscription.id(), topics.name(Topic.QUESTIONS), 0);
        try (TransactionalWriter writer = TransactionalWriter.open(clients, id);
                AnswerLog answers = new AnswerLog(clients, subscription.identity());
                Admin admin = clients.admin();
                CompactedTable<Subscription> standing = CompactedTable.start(
                        clients, topics.name(Topic.SUBSCRIPTIONS), record -> decoder.subscription(record)
                                .map(Event::body))) {
            Run run = new Run(request, writer, answers, admin, standing, askedBefore(subscription), heard);
            TopicScan.read(
                    clients, "backfill", List.of(topics.name(Topic.CLIPS)), Optional.of(request.from()), run::take);
            return run.finish();
        }
    }

    /** Questions of this subscription that are on their topic, answered or not. */
    private Set<String> askedBefore(Subscription subscription) {
        Set<String> ids = new HashSet<>();
        TopicScan.read(clients, "backfill", List.of(topics.name(Topic.QUESTIONS)), Optional.empty(), record -> {
            try {
                Question question = decoder.question(record).body();
                if (question.subscription()
                        .filter(subscription.identity()::equals)
                        .isPresent()) {
                    ids.add(question.id());
                }
            } catch (MalformedRecordException e) {
                // The service has sent it to the dead letters: it is no question.
                return;
            }
        });
        return ids;
    }

    /** One run: where it is, and what waits. */
    private final class Run {
        private final Request request;
        private final Subscription rulesOf;
        private final StandingRules rules;
        private final TransactionalWriter writer;
        private final AnswerLog answers;
        private final Admin admin;
        private final CompactedTable<Subscription> standing;
        private final Set<String> askedBefore;
        private final Consumer<Report> heard;
        private final Map<String, SubscriptionState> states = new HashMap<>(); // by stream
        private final Set<String> waiting = new HashSet<>();
        private Map<TopicPartition, Long> goneBy = Map.of();
        private long nextAt = System.nanoTime();
        private int clips;
        private int passed;
        private int known;
        private int asked;

        Run(
                Request request,
                TransactionalWriter writer,
                AnswerLog answers,
                Admin admin,
                CompactedTable<Subscription> standing,
                Set<String> askedBefore,
                Consumer<Report> heard) {
            this.request = request;
            // Which clips it would have asked about, had it stood since ever.
            this.rulesOf = request.subscription().withSince(Instant.EPOCH).withState(Subscription.State.ACTIVE);
            this.rules = new StandingRules(rulesOf);
            this.writer = writer;
            this.answers = answers;
            this.admin = admin;
            this.standing = standing;
            this.askedBefore = askedBefore;
            this.heard = heard;
        }

        void take(ConsumerRecord<byte[], byte[]> record) {
            Event<Clip> event;
            try {
                event = decoder.clip(record);
            } catch (MalformedRecordException e) {
                return; // the service has sent it to the dead letters
            }
            Clip clip = event.body();
            if (!rulesOf.names(clip.stream())
                    || clip.at().isBefore(request.from())
                    || !clip.at().isBefore(request.to())) {
                return;
            }
            clips++;
            SubscriptionState before = rules.continued(Optional.ofNullable(states.get(clip.stream())), clip.stream());
            if (rules.wants(before, event.place(), clip.at(), event.timestamp())) {
                states.put(clip.stream(), rules.asked(before, clip.at()));
                ask(event.place(), clip);
            } else {
                passed++;
            }
            heard.accept(report());
        }

        private void ask(ClipReference place, Clip clip) {
            Question question = request.subscription().about(place).withPriority(PRIORITY);
            waitUntilGoneBy(place);
            if (askedBefore.contains(question.id()) || answers.has(question.id())) {
                known++;
                return;
            }
            while (waiting.size() >= request.atOnce()) {
                lookForAnswers();
            }
            pace();
            writer.commit(Transaction.of(List.of(encoder.question(question, clip.stream(), TraceContext.NONE))));
            waiting.add(question.id());
            asked++;
        }

        /** Behind the offset that the service has committed, what it had to say about a clip is said, and on the topic of answers. */
        private void waitUntilGoneBy(ClipReference place) {
            TopicPartition partition = new TopicPartition(place.topic(), place.partition());
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            while (goneBy.getOrDefault(partition, 0L) <= place.offset()) {
                Map<TopicPartition, Long> now = committed();
                if (now.getOrDefault(partition, 0L) <= place.offset()) {
                    if (System.nanoTime() > giveUp) {
                        throw new TransientBrokerException(
                                "the service has not come to %s within %d s: does one run, and answer questions?"
                                        .formatted(place, PATIENCE.toSeconds()),
                                new KafkaException("timed out"));
                    }
                    lookForAnswers();
                } else {
                    answers.catchUp();
                    goneBy = now;
                }
            }
        }

        private Map<TopicPartition, Long> committed() {
            String group = clients.groupId("standing");
            try {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                admin.listConsumerGroupOffsets(group, new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata()
                        .get(clients.settings().requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
                        .forEach((partition, offset) -> {
                            if (offset != null) {
                                offsets.put(partition, offset.offset());
                            }
                        });
                return offsets;
            } catch (ExecutionException | TimeoutException e) {
                throw new TransientBrokerException("the offsets of %s cannot be read".formatted(group), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransientBrokerException("interrupted while the offsets of %s were read".formatted(group), e);
            }
        }

        private void pace() {
            long now = System.nanoTime();
            if (now < nextAt) {
                pause(nextAt - now);
            }
            nextAt = Math.max(now, nextAt) + Math.round(1e9 / request.perSecond());
        }

        private void lookForAnswers() {
            pause(LOOK_AGAIN.toNanos());
            answers.catchUp();
            waiting.removeIf(answers::has);
            boolean stands = standing.whenCaughtUp()
                    .thenApply(read -> standing.find(rulesOf.id())
                            .filter(now -> now.identity().equals(rulesOf.identity()))
                            .isPresent())
                    .toCompletableFuture()
                    .join();
            if (!stands) {
                throw new TransientBrokerException(
                        "question %s was deleted or changed meanwhile: its clips are asked about no more"
                                .formatted(rulesOf.id()),
                        new KafkaException("no subscription"));
            }
            heard.accept(report());
        }

        private static void pause(long nanos) {
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransientBrokerException("interrupted between two questions", e);
            }
        }

        Report finish() {
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            int before = waiting.size();
            while (!waiting.isEmpty()) {
                lookForAnswers();
                if (waiting.size() < before) {
                    before = waiting.size();
                    giveUp = System.nanoTime() + PATIENCE.toNanos();
                }
                if (System.nanoTime() > giveUp) {
                    throw new TransientBrokerException(
                            "%d questions are asked, and no answer came for %d s; asking again asks only about the rest"
                                    .formatted(before, PATIENCE.toSeconds()),
                            new KafkaException("timed out"));
                }
            }
            return report();
        }

        private Report report() {
            return new Report(clips, passed, known, asked, asked - waiting.size());
        }
    }
}
