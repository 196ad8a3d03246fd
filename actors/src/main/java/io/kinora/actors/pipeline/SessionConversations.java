package io.kinora.actors.pipeline;

import io.kinora.actors.answer.Conversation;
import io.kinora.actors.session.SessionAnswers;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredSession;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.SessionTurn;
import io.kinora.kafka.record.WireError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Answers questions with what was said before them. A clip stands where it was first asked about; a question that names none is about the newest one.
 *
 * <p>Where the conversation does not fit the model's context any more, its older half is left out, and again until it fits; so are the turns up to the
 * last one about a clip that is gone. The answer says how many turns were left out.
 */
final class SessionConversations implements SessionAnswers {
    private static final String TOO_LONG = "prompt.too_long";

    private final ClipFetcher clips;
    private final ClipQuestions questions;
    private final PartialAnswers partials;

    SessionConversations(ClipFetcher clips, ClipQuestions questions, PartialAnswers partials) {
        this.clips = clips;
        this.questions = questions;
        this.partials = partials;
    }

    @Override
    public CompletionStage<Answer> answer(Optional<Session> before, Question question, TraceContext trace) {
        List<SessionTurn> turns = before.map(Session::turns).orElse(List.of());
        Optional<String> last = before.map(session -> session.newest().answer().id());
        int dropped = before.map(Session::dropped).orElse(0);
        return answer(turns, question, trace, target(question, before)).thenApply(found -> {
            int forgotten = dropped + turns.size() - found.seen();
            AnsweredSession place = new AnsweredSession(
                    question.session().orElseThrow(),
                    before.map(Session::length).orElse(0) + 1,
                    forgotten);
            return found.answer().inSession(place, last);
        });
    }

    /** @param seen how many of the turns the model saw */
    private record Found(Answer answer, int seen) {}

    private CompletionStage<Found> answer(
            List<SessionTurn> turns, Question question, TraceContext trace, ClipTarget target) {
        return fetched(turns).thenCompose(shown -> questions
                .answer(
                        question,
                        stream(target, question),
                        () -> clips.fetch(target),
                        found -> CompletableFuture.completedStage(conversation(shown, question, found)),
                        () -> partials.writer(question.id(), trace)::accept,
                        RecordTrace.of(trace))
                .thenCompose(answer -> {
                    List<SessionTurn> seen = shown.turns();
                    boolean tooLong = answer.error()
                            .map(WireError::code)
                            .filter(TOO_LONG::equals)
                            .isPresent();
                    return tooLong && !seen.isEmpty()
                            ? answer(newerHalf(seen), question, trace, target)
                            : CompletableFuture.completedStage(new Found(answer, seen.size()));
                }));
    }

    private static List<SessionTurn> newerHalf(List<SessionTurn> turns) {
        return turns.subList((turns.size() + 1) / 2, turns.size());
    }

    /** What the question is about: what it names itself, else the newest clip of the conversation. */
    private static ClipTarget target(Question question, Optional<Session> before) {
        return before.isPresent() && question.clip() instanceof ClipTarget.Named
                ? new ClipTarget.At(before.get().newest().clip().reference())
                : question.clip();
    }

    private static String stream(ClipTarget target, Question question) {
        if (target instanceof ClipTarget.LatestOf latest) {
            return latest.stream();
        }
        return target instanceof ClipTarget.Named named ? named.clipOrStream() : question.id();
    }

    /** Turns with the clips they are about, by hash. */
    private record Shown(List<SessionTurn> turns, Map<String, ClipFetcher.Fetched> clips) {}

    private CompletionStage<Shown> fetched(List<SessionTurn> turns) {
        Map<String, SessionTurn> distinct = new HashMap<>();
        turns.forEach(turn -> distinct.putIfAbsent(turn.clip().sha256(), turn));
        CompletionStage<Map<String, ClipFetcher.Fetched>> all = CompletableFuture.completedStage(new HashMap<>());
        for (SessionTurn turn : distinct.values()) {
            CompletionStage<Optional<ClipFetcher.Fetched>> clip =
                    clips.fetch(new ClipTarget.At(turn.clip().reference())).exceptionally(SessionConversations::gone);
            all = all.thenCombine(clip, (known, found) -> {
                found.ifPresent(fetched -> known.put(turn.clip().sha256(), fetched));
                return known;
            });
        }
        return all.thenApply(known -> {
            List<SessionTurn> seen = new ArrayList<>();
            for (SessionTurn turn : turns) {
                seen.add(turn);
                if (!known.containsKey(turn.clip().sha256())) {
                    seen.clear();
                }
            }
            return new Shown(List.copyOf(seen), known);
        });
    }

    private static Optional<ClipFetcher.Fetched> gone(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ClipGoneException) {
            return Optional.empty();
        }
        throw new CompletionException(cause);
    }

    private Conversation conversation(Shown shown, Question question, ClipFetcher.Fetched asked) {
        List<Conversation.Turn> said = new ArrayList<>();
        Set<String> before = new HashSet<>();
        for (SessionTurn turn : shown.turns()) {
            ClipFetcher.Fetched clip = shown.clips().get(turn.clip().sha256());
            said.add(user(before, clip, turn.frames(), turn.text()));
            said.add(new Conversation.Turn(
                    Conversation.Speaker.MODEL,
                    List.of(new Conversation.Words(turn.answer().text()))));
        }
        said.add(user(before, asked, question.frames(), question.text()));
        return new Conversation(Optional.empty(), said);
    }

    private Conversation.Turn user(Set<String> before, ClipFetcher.Fetched clip, int frames, String text) {
        List<Conversation.Part> parts = new ArrayList<>();
        if (before.add(clip.sha256())) {
            parts.add(questions.shown(clip, frames));
        }
        parts.add(new Conversation.Words(text));
        return new Conversation.Turn(Conversation.Speaker.USER, parts);
    }
}
