package io.kinora.actors.pipeline;

import io.kinora.actors.adapter.Thumbnail;
import io.kinora.actors.subscription.StandingRules;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.claim.ClaimCheckException;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.clip.ClipIndex;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredBehind;
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
import java.time.Duration;
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
    /**
     * A clip that a subscription asks about or passes over, and its state with that counted.
     *
     * @param behind what its answer says; empty where the subscription has no rule, or was not behind
     */
    private record Turn(
            Subscription subscription, SubscriptionState state, boolean asks, Optional<AnsweredBehind> behind) {}

    /** @param answer empty where the clip is passed over */
    private record Asked(Turn turn, Optional<Answer> answer) {}

    private record Judged(Asked asked, SubscriptionState state, Optional<StandingRules.Change> change) {}

    private final CompactedTable<Subscription> subscriptions;
    private final CompactedTable<SubscriptionState> states;
    private final ClipIndex index;
    private final ClipQuestions questions;
    private final ClipPayloads payloads;
    private final RecordDecoder decoder;
    private final RecordEncoder encoder;
    private final DecodeLimits limits;
    private final Executor blocking;
    private final Tracing tracing;
    private final Map<String, SubscriptionState> asked = new HashMap<>(); // by key; touched in the order of clips only
    private final Map<String, SubscriptionState> judged = new HashMap<>(); // likewise
    private CompletionStage<List<Turn>> deciding;
    private CompletionStage<List<Judged>> judging = CompletableFuture.completedStage(List.of());

    StandingWork(
            CompactedTable<Subscription> subscriptions,
            CompactedTable<SubscriptionState> states,
            ClipIndex index,
            ClipQuestions questions,
            ClipPayloads payloads,
            RecordDecoder decoder,
            RecordEncoder encoder,
            DecodeLimits limits,
            Executor blocking,
            Tracing tracing) {
        this.subscriptions = subscriptions;
        this.states = states;
        this.index = index;
        this.questions = questions;
        this.payloads = payloads;
        this.decoder = decoder;
        this.encoder = encoder;
        this.limits = limits;
        this.blocking = blocking;
        this.tracing = tracing;
        this.deciding = subscriptions
                .whenCaughtUp()
                .thenCombine(states.whenCaughtUp(), (subscriptionsRead, statesRead) -> List.of());
    }

    @Override
    public CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record) {
        RecordTrace<Clip> trace;
        try {
            trace = RecordTrace.begin(tracing, "clip", decoder.clip(record));
        } catch (MalformedRecordException e) {
            return CompletableFuture.completedStage(deadLetter(record, DeadLetter.of(e, "clip")));
        }
        Event<Clip> event = trace.event();
        // What was acknowledged before the clip came is known before it is decided.
        CompletionStage<Void> known = subscriptions.whenCaughtUp().thenCompose(read -> whenNewestIsKnown(event.body()));
        deciding = deciding.thenCombine(known, (before, read) -> decide(event));
        CompletionStage<List<Asked>> answers = deciding.thenCompose(turns -> ask(event, turns));
        judging = judging.thenCombine(answers, (before, all) -> judge(event, all));
        return trace.endingWith(judging.thenApply(all -> conclude(record, event, all)));
    }

    private CompletionStage<Void> whenNewestIsKnown(Clip clip) {
        boolean matters = subscriptions.rows().stream()
                .anyMatch(subscription -> subscription.whenBehind().isPresent() && subscription.names(clip.stream()));
        return matters ? index.whenCaughtUp() : CompletableFuture.completedStage(null);
    }

    private Result deadLetter(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
        return Result.of(Transaction.of(List.of(encoder.deadLetter(record, letter))));
    }

    private List<Turn> decide(Event<Clip> event) {
        Clip clip = event.body();
        List<Turn> turns = new ArrayList<>();
        for (Subscription subscription : subscriptions.rows()) {
            if (subscription.names(clip.stream())) {
                StandingRules rules = new StandingRules(subscription);
                SubscriptionState before = rules.continued(last(asked, subscription, clip), clip.stream());
                if (rules.wants(before, event.place(), clip.at(), event.timestamp())) {
                    Turn turn = turn(event, subscription, rules, before);
                    asked.put(turn.state().key(), turn.state());
                    turns.add(turn);
                }
            }
        }
        return turns;
    }

    private Turn turn(Event<Clip> event, Subscription subscription, StandingRules rules, SubscriptionState before) {
        Clip clip = event.body();
        Optional<Duration> lag = index.latest(clip.stream()).flatMap(newest -> rules.lag(clip.at(), newest.at()));
        if (lag.isPresent() && rules.passesOver(event.place())) {
            return new Turn(subscription, before.skippingOne(), false, Optional.empty());
        }
        int skipped = before.skipped().orElse(0);
        Optional<AnsweredBehind> behind = lag.isPresent() || skipped > 0
                ? subscription
                        .whenBehind()
                        .map(rule -> new AnsweredBehind(rule.policy(), lag.orElse(Duration.ZERO), skipped))
                : Optional.empty();
        return new Turn(subscription, rules.asked(before, clip.at()), true, behind);
    }

    private Optional<SubscriptionState> last(
            Map<String, SubscriptionState> known, Subscription subscription, Clip clip) {
        String key = SubscriptionState.key(subscription.id(), clip.stream());
        return Optional.ofNullable(known.get(key)).or(() -> states.find(key));
    }

    private CompletionStage<List<Asked>> ask(Event<Clip> event, List<Turn> turns) {
        if (turns.stream().noneMatch(Turn::asks)) {
            return CompletableFuture.completedStage(turns.stream()
                    .map(turn -> new Asked(turn, Optional.empty()))
                    .toList());
        }
        CompletionStage<Optional<ClipFetcher.Fetched>> fetched = CompletableFuture.supplyAsync(
                () -> {
                    Blob bytes = payloads.unpack(event.body().payload());
                    return Optional.of(new ClipFetcher.Fetched(event.place(), event.body(), bytes, bytes.sha256()));
                },
                blocking);
        CompletionStage<List<Asked>> all = CompletableFuture.completedStage(new ArrayList<>());
        for (Turn turn : turns) {
            CompletionStage<Optional<Answer>> answer =
                    turn.asks() ? answer(event, turn, fetched) : CompletableFuture.completedStage(Optional.empty());
            all = all.thenCombine(answer, (before, next) -> {
                before.add(new Asked(turn, next));
                return before;
            });
        }
        return all;
    }

    private CompletionStage<Optional<Answer>> answer(
            Event<Clip> event, Turn turn, CompletionStage<Optional<ClipFetcher.Fetched>> fetched) {
        return questions
                .answer(
                        turn.subscription().about(event.place()),
                        event.body().stream(),
                        () -> fetched,
                        () -> heard -> {},
                        RecordTrace.of(event.trace()))
                .thenApply(
                        answer -> Optional.of(turn.behind().map(answer::behind).orElse(answer)));
    }

    private List<Judged> judge(Event<Clip> event, List<Asked> all) {
        List<Judged> results = new ArrayList<>();
        for (Asked next : all) {
            Subscription subscription = next.turn().subscription();
            StandingRules rules = new StandingRules(subscription);
            SubscriptionState counted = next.turn().state();
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
        return asked.turn().subscription().alert().flatMap(rule -> asked.answer()
                .flatMap(Answer::choices)
                .flatMap(choices -> choices.stream()
                        .filter(choice -> choice.choice().equals(rule.choice()))
                        .map(ChoiceProbability::probability)
                        .findFirst()));
    }

    private Result conclude(ConsumerRecord<byte[], byte[]> record, Event<Clip> event, List<Judged> all) {
        if (all.isEmpty()) {
            return Result.of(Transaction.of(List.of()));
        }
        Optional<WireError> unreadable = all.stream()
                .flatMap(next -> next.asked().answer().flatMap(Answer::error).stream())
                .filter(error -> error.code().startsWith("clip."))
                .findFirst();
        if (unreadable.isPresent()) {
            WireError error = unreadable.get();
            return deadLetter(record, new DeadLetter(error.code(), "clip", error.code(), error.message(), "", 1));
        }
        // A question that was deleted or changed meanwhile is not answered any more.
        return () -> subscriptions.whenCaughtUp().thenApplyAsync(read -> transaction(event, all), blocking);
    }

    private Transaction transaction(Event<Clip> event, List<Judged> all) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (Judged next : all) {
            AnsweredSubscription identity = next.state().subscription();
            boolean stands = subscriptions
                    .find(identity.id())
                    .filter(now -> now.identity().equals(identity))
                    .isPresent();
            if (stands) {
                next.asked().answer().ifPresent(answer -> records.add(encoder.answer(answer, event.trace())));
                next.change()
                        .map(change -> alert(event, next, change))
                        .ifPresent(alert -> records.add(encoder.alert(alert, event.trace())));
                records.add(encoder.subscriptionState(next.state(), event.trace()));
            }
        }
        return Transaction.of(records);
    }

    private Alert alert(Event<Clip> event, Judged judged, StandingRules.Change change) {
        Answer answer = judged.asked().answer().orElseThrow();
        return new Alert(
                change.alertId(),
                change.kind(),
                judged.state().subscription(),
                event.body().stream(),
                judged.asked().turn().subscription().alert().orElseThrow().choice(),
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
