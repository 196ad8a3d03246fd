package io.kinora.kafka.dlq;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.clip.ClipReader;
import io.kinora.kafka.follow.TopicScan;
import io.kinora.kafka.headers.DeadLetterReport;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.LetterDecision;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.kafka.topic.TopicSpec;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters of a cluster. A dead-letter topic is a log from which nothing is removed before its time; what was decided about a letter is a record
 * on the topic of decisions, and a letter without one is open.
 *
 * <p>Every call blocks for some requests to the cluster. Thread-safe; deciding goes one call after the other, also among several processes: a later one
 * fences an earlier one, which then decides nothing.
 */
public final class DeadLetters {
    /** A record that has come back so often is not sent a further time: what fails is not the moment. */
    public static final int MOST_REDRIVES = 5;

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaClients clients;
    private final TopicCatalog topics;
    private final RecordDecoder decoder = new RecordDecoder();
    private final RecordEncoder encoder;
    private final Clock clock;

    /** @param source name of the program in the events it writes */
    public DeadLetters(KafkaClients clients, String source, Clock clock) {
        this.clients = clients;
        this.topics = clients.settings().topics();
        this.encoder = new RecordEncoder(topics, source);
        this.clock = clock;
    }

    /**
     * The letters that a filter takes, newest first.
     *
     * @throws io.kinora.kafka.TransientBrokerException when the cluster does not answer
     */
    public List<StoredLetter> list(LetterFilter filter) {
        Map<ClipReference, LetterDecision> decisions = decisions();
        Comparator<StoredLetter> byAge = Comparator.comparing(StoredLetter::at).thenComparing(StoredLetter::place);
        PriorityQueue<StoredLetter> newest = new PriorityQueue<>(byAge);
        TopicScan.read(clients, "dead-letters", deadLetterTopics(filter.input()), filter.since(), record -> {
            stored(record)
                    .map(letter -> letter.decided(Optional.ofNullable(decisions.get(letter.place()))))
                    .filter(filter::takes)
                    .ifPresent(newest::add);
            if (newest.size() > filter.limit()) {
                newest.remove();
            }
        });
        return newest.stream().sorted(byAge.reversed()).toList();
    }

    /**
     * One letter.
     *
     * @throws io.kinora.kafka.clip.ClipGoneException when the place holds none, or is on no dead-letter topic
     * @throws MalformedRecordException when the record there is no dead letter
     * @throws io.kinora.kafka.TransientBrokerException when the cluster does not answer
     */
    public StoredLetter find(ClipReference place) {
        return letter(record(place)).decided(Optional.ofNullable(decisions().get(place)));
    }

    /** The record's bytes, untouched; empty for a tombstone. Throws as {@link #find} does. */
    public Optional<byte[]> value(ClipReference place) {
        return Optional.ofNullable(record(place).value());
    }

    /**
     * The record itself, value and all, with the error's headers beside its own. Throws as {@link #find} does.
     *
     * @return as it lies on the dead-letter topic
     */
    public ConsumerRecord<byte[], byte[]> record(ClipReference place) {
        try (ClipReader reader = new ClipReader(clients, Set.copyOf(deadLetterTopics(Optional.empty())), clock)) {
            return reader.read(place, PATIENCE);
        }
    }

    /**
     * Sends the record back to the topic and partition that it came from, behind what is there now, in one transaction with the decision: it is sent back
     * once, however often this is tried. Throws as {@link #find} does, and besides:
     *
     * @return where the copy lies
     * @throws LetterRefusedException when the letter is decided already, came back {@value #MOST_REDRIVES} times, or names another origin than the input
     *     whose dead letters lie there
     */
    public ClipReference redrive(ClipReference place) {
        try (TransactionalWriter writer = writer()) {
            ConsumerRecord<byte[], byte[]> dead = record(place);
            StoredLetter letter = open(place, dead);
            ClipReference origin = letter.report().origin();
            if (!topics.deadLetterName(origin.topic()).equals(place.topic())) {
                throw new LetterRefusedException("%s says that it came from %s, whose dead letters lie on %s"
                        .formatted(place, origin, topics.deadLetterName(origin.topic())));
            }
            if (letter.redrives() >= MOST_REDRIVES) {
                throw new LetterRefusedException(
                        "%s has been sent back %d times, allowed are %d: mend the record and send it anew"
                                .formatted(place, letter.redrives(), MOST_REDRIVES));
            }
            Sent sent = new Sent();
            Transaction transaction = Transaction.of(List.of(encoder.redrive(dead)))
                    .followedBy(places -> List.of(
                            decision(place, LetterDecision.Action.REDRIVEN, Optional.of(sent.at(places.get(0))))));
            writer.commit(transaction);
            return sent.to.orElseThrow();
        }
    }

    /** Remembers where the copy came to lie: known inside the transaction only. */
    private static final class Sent {
        private Optional<ClipReference> to = Optional.empty();

        ClipReference at(RecordMetadata place) {
            ClipReference reference = new ClipReference(place.topic(), place.partition(), place.offset());
            to = Optional.of(reference);
            return reference;
        }
    }

    /**
     * Decides that a letter needs nothing any more. It stays on its topic until that deletes it. Throws as {@link #find} does, and besides:
     *
     * @throws LetterRefusedException when the letter is decided already
     */
    public void drop(ClipReference place) {
        try (TransactionalWriter writer = writer()) {
            open(place, record(place));
            writer.commit(Transaction.of(List.of(decision(place, LetterDecision.Action.DROPPED, Optional.empty()))));
        }
    }

    private TransactionalWriter writer() {
        return TransactionalWriter.open(clients, clients.transactionalId("decisions", decisionsTopic(), 0));
    }

    private StoredLetter open(ClipReference place, ConsumerRecord<byte[], byte[]> dead) {
        StoredLetter letter = letter(dead);
        Optional<LetterDecision> before = Optional.ofNullable(decisions().get(place));
        if (before.isPresent()) {
            throw new LetterRefusedException("%s is decided: it was %s at %s"
                    .formatted(
                            place,
                            before.get().to().map(to -> "sent back to " + to).orElse("dropped"),
                            before.get().at()));
        }
        return letter;
    }

    private ProducerRecord<byte[], byte[]> decision(
            ClipReference place, LetterDecision.Action action, Optional<ClipReference> to) {
        return encoder.letterDecision(new LetterDecision(place, action, clock.instant(), to), TraceContext.NONE);
    }

    private Map<ClipReference, LetterDecision> decisions() {
        Map<ClipReference, LetterDecision> decisions = new HashMap<>();
        TopicScan.read(clients, "decisions", List.of(decisionsTopic()), Optional.empty(), record -> {
            try {
                LetterDecision decision = decoder.letterDecision(record).body();
                decisions.put(decision.letter(), decision);
            } catch (MalformedRecordException e) {
                LOG.warn("{}@{} is no decision: {}", record.topic(), record.offset(), e.getMessage());
            }
        });
        return decisions;
    }

    private String decisionsTopic() {
        return topics.name(Topic.LETTER_DECISIONS);
    }

    private List<String> deadLetterTopics(Optional<Topic> input) {
        return Arrays.stream(Topic.values())
                .filter(topic -> input.map(topic::equals).orElse(true))
                .flatMap(topic -> topics.deadLetter(topic).stream())
                .map(TopicSpec::name)
                .collect(Collectors.toList());
    }

    /** Empty for what somebody else wrote there, and is no dead letter. */
    private Optional<StoredLetter> stored(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(letter(record));
        } catch (MalformedRecordException e) {
            LOG.warn(
                    "{}-{}@{} is no dead letter: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static StoredLetter letter(ConsumerRecord<byte[], byte[]> record) {
        return new StoredLetter(
                new ClipReference(record.topic(), record.partition(), record.offset()),
                Instant.ofEpochMilli(Math.max(0, record.timestamp())),
                Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8)),
                record.value() == null ? 0 : record.value().length,
                DeadLetterReport.of(record),
                RecordEncoder.redrives(record.headers()),
                Optional.empty());
    }
}
