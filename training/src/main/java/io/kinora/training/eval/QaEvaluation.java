package io.kinora.training.eval;

import io.kinora.training.world.Filming;
import io.kinora.training.world.Question;
import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Questions;
import io.kinora.training.world.Scene;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.VideoSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Asks about held-out clips: combinations not trained on, encoded with settings not trained on, every second clip in phrasings
 * not trained on. Of each kind that a clip allows, one question is asked. An answer is right if it is the expected one but
 * for case, blanks around it and a full stop.
 */
public final class QaEvaluation {
    private static final int CLIPS_AT_ONCE = 4;
    private static final int MISTAKES_KEPT = 200;

    private final long seed;
    private final int clips;

    /**
     * So many clips of the held-out world of a seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public QaEvaluation(long seed, int clips) {
        if (clips < 1) {
            throw new IllegalArgumentException("clips is %d, allowed are 1 and more".formatted(clips));
        }
        this.seed = seed;
        this.clips = clips;
    }

    private record Asked(
            long clip, Split phrasing, List<Question> questions, CompletableFuture<List<String>> answers) {}

    /**
     * Asks everything, a few clips at once.
     *
     * @param progress told the number of clips done
     */
    public QaReport run(Answerer answerer, IntConsumer progress) {
        World world = new World(seed);
        Tally tally = new Tally();
        Deque<Asked> pending = new ArrayDeque<>();
        for (int i = 0; i < clips; i++) {
            pending.add(ask(world, i, answerer));
            if (pending.size() == CLIPS_AT_ONCE) {
                tally.count(pending.remove());
                progress.accept(tally.clips);
            }
        }
        while (!pending.isEmpty()) {
            tally.count(pending.remove());
            progress.accept(tally.clips);
        }
        return new QaReport(tally.clips, tally.kinds, tally.phrasings, tally.mistakes);
    }

    private Asked ask(World world, int index, Answerer answerer) {
        Scene scene = world.scene(Split.HELD_OUT, index);
        Split phrasing = index % 2 == 0 ? Split.TRAIN : Split.HELD_OUT;
        List<Question> questions = oneOfEachKind(Questions.about(scene, phrasing, seed + index), seed + index);
        VideoSource clip =
                VideoSource.bytes(Filming.of(Split.HELD_OUT, seed + index).film(scene));
        List<String> texts = questions.stream().map(Question::text).toList();
        return new Asked(
                index, phrasing, questions, answerer.answer(clip, texts).toCompletableFuture());
    }

    private static List<Question> oneOfEachKind(List<Question> all, long seed) {
        List<Question> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        Map<QuestionKind, Question> chosen = new EnumMap<>(QuestionKind.class);
        shuffled.forEach(question -> chosen.putIfAbsent(question.kind(), question));
        return List.copyOf(chosen.values());
    }

    /** Whether an answer is the expected one but for case, blanks around it and a full stop. */
    static boolean matches(String expected, String answer) {
        String plain = answer.strip().toLowerCase(Locale.ROOT);
        return expected.equals(plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain);
    }

    private static final class Tally {
        private int clips;
        private final Map<QuestionKind, Score> kinds = new EnumMap<>(QuestionKind.class);
        private final Map<Split, Score> phrasings = new EnumMap<>(Split.class);
        private final List<QaReport.Mistake> mistakes = new ArrayList<>();

        private void count(Asked asked) {
            List<String> answers = asked.answers.join();
            if (answers.size() != asked.questions.size()) {
                throw new IllegalStateException(
                        "%d questions were asked, and %d answered".formatted(asked.questions.size(), answers.size()));
            }
            clips++;
            for (int i = 0; i < answers.size(); i++) {
                Question question = asked.questions.get(i);
                boolean right = matches(question.answer(), answers.get(i));
                kinds.merge(question.kind(), Score.NONE.plus(right), Score::plus);
                phrasings.merge(asked.phrasing, Score.NONE.plus(right), Score::plus);
                if (!right && mistakes.size() < MISTAKES_KEPT) {
                    mistakes.add(new QaReport.Mistake(asked.clip, question.text(), question.answer(), answers.get(i)));
                }
            }
        }
    }
}
