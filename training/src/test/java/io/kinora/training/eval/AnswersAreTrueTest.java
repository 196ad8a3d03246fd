package io.kinora.training.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.training.world.Motion;
import io.kinora.training.world.Question;
import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Questions;
import io.kinora.training.world.Scene;
import io.kinora.training.world.SceneRenderer;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.RgbFrame;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Answers of the world against what image processing finds in the pixels, without a look at the scene. */
class AnswersAreTrueTest {
    private static final int CLIPS = 60;

    @Test
    void answersAreTrueOfThePixels() {
        World world = new World(23);
        Map<QuestionKind, Integer> checked = new EnumMap<>(QuestionKind.class);
        for (int i = 0; i < CLIPS; i++) {
            Scene scene = world.scene(i % 2 == 0 ? Split.TRAIN : Split.HELD_OUT, i);
            List<RgbFrame> frames = new SceneRenderer(scene, 112, 112).frames(12);
            Witness witness = new Witness(Tracker.follow(frames), ImageJudge.judge(frames));
            for (Question question : Questions.about(scene, Split.TRAIN, i)) {
                witness.answer(question).ifPresent(answer -> {
                    assertThat(answer).as("%s in %s", question, scene.sprites()).isEqualTo(question.answer());
                    checked.merge(question.kind(), 1, Integer::sum);
                });
            }
        }
        assertThat(checked.keySet())
                .containsAll(EnumSet.of(
                        QuestionKind.COLOUR,
                        QuestionKind.SHAPE,
                        QuestionKind.MOTION,
                        QuestionKind.COUNT,
                        QuestionKind.RELATION,
                        QuestionKind.ORDER,
                        QuestionKind.YES_NO,
                        QuestionKind.DESCRIBE));
        checked.forEach((kind, times) -> assertThat(times).as(kind.word()).isGreaterThanOrEqualTo(5));
    }

    /** Answers what can be told from what was found. */
    private record Witness(List<Track> tracks, List<Sighting> seen) {
        Optional<String> answer(Question question) {
            String text = question.text().replaceAll("[?.,]", " ");
            return switch (question.kind()) {
                case COUNT -> Optional.of(number(text));
                case DESCRIBE -> Optional.of(described());
                case COLOUR -> alone(text).map(found -> found.colour().word());
                case SHAPE -> alone(text).map(found -> found.shape().word());
                case MOTION -> alone(text).map(found -> found.motions().get(0).phrase());
                case ORDER -> order(text);
                case RELATION -> relation(text);
                case YES_NO -> there(text);
                case SIZE, BACKGROUND -> Optional.empty();
            };
        }

        private String number(String text) {
            long count = seen.stream()
                    .filter(found -> text.contains(" shapes ")
                            ? text.contains(" " + found.colour().word() + " ")
                                    || !text.matches(".* (red|orange|yellow|green|blue|purple|pink|white) shapes .*")
                            : text.contains(" " + found.shape().plural() + " "))
                    .count();
            return List.of("zero", "one", "two").get((int) count);
        }

        private String described() {
            return seen.stream()
                    .sorted(Comparator.comparing(Sighting::colour).thenComparing(Sighting::shape))
                    .map(found -> ("aeiou".indexOf(found.words().charAt(0)) >= 0 ? "an " : "a ") + found.words())
                    .collect(Collectors.joining(" and "));
        }

        private Optional<Sighting> alone(String text) {
            List<Sighting> named = seen.stream()
                    .filter(found -> text.contains(found.colour().word())
                            || text.contains(found.shape().word() + " ")
                            || text.contains(found.shape().word() + "?"))
                    .toList();
            return seen.size() == 1
                    ? Optional.of(seen.get(0))
                    : Optional.of(named).filter(found -> found.size() == 1).map(found -> found.get(0));
        }

        private Optional<String> order(String text) {
            return alone(text).map(found -> {
                boolean first = text.contains("irst") || text.contains("beginning");
                boolean last = text.contains("then") || text.contains("end") || text.contains("last");
                String does = first
                        ? found.motions().get(0).phrase()
                        : last
                                ? found.motions().get(1).phrase()
                                : found.motions().stream().map(Motion::phrase).collect(Collectors.joining(", then "));
                return text.contains("happens")
                        ? "the %s %s".formatted(found.shape().word(), does)
                        : does;
            });
        }

        private Optional<String> relation(String text) {
            boolean left = text.contains("on the left");
            if (!left && !text.contains("on the right")) {
                return Optional.empty();
            }
            Comparator<Track> byPlace =
                    Comparator.comparingDouble(track -> track.seen().get(0).x());
            Track found =
                    tracks.stream().min(left ? byPlace : byPlace.reversed()).orElseThrow();
            return Optional.of(found.shape().word());
        }

        private Optional<String> there(String text) {
            if (!text.startsWith("Is there ")) {
                return Optional.empty();
            }
            boolean is = seen.stream()
                    .anyMatch(found -> text.contains(
                            found.colour().word() + " " + found.shape().word()));
            return Optional.of(is ? "yes" : "no");
        }
    }
}
