package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A standing question: asked about every clip, or a share of them, of the streams that it names.
 *
 * @param id the record's key: 1 to {@value #MAX_ID_LENGTH} of {@code a-z A-Z 0-9 . _ -}
 * @param streams a pattern of stream ids, in which {@code *} stands for any text and {@code ?} for one character
 * @param question what is asked
 * @param state whether it is asked
 * @param since asks about clips that came to lie on their topic from then on; absent for all that there are
 * @param sampling which clips it is asked about; absent for every clip
 * @param alert when its answers raise an alert; absent for never
 * @param schedule when it is asked; absent for always
 * @param budget how often it is asked at most; absent for any number
 * @param whenBehind what it does with late clips; absent for asking about all of them
 */
public record Subscription(
        String id,
        String streams,
        StandingQuestion question,
        State state,
        Optional<Instant> since,
        Optional<Sampling> sampling,
        Optional<AlertRule> alert,
        Optional<Schedule> schedule,
        Optional<Budget> budget,
        Optional<WhenBehind> whenBehind) {
    public static final int MAX_ID_LENGTH = 64;
    public static final int MAX_STREAMS_LENGTH = 256;
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9._-]{1," + MAX_ID_LENGTH + "}");

    /** Whether a subscription asks. */
    public enum State {
        @JsonProperty("active")
        ACTIVE,
        @JsonProperty("paused")
        PAUSED
    }

    /** A day of the week. */
    public enum Day {
        @JsonProperty("mon")
        MONDAY,
        @JsonProperty("tue")
        TUESDAY,
        @JsonProperty("wed")
        WEDNESDAY,
        @JsonProperty("thu")
        THURSDAY,
        @JsonProperty("fri")
        FRIDAY,
        @JsonProperty("sat")
        SATURDAY,
        @JsonProperty("sun")
        SUNDAY
    }

    /**
     * Which clips are asked about. Which of n follows from a clip's place, so that a replay asks about the same ones.
     *
     * @param oneOf one clip of so many, 1 to 1,000,000
     * @param maxPerMinute at most so many clips of a stream in a minute of the clips' own time, more than 0, at most 600
     */
    public record Sampling(Optional<Integer> oneOf, Optional<Double> maxPerMinute) {
        /** Checks the ranges. */
        public Sampling {
            oneOf.ifPresent(n -> Checks.range("sampling.oneOf", n, 1, 1_000_000));
            maxPerMinute.ifPresent(most -> Checks.positive("sampling.maxPerMinute", most, 600));
        }
    }

    /**
     * When answers raise an alert. It stays raised until the probability falls below {@code release}.
     *
     * @param choice the choice whose probability counts
     * @param threshold the probability from which it is an alert, more than 0, at most 1
     * @param release the probability below which it is over; absent for the threshold
     * @param minDuration how long the threshold is reached before the alert, by the clips' times; absent for at once
     * @param cooldown shortest time between two alerts of a stream; absent for none
     */
    public record AlertRule(
            String choice,
            double threshold,
            Optional<Double> release,
            Optional<Duration> minDuration,
            Optional<Duration> cooldown) {
        /** Longest time that a rule may name. */
        public static final Duration LONGEST = Duration.ofDays(7);

        /** Checks the ranges. */
        public AlertRule {
            Checks.text("alert.choice", choice, AnswerSettings.MAX_CHOICE_LENGTH);
            Checks.positive("alert.threshold", threshold, 1);
            double most = threshold;
            release.ifPresent(least -> Checks.range("alert.release", least, 0, most));
            minDuration.ifPresent(duration -> Checks.time("alert.minDuration", duration, LONGEST));
            cooldown.ifPresent(duration -> Checks.time("alert.cooldown", duration, LONGEST));
        }

        /** A rule of nothing but a threshold. */
        public static AlertRule at(String choice, double threshold) {
            return new AlertRule(choice, threshold, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * When a subscription asks: in any of the windows, by the clips' times.
     *
     * @param zone of the times, for example {@code Europe/Berlin}
     */
    public record Schedule(String zone, List<Window> windows) {
        /** Checks that the zone exists and that there is a window. */
        public Schedule {
            windows = List.copyOf(windows);
            try {
                ZoneId.of(zone);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(
                        "schedule.zone is \"%s\", expected a time zone such as Europe/Berlin or UTC".formatted(zone),
                        e);
            }
            if (windows.isEmpty() || windows.size() > 50) {
                throw new IllegalArgumentException(
                        "schedule.windows has %d entries, allowed are 1 to 50".formatted(windows.size()));
            }
        }
    }

    /**
     * Some hours of some days. One that ends before it begins goes over midnight; one that ends when it begins is the whole day.
     *
     * @param days on which it begins; absent for every day
     * @param from {@code HH:mm}
     * @param to {@code HH:mm}, not included
     */
    public record Window(Optional<List<Day>> days, String from, String to) {
        /** Checks the times. */
        public Window {
            days = days.map(List::copyOf);
            time("schedule.windows.from", from);
            time("schedule.windows.to", to);
        }

        private static void time(String field, String text) {
            if (!text.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
                throw new IllegalArgumentException("%s is \"%s\", expected HH:mm".formatted(field, text));
            }
        }

        /** When it begins. */
        public LocalTime begins() {
            return LocalTime.parse(from);
        }

        /** When it ends. */
        public LocalTime ends() {
            return LocalTime.parse(to);
        }
    }

    /** How often a subscription asks at most: about so many clips of a stream in a day of UTC, by the clips' times; at least 1. */
    public record Budget(int clipsPerDay) {
        /** Checks the range. */
        public Budget {
            Checks.range("budget.clipsPerDay", clipsPerDay, 1, 10_000_000);
        }
    }

    /** Checks everything, the question included. */
    public Subscription {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "id is \"%s\", allowed are 1 to %d of a-z A-Z 0-9 . _ -".formatted(id, MAX_ID_LENGTH));
        }
        Checks.text("streams", streams, MAX_STREAMS_LENGTH);
        Question template = template(question, id);
        List<String> choices = template.settings().choices();
        alert.ifPresent(rule -> {
            if (!choices.contains(rule.choice())) {
                throw new IllegalArgumentException("alert.choice is \"%s\", allowed are the question's choices %s"
                        .formatted(rule.choice(), choices));
            }
        });
    }

    private static Question template(StandingQuestion question, String id) {
        try {
            return question.about(new ClipTarget.Named(id), id);
        } catch (MalformedRecordException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
    }

    /** An active subscription without sampling, alert, schedule or budget. */
    public static Subscription of(String id, String streams, StandingQuestion question) {
        return new Subscription(
                id,
                streams,
                question,
                State.ACTIVE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Active or paused. */
    public Subscription withState(State other) {
        return new Subscription(id, streams, question, other, since, sampling, alert, schedule, budget, whenBehind);
    }

    /** Asking about clips from then on. */
    public Subscription withSince(Instant from) {
        return new Subscription(
                id, streams, question, state, Optional.of(from), sampling, alert, schedule, budget, whenBehind);
    }

    /** With something to do when the service is behind. */
    public Subscription withWhenBehind(WhenBehind rule) {
        return new Subscription(
                id, streams, question, state, since, sampling, alert, schedule, budget, Optional.of(rule));
    }

    /** With a rule for alerts. */
    public Subscription withAlert(AlertRule rule) {
        return new Subscription(
                id, streams, question, state, since, sampling, Optional.of(rule), schedule, budget, whenBehind);
    }

    /** Follows from what its answers depend on besides clip and weights: another question is another version, another threshold is not. */
    public String version() {
        return Sha256.hexOf(template(question, id).determining()).substring(0, 12);
    }

    /** Which question its answers are to. */
    public AnsweredSubscription identity() {
        return new AnsweredSubscription(id, version());
    }

    /** The question about a clip; its id, and with it the answer's, follows from subscription, version and the clip's place. */
    public Question about(ClipReference clip) {
        AnsweredSubscription identity = identity();
        return question.about(
                        new ClipTarget.At(clip), "%s/%s/%s".formatted(identity.id(), identity.version(), placeOf(clip)))
                .repeating(identity);
    }

    private static String placeOf(ClipReference clip) {
        String place = clip.defaultId();
        return place.length() <= 160 ? place : Sha256.hexOf(List.of(place));
    }

    /** Whether a stream is among those that it names. */
    public boolean names(String stream) {
        return matches(streams, 0, stream, 0);
    }

    /** Glob matching with one point to come back to: linear in space, and at worst quadratic in time, whatever the pattern. */
    private static boolean matches(String pattern, int patternStart, String text, int textStart) {
        int p = patternStart;
        int t = textStart;
        int star = -1;
        int retry = 0;
        while (t < text.length()) {
            if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))
                    && pattern.charAt(p) != '*') {
                p++;
                t++;
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = t;
            } else if (star >= 0) {
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** The JSON body; the record's key is the id where the body has none. */
    public record Body(
            Optional<String> id,
            String streams,
            StandingQuestion question,
            Optional<State> state,
            Optional<Instant> since,
            Optional<Sampling> sampling,
            Optional<AlertRule> alert,
            Optional<Schedule> schedule,
            Optional<Budget> budget,
            Optional<WhenBehind> whenBehind) {
        /**
         * The subscription.
         *
         * @param key the record's key
         * @throws MalformedRecordException when a value is missing or not allowed, or the body's id is another than the key
         */
        public Subscription resolve(Optional<String> key) {
            try {
                String name = id.or(() -> key)
                        .orElseThrow(() -> new IllegalArgumentException("id is missing: give a key, which is the id"));
                if (key.isPresent() && !key.get().equals(name)) {
                    throw new IllegalArgumentException("id is \"%s\", but the record's key is \"%s\"; they are the same"
                            .formatted(name, key.get()));
                }
                if (streams == null || question == null) {
                    throw new IllegalArgumentException(
                            "%s is missing".formatted(streams == null ? "streams" : "question"));
                }
                return new Subscription(
                        name,
                        streams,
                        question,
                        state.orElse(State.ACTIVE),
                        since,
                        sampling,
                        alert,
                        schedule,
                        budget,
                        whenBehind);
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException(Code.VALUE, "subscription: " + e.getMessage(), e);
            }
        }
    }

    /** The body that {@link Body#resolve} turns back into this subscription. */
    @JsonValue
    public Body toBody() {
        return new Body(
                Optional.of(id),
                streams,
                question,
                Optional.of(state),
                since,
                sampling,
                alert,
                schedule,
                budget,
                whenBehind);
    }
}
