package io.kinora.actors.subscription;

import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.AnsweredSubscription;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.Sha256;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.Subscription.AlertRule;
import io.kinora.kafka.record.Subscription.Sampling;
import io.kinora.kafka.record.Subscription.Schedule;
import io.kinora.kafka.record.Subscription.Window;
import io.kinora.kafka.record.SubscriptionState;
import io.kinora.kafka.record.WhenBehind;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/**
 * The rules of one subscription in one stream: which clips it asks about, and when its answers are an alert. What was before is a parameter, the clips'
 * times are the clock, and nothing is drawn at random: the same clips in the same order give the same questions and alerts. Immutable and thread-safe.
 */
public final class StandingRules {
    /**
     * What an answer leads to.
     *
     * @param state what is known from then on
     * @param change an alert, or the end of one
     */
    public record Judgement(SubscriptionState state, Optional<Change> change) {}

    /**
     * An alert that begins or ends.
     *
     * @param alertId the same for both
     * @param since the time of the first clip in a row that reached the threshold
     */
    public record Change(Alert.Kind kind, String alertId, Instant since) {}

    private final Subscription subscription;
    private final AnsweredSubscription identity;

    /** The rules of a subscription. */
    public StandingRules(Subscription subscription) {
        this.subscription = subscription;
        this.identity = subscription.identity();
    }

    /** What was before, or the beginning, where that was another version's. */
    public SubscriptionState continued(Optional<SubscriptionState> before, String stream) {
        return before.filter(state -> state.subscription().equals(identity))
                .orElseGet(() -> SubscriptionState.begin(identity, stream));
    }

    /**
     * Whether a clip is asked about.
     *
     * @param at the clip's own time
     * @param written when the clip came to lie on its topic
     */
    public boolean wants(SubscriptionState before, ClipReference clip, Instant at, Instant written) {
        return subscription.state() == Subscription.State.ACTIVE
                && subscription.since().filter(written::isBefore).isEmpty()
                && subscription.schedule().map(schedule -> isOpen(schedule, at)).orElse(true)
                && subscription
                        .sampling()
                        .map(sampling -> isChosen(sampling, before, clip, at))
                        .orElse(true)
                && subscription
                        .budget()
                        .map(budget -> askedOn(before, at) < budget.clipsPerDay())
                        .orElse(true);
    }

    private boolean isChosen(Sampling sampling, SubscriptionState before, ClipReference clip, Instant at) {
        boolean chosen =
                sampling.oneOf().map(n -> Math.floorMod(placeOf(clip), n) == 0).orElse(true);
        boolean inTime = sampling.maxPerMinute()
                .flatMap(most -> before.lastAsked().map(last -> isNextSlot(last, at, most)))
                .orElse(true);
        return chosen && inTime;
    }

    /** A number that follows from subscription and place, so that subscriptions do not all choose the same clips. */
    private long placeOf(ClipReference clip) {
        return number(List.of(subscription.id(), clip.toString()));
    }

    private static long number(List<String> from) {
        String digest = Sha256.hexOf(from);
        return Long.parseUnsignedLong(digest.substring(0, 16), 16) >>> 1;
    }

    private static boolean isNextSlot(Instant last, Instant at, double perMinute) {
        long slotMillis = Math.max(1, Math.round(60_000 / perMinute));
        return Math.floorDiv(at.toEpochMilli(), slotMillis) > Math.floorDiv(last.toEpochMilli(), slotMillis);
    }

    private static boolean isOpen(Schedule schedule, Instant at) {
        ZonedDateTime local = at.atZone(ZoneId.of(schedule.zone()));
        return schedule.windows().stream().anyMatch(window -> isOpen(window, local));
    }

    private static boolean isOpen(Window window, ZonedDateTime at) {
        LocalTime time = at.toLocalTime();
        boolean overMidnight = !window.ends().isAfter(window.begins());
        if (!overMidnight) {
            return isOn(window, at) && !time.isBefore(window.begins()) && time.isBefore(window.ends());
        }
        return (isOn(window, at) && !time.isBefore(window.begins()))
                || (isOn(window, at.minusDays(1)) && time.isBefore(window.ends()));
    }

    private static boolean isOn(Window window, ZonedDateTime day) {
        return window.days()
                .map(days -> days.contains(
                        Subscription.Day.valueOf(day.getDayOfWeek().name())))
                .orElse(true);
    }

    private static String dayOf(Instant at) {
        return at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static int askedOn(SubscriptionState before, Instant at) {
        return before.day().filter(dayOf(at)::equals).isPresent() ? before.asked() : 0;
    }

    /** The state once a clip is asked about. */
    public SubscriptionState asked(SubscriptionState before, Instant at) {
        return new SubscriptionState(
                identity,
                before.stream(),
                Optional.of(at),
                Optional.of(dayOf(at)),
                askedOn(before, at) + 1,
                before.above(),
                before.raised(),
                before.lastRaised(),
                Optional.empty());
    }

    /**
     * How far the service is behind at a clip, if the subscription has a rule for that and it is late enough to matter.
     *
     * @param at the clip's own time
     * @param newest the own time of the newest clip of its stream
     */
    public Optional<Duration> lag(Instant at, Instant newest) {
        Duration lag = Duration.between(at, newest);
        return subscription
                .whenBehind()
                .filter(rule -> lag.compareTo(rule.tolerance()) > 0)
                .map(rule -> lag);
    }

    /** Whether a clip that is late, and wanted otherwise, is passed over. Which of n follows from its place. */
    public boolean passesOver(ClipReference late) {
        WhenBehind rule = subscription.whenBehind().orElseThrow();
        return switch (rule.policy()) {
            case PROCESS_ALL -> false;
            case SKIP_TO_LATEST -> true;
            case ONE_OF_N ->
                Math.floorMod(
                                number(List.of(subscription.id(), late.toString(), "behind")),
                                rule.oneOf().orElseThrow())
                        != 0;
        };
    }

    /**
     * What follows from an answer. Answers are judged in the order of their clips.
     *
     * @param probability of the rule's choice
     */
    public Judgement judged(SubscriptionState before, double probability, ClipReference clip, Instant at) {
        if (subscription.alert().isEmpty()) {
            return new Judgement(before, Optional.empty());
        }
        AlertRule rule = subscription.alert().get();
        if (before.raised().isPresent()) {
            double release = rule.release().orElse(rule.threshold());
            return probability < release
                    ? new Judgement(
                            alert(before, Optional.empty(), Optional.empty(), before.lastRaised()),
                            Optional.of(new Change(
                                    Alert.Kind.ENDED,
                                    before.raised().get(),
                                    before.above().orElse(at))))
                    : new Judgement(before, Optional.empty());
        }
        if (probability < rule.threshold()) {
            return new Judgement(
                    alert(before, Optional.empty(), Optional.empty(), before.lastRaised()), Optional.empty());
        }
        Instant since = before.above().orElse(at);
        boolean longEnough =
                Duration.between(since, at).compareTo(rule.minDuration().orElse(Duration.ZERO)) >= 0;
        boolean cool = before.lastRaised()
                .map(last ->
                        Duration.between(last, at).compareTo(rule.cooldown().orElse(Duration.ZERO)) >= 0)
                .orElse(true);
        if (!longEnough || !cool) {
            return new Judgement(
                    alert(before, Optional.of(since), Optional.empty(), before.lastRaised()), Optional.empty());
        }
        String id = Sha256.hexOf(List.of(identity.id(), identity.version(), before.stream(), clip.toString()))
                .substring(0, 32);
        return new Judgement(
                alert(before, Optional.of(since), Optional.of(id), Optional.of(at)),
                Optional.of(new Change(Alert.Kind.RAISED, id, since)));
    }

    private static SubscriptionState alert(
            SubscriptionState before, Optional<Instant> above, Optional<String> raised, Optional<Instant> lastRaised) {
        return new SubscriptionState(
                before.subscription(),
                before.stream(),
                before.lastAsked(),
                before.day(),
                before.asked(),
                above,
                raised,
                lastRaised,
                before.skipped());
    }
}
