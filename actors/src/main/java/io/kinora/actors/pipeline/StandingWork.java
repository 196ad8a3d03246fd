package io.kinora.actors.pipeline;

import io.kinora.actors.adapter.Thumbnail;
import io.kinora.actors.subscription.StandingRules;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClaimCheckException;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredSubscription;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ChoiceProbability;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Asks the standing questions about each clip of a partition: all that want it at once, so that they share its decoding, its encoding and its prefill.
 *
 * <pre>
 *   clip ─ who wants it (in order) ─ answers (several clips at once) ─ alerts (in order) ─ one transaction: answers, alerts, states + offset
 * </pre>
 *
 * <p>What decides about the next clip is read from the topic of states where a partition begins, and kept here from then on: one instance for each time
 * a partition is owned. A clip that is none, or that cannot be looked at, goes to the dead-letter topic.
 */
final class StandingWork implements RecordWork {
    /** A clip that a subscription asks about, and its state with that counted. */
    private record Asking(Subscription subscription, SubscriptionState state) {}

    private record Asked(Asking asking, Answer answer) {}

    private record Judged(Asked asked, SubscriptionState state, Optional<StandingRules.Change> change) {}

    private final CompactedTable<Subscription> subscriptions;
    private final CompactedTable<SubscriptionState> states;
    private final ClipQuestions questions;
    private final ClipPayloads payloads;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final DecodeLimits limits;
    private final Executor blocking;
    private final Map<String, SubscriptionState> asked = new HashMap<>(); // by key; touched in the order of clips only
    private final Map<String, SubscriptionState> judged = new HashMap<>(); // likewise
    private CompletionStage<List<Asking>> deciding;
    private CompletionStage<List<Judged>> judging = CompletableFuture.completedStage(List.of());

    StandingWork(
            CompactedTable<Subscription> subscriptions,
            CompactedTable<SubscriptionState> states,
            ClipQuestions questions,
            ClipPayloads payloads,
            RecordDecoder decoder,
            RecordEncoder encoder,
            DecodeLimits limits,
            Executor blocking) {
        this.subscriptions = subscriptions;
        this.states = states;
        this.questions = questions;
        this.payloads = payloads;
        this.decoder = decoder;
        this.encoder = encoder;
        this.limits = limits;
        this.blocking = blocking;
        this.deciding = subscriptions
                .whenCaughtUp()
                .thenCombine(states.whenCaughtUp(), (subscriptionsRead, statesRead) -> List.of());
    }

    @Override
    public CompletionStage<Transaction> done(ConsumerRecord<byte[], byte[]> record) {
        Event<Clip> event;
        try {
            event = decoder.clip(record);
        } catch (MalformedRecordException e) {
            return deadLetter(record, DeadLetter.of(e, "clip"));
        }
        // What was acknowledged before the clip came is known before it is decided.
        deciding = deciding.thenCombine(subscriptions.whenCaughtUp(), (before, read) -> decide(event));
        CompletionStage<List<Asked>> answers = deciding.thenCompose(wanted -> ask(event, wanted));
        judging = judging.thenCombine(answers, (before, all) -> judge(event, all));
        return judging.thenCompose(all -> conclude(record, event, all));
    }

    private CompletionStage<Transaction> deadLetter(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
        ProducerRecord<byte[], byte[]> dead = encoder.deadLetter(record, letter);
        return CompletableFuture.completedStage(Transaction.of(List.of(dead)));
    }

    private List<Asking> decide(Event<Clip> event) {
        Clip clip = event.body();
        List<Asking> wanted = new ArrayList<>();
        for (Subscription subscription : subscriptions.rows()) {
            if (subscription.names(clip.stream())) {
                StandingRules rules = new StandingRules(subscription);
                SubscriptionState before = rules.continued(last(asked, subscription, clip), clip.stream());
                if (rules.wants(before, event.place(), clip.at(), event.timestamp())) {
                    SubscriptionState after = rules.asked(before, clip.at());
                    asked.put(after.key(), after);
                    wanted.add(new Asking(subscription, after));
                }
            }
        }
        return wanted;
    }

    private Optional<SubscriptionState> last(
            Map<String, SubscriptionState> known, Subscription subscription, Clip clip) {
        String key = SubscriptionState.key(subscription.id(), clip.stream());
        return Optional.ofNullable(known.get(key)).or(() -> states.find(key));
    }

    private CompletionStage<List<Asked>> ask(Event<Clip> event, List<Asking> wanted) {
        if (wanted.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        CompletionStage<Optional<ClipFetcher.Fetched>> fetched = CompletableFuture.supplyAsync(
                () -> {
                    Blob bytes = payloads.unpack(event.body().payload());
                    return Optional.of(new ClipFetcher.Fetched(event.place(), event.body(), bytes, bytes.sha256()));
                },
                blocking);
        CompletionStage<List<Asked>> all = CompletableFuture.completedStage(new ArrayList<>());
        for (Asking asking : wanted) {
            CompletionStage<Answer> answer = questions.answer(
                    asking.subscription().about(event.place()),
                    event.body().stream(),
                    () -> fetched,
                    () -> heard -> {});
            all = all.thenCombine(answer, (before, next) -> {
                before.add(new Asked(asking, next.to(asking.state().subscription())));
                return before;
            });
        }
        return all;
    }

    private List<Judged> judge(Event<Clip> event, List<Asked> all) {
        List<Judged> results = new ArrayList<>();
        for (Asked next : all) {
            Subscription subscription = next.asking().subscription();
            StandingRules rules = new StandingRules(subscription);
            SubscriptionState counted = next.asking().state();
            SubscriptionState before =
                    counted.withAlertOf(rules.continued(last(judged, subscription, event.body()), counted.stream()));
            StandingRules.Judgement judgement = probability(next)
                    .map(probability -> rules.judged(
                            before, probability, event.place(), event.body().at()))
                    .orElse(new StandingRules.Judgement(before, Optional.empty()));
            judged.put(judgement.state().key(), judgement.state());
            results.add(new Judged(next, judgement.state(), judgement.change()));
        }
        return results;
    }

    /** Of the choice that the subscription's alert is about; none where there is no such rule, or no answer. */
    private static Optional<Double> probability(Asked asked) {
        return asked.asking().subscription().alert().flatMap(rule -> asked.answer()
                .choices()
                .flatMap(choices -> choices.stream()
                        .filter(choice -> choice.choice().equals(rule.choice()))
                        .map(ChoiceProbability::probability)
                        .findFirst()));
    }

    private CompletionStage<Transaction> conclude(
            ConsumerRecord<byte[], byte[]> record, Event<Clip> event, List<Judged> all) {
        if (all.isEmpty()) {
            return CompletableFuture.completedStage(Transaction.of(List.of()));
        }
        Optional<WireError> unreadable = all.stream()
                .flatMap(next -> next.asked().answer().error().stream())
                .filter(error -> error.code().startsWith("clip."))
                .findFirst();
        if (unreadable.isPresent()) {
            WireError error = unreadable.get();
            return deadLetter(record, new DeadLetter(error.code(), "clip", error.code(), error.message(), "", 1));
        }
        // A question that was deleted or changed meanwhile is not answered any more.
        return subscriptions.whenCaughtUp().thenApplyAsync(read -> transaction(event, all), blocking);
    }

    private Transaction transaction(Event<Clip> event, List<Judged> all) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (Judged next : all) {
            AnsweredSubscription identity = next.state().subscription();
            boolean stands = subscriptions
                    .find(identity.id())
                    .filter(now -> now.version().equals(identity.version()))
                    .isPresent();
            if (stands) {
                records.add(encoder.answer(next.asked().answer(), event.trace()));
                next.change()
                        .map(change -> alert(event, next, change))
                        .ifPresent(alert -> records.add(encoder.alert(alert, event.trace())));
                records.add(encoder.subscriptionState(next.state(), event.trace()));
            }
        }
        return Transaction.of(records);
    }

    private Alert alert(Event<Clip> event, Judged judged, StandingRules.Change change) {
        Answer answer = judged.asked().answer();
        return new Alert(
                change.alertId(),
                change.kind(),
                judged.state().subscription(),
                event.body().stream(),
                judged.asked().asking().subscription().alert().orElseThrow().choice(),
                probability(judged.asked()).orElseThrow(),
                change.since(),
                event.body().at(),
                answer.id(),
                answer.clip().orElseThrow(),
                thumbnail(event));
    }

    private Optional<String> thumbnail(Event<Clip> event) {
        try {
            return Thumbnail.of(
                    VideoSource.bytes(payloads.unpack(event.body().payload()).bytes()), limits);
        } catch (ClaimCheckException e) {
            return Optional.empty(); // gone since it was looked at
        }
    }
}
