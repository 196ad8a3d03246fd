package io.kinora.kafka.record;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a subscription is in a stream: what decides about its next clip and its next alert. Written together with the answers that led to it, so that it
 * survives whoever computed it.
 *
 * @param subscription whose state it is; another version begins anew
 * @param stream of the clips
 * @param lastAsked the time of the last clip that it was asked about
 * @param day the day of UTC that {@code asked} counts, as {@code 2026-11-22}
 * @param asked clips of that day
 * @param above the time of the first clip in a row that reached the threshold
 * @param raised the id of the alert that is raised now
 * @param lastRaised when the last alert was raised
 * @param skipped clips passed over since the last one that it was asked about, the service being behind; absent for none
 */
public record SubscriptionState(
        AnsweredSubscription subscription,
        String stream,
        Optional<Instant> lastAsked,
        Optional<String> day,
        int asked,
        Optional<Instant> above,
        Optional<String> raised,
        Optional<Instant> lastRaised,
        Optional<Integer> skipped) {
    /** Checks what is there. */
    public SubscriptionState {
        Objects.requireNonNull(subscription);
        Checks.id("stream", stream);
        Checks.notNegative("asked", asked);
        skipped.ifPresent(clips -> Checks.notNegative("skipped", clips));
    }

    /** The state before the first clip. */
    public static SubscriptionState begin(AnsweredSubscription subscription, String stream) {
        return new SubscriptionState(
                subscription,
                stream,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** One more clip passed over. */
    public SubscriptionState skippingOne() {
        return new SubscriptionState(
                subscription,
                stream,
                lastAsked,
                day,
                asked,
                above,
                raised,
                lastRaised,
                Optional.of(skipped.orElse(0) + 1));
    }

    /** What was asked as here, and what was judged as in another state. */
    public SubscriptionState withAlertOf(SubscriptionState other) {
        return new SubscriptionState(
                subscription, stream, lastAsked, day, asked, other.above, other.raised, other.lastRaised, skipped);
    }

    /** The record's key: what tells the states of all subscriptions and streams apart. */
    public static String key(String subscriptionId, String stream) {
        return subscriptionId + "/" + stream; // a subscription's id has no slash
    }

    /** The record's key. */
    public String key() {
        return key(subscription.id(), stream);
    }
}
