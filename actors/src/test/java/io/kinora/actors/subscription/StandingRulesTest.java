package io.kinora.actors.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.AnsweredSubscription;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.Subscription.AlertRule;
import io.kinora.kafka.record.Subscription.Budget;
import io.kinora.kafka.record.Subscription.Day;
import io.kinora.kafka.record.Subscription.Sampling;
import io.kinora.kafka.record.Subscription.Schedule;
import io.kinora.kafka.record.Subscription.State;
import io.kinora.kafka.record.Subscription.Window;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.record.WhenBehind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandingRulesTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z"); // a Friday
    private static final String STREAM = "cam1";
    private static final StandingQuestion QUESTION = StandingQuestion.of("Is the gate open?", List.of("yes", "no"));

    @Test
    void anAlertIsRaisedOnceAndEndsBelowItsReleaseNotBelowItsThreshold() {
        AlertRule rule = new AlertRule("yes", 0.8, Optional.of(0.5), Optional.empty(), Optional.empty());
        assertThat(changes(rule, 0.1, 0.9, 0.7, 0.85, 0.6, 0.4, 0.7, 0.9))
                .containsExactly("1 RAISED", "5 ENDED", "7 RAISED");
    }

    @Test
    void anAlertWaitsUntilTheThresholdWasReachedForLongEnough() {
        AlertRule rule =
                new AlertRule("yes", 0.8, Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());
        assertThat(changes(rule, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9)).containsExactly("5 RAISED");
    }

    @Test
    void anAlertKeepsItsDistanceFromTheLastOne() {
        AlertRule rule =
                new AlertRule("yes", 0.8, Optional.empty(), Optional.empty(), Optional.of(Duration.ofSeconds(50)));
        assertThat(changes(rule, 0.9, 0.1, 0.9, 0.1, 0.9, 0.9, 0.9)).containsExactly("0 RAISED", "1 ENDED", "5 RAISED");
    }

    @Test
    void theSameClipsGiveTheSameAlertIdsAndAnAlertAndItsEndShareOne() {
        AlertRule rule = AlertRule.at("yes", 0.8);
        List<String> once = ids(rule, 0.9, 0.1, 0.9);
        assertThat(ids(rule, 0.9, 0.1, 0.9)).isEqualTo(once);
        assertThat(once.get(0)).isEqualTo(once.get(1)).isNotEqualTo(once.get(2));
    }

    @Test
    void oneOfNTakesAboutThatShareAndTheSameClipsEachTime() {
        StandingRules rules = new StandingRules(with(Optional.of(new Sampling(Optional.of(4), Optional.empty()))));
        List<Integer> chosen = chosen(rules, 400);
        assertThat(chosen).hasSizeBetween(60, 140).isEqualTo(chosen(rules, 400));
    }

    @Test
    void atMostAMinuteIsCountedByTheClipsOwnTime() {
        StandingRules rules = new StandingRules(with(Optional.of(new Sampling(Optional.empty(), Optional.of(2.0)))));
        // A clip each ten seconds: the first of each half minute.
        assertThat(chosen(rules, 10)).containsExactly(0, 3, 6, 9);
    }

    @Test
    void aBudgetEndsWithTheDayOfUtc() {
        Subscription subscription = new Subscription(
                "s",
                "*",
                QUESTION,
                State.ACTIVE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Budget(2)),
                Optional.empty());
        StandingRules rules = new StandingRules(subscription);
        SubscriptionState state = rules.continued(Optional.empty(), STREAM);
        List<Boolean> wanted = new ArrayList<>();
        for (int hour : new int[] {0, 1, 2, 11, 12, 13, 14}) {
            Instant at = START.plus(Duration.ofHours(hour));
            boolean wants = rules.wants(state, clip(hour), at, at);
            wanted.add(wants);
            state = wants ? rules.asked(state, at) : state;
        }
        assertThat(wanted).containsExactly(true, true, false, false, true, true, false);
    }

    @Test
    void aWindowOverMidnightBelongsToTheDayItBeginsOn() {
        Schedule schedule =
                new Schedule("Europe/Berlin", List.of(new Window(Optional.of(List.of(Day.FRIDAY)), "22:00", "06:00")));
        StandingRules rules = new StandingRules(new Subscription(
                "s",
                "*",
                QUESTION,
                State.ACTIVE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(schedule),
                Optional.empty(),
                Optional.empty()));
        // Berlin is an hour ahead of UTC in November.
        assertThat(isOpen(rules, "2026-11-20T20:59:00Z")).isFalse();
        assertThat(isOpen(rules, "2026-11-20T21:00:00Z")).isTrue();
        assertThat(isOpen(rules, "2026-11-21T04:59:00Z")).isTrue();
        assertThat(isOpen(rules, "2026-11-21T05:00:00Z")).isFalse();
        assertThat(isOpen(rules, "2026-11-21T22:00:00Z")).isFalse();
    }

    @Test
    void pausedQuestionsAndClipsFromBeforeTheyStoodAreNotAsked() {
        Subscription standing = Subscription.of("s", "*", QUESTION).withSince(START);
        StandingRules rules = new StandingRules(standing);
        SubscriptionState begin = rules.continued(Optional.empty(), STREAM);
        assertThat(rules.wants(begin, clip(0), START.minusSeconds(99), START)).isTrue();
        assertThat(rules.wants(begin, clip(0), START, START.minusSeconds(1))).isFalse();
        assertThat(new StandingRules(standing.withState(State.PAUSED)).wants(begin, clip(0), START, START))
                .isFalse();
    }

    @Test
    void onlyClipsThatAreLateArePassedOver() {
        WhenBehind rule =
                new WhenBehind(WhenBehind.Policy.SKIP_TO_LATEST, Optional.empty(), Optional.of(Duration.ofSeconds(30)));
        StandingRules rules =
                new StandingRules(Subscription.of("s", "*", QUESTION).withWhenBehind(rule));
        assertThat(rules.lag(START, START.plusSeconds(30))).isEmpty();
        assertThat(rules.lag(START, START.minusSeconds(99))).isEmpty();
        assertThat(rules.lag(START, START.plusSeconds(31))).contains(Duration.ofSeconds(31));
        assertThat(rules.passesOver(clip(0))).isTrue();
        assertThat(new StandingRules(Subscription.of("s", "*", QUESTION)).lag(START, START.plusSeconds(999)))
                .as("without a rule")
                .isEmpty();
    }

    @Test
    void ofLateClipsOneOfNIsAskedAboutWhicheverSamplingChose() {
        WhenBehind rule = new WhenBehind(WhenBehind.Policy.ONE_OF_N, Optional.of(4), Optional.empty());
        Subscription sampled = with(Optional.of(new Sampling(Optional.of(2), Optional.empty())));
        StandingRules rules = new StandingRules(sampled.withWhenBehind(rule));
        List<Integer> chosen = chosen(rules, 800);
        List<Integer> asked =
                chosen.stream().filter(i -> !rules.passesOver(clip(i))).toList();
        assertThat(asked).hasSizeBetween(60, 140);
        assertThat(chosen.stream().filter(i -> !rules.passesOver(clip(i))).toList())
                .isEqualTo(asked);
    }

    @Test
    void anotherVersionBeginsAnew() {
        StandingRules rules = new StandingRules(Subscription.of("s", "*", QUESTION));
        SubscriptionState other = new SubscriptionState(
                new AnsweredSubscription("s", "older"),
                STREAM,
                Optional.of(START),
                Optional.of("2026-11-20"),
                7,
                Optional.of(START),
                Optional.of("alert"),
                Optional.of(START),
                Optional.empty());
        assertThat(rules.continued(Optional.of(other), STREAM).raised()).isEmpty();
    }

    private static boolean isOpen(StandingRules rules, String at) {
        Instant time = Instant.parse(at);
        return rules.wants(rules.continued(Optional.empty(), STREAM), clip(0), time, time);
    }

    private static Subscription with(Optional<Sampling> sampling) {
        return new Subscription(
                "s",
                "*",
                QUESTION,
                State.ACTIVE,
                Optional.empty(),
                sampling,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<Integer> chosen(StandingRules rules, int clips) {
        SubscriptionState state = rules.continued(Optional.empty(), STREAM);
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < clips; i++) {
            Instant at = START.plusSeconds(10L * i);
            if (rules.wants(state, clip(i), at, at)) {
                chosen.add(i);
                state = rules.asked(state, at);
            }
        }
        return chosen;
    }

    private static List<String> changes(AlertRule rule, double... probabilities) {
        return run(rule, probabilities).stream()
                .map(change -> change.index() + " " + change.change().kind())
                .toList();
    }

    private static List<String> ids(AlertRule rule, double... probabilities) {
        return run(rule, probabilities).stream()
                .map(change -> change.change().alertId())
                .toList();
    }

    private record Numbered(int index, StandingRules.Change change) {}

    private static List<Numbered> run(AlertRule rule, double... probabilities) {
        StandingRules rules =
                new StandingRules(Subscription.of("s", "*", QUESTION).withAlert(rule));
        SubscriptionState state = rules.continued(Optional.empty(), STREAM);
        List<Numbered> changes = new ArrayList<>();
        for (int i = 0; i < probabilities.length; i++) {
            StandingRules.Judgement judgement =
                    rules.judged(state, probabilities[i], clip(i), START.plusSeconds(10L * i));
            state = judgement.state();
            int index = i;
            judgement.change().ifPresent(change -> changes.add(new Numbered(index, change)));
        }
        assertThat(changes).allMatch(change -> change.change().kind() != Alert.Kind.ENDED || change.index() > 0);
        return changes;
    }

    private static ClipReference clip(int offset) {
        return new ClipReference("kinora.clips", 0, offset);
    }
}
