package io.kinora.training.world;

import io.kinora.training.world.Wording.Say;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Questions that a scene answers without doubt. A shape is named only by what sets it apart in the scene. */
public final class Questions {
    private final Scene scene;
    private final Split phrasing;
    private final SplittableRandom random;
    private final List<Question> questions = new ArrayList<>();

    private Questions(Scene scene, Split phrasing, SplittableRandom random) {
        this.scene = scene;
        this.phrasing = phrasing;
        this.random = random;
    }

    /** All that can be asked about a scene, each in one of its phrasings; the seed chooses them and the wrong guesses of yes-no questions. */
    public static List<Question> about(Scene scene, Split phrasing, long seed) {
        Questions asked = new Questions(scene, phrasing, new SplittableRandom(seed));
        scene.sprites().forEach(asked::aboutOne);
        asked.counts();
        if (scene.isPair()) {
            asked.pair();
        }
        asked.add(
                QuestionKind.BACKGROUND,
                Say.ASK_BACKGROUND,
                "",
                scene.background().isDark() ? "dark" : "light");
        asked.add(QuestionKind.DESCRIBE, Say.ASK_EVERYTHING, "", Captions.plain(scene));
        asked.there();
        return List.copyOf(asked.questions);
    }

    private void aboutOne(Sprite sprite) {
        oneOf(withoutColour(sprite))
                .ifPresent(np -> add(
                        QuestionKind.COLOUR, Say.ASK_COLOUR, np, sprite.colour().word()));
        if (!scene.isPair()) {
            add(QuestionKind.SHAPE, Say.ASK_SHAPE_ALONE, "", sprite.shape().word());
        }
        oneOf(withoutShape(sprite).stream().filter(np -> !np.equals("shape")).toList())
                .ifPresent(np -> add(
                        QuestionKind.SHAPE, Say.ASK_SHAPE, np, sprite.shape().word()));
        String np = oneOf(named(sprite)).orElseThrow();
        if (sprite.hasTwoPhases()) {
            order(sprite, np);
        } else {
            add(QuestionKind.MOTION, Say.ASK_MOTION, np, sprite.motion().phrase());
        }
        if (!sprite.resizes()) {
            add(QuestionKind.SIZE, Say.ASK_SIZE, np, sprite.size().word());
        }
        isOrDoes(sprite);
    }

    private void order(Sprite sprite, String np) {
        add(QuestionKind.ORDER, Say.ASK_FIRST, np, sprite.motions().get(0).phrase());
        add(QuestionKind.ORDER, Say.ASK_LAST, np, sprite.motions().get(1).phrase());
        add(QuestionKind.ORDER, Say.ASK_MOTION, np, Captions.does(sprite));
        if (!scene.isPair()) {
            String what = "the " + sprite.shape().word() + " ";
            add(
                    QuestionKind.ORDER,
                    Say.ASK_FIRST_EVENT,
                    "",
                    what + sprite.motions().get(0).phrase());
            add(
                    QuestionKind.ORDER,
                    Say.ASK_LAST_EVENT,
                    "",
                    what + sprite.motions().get(1).phrase());
        }
    }

    private void counts() {
        add(QuestionKind.COUNT, Say.ASK_COUNT, "shapes", number(scene.sprites().size()));
        Sprite known = scene.sprites().get(random.nextInt(scene.sprites().size()));
        Colour colour = random.nextBoolean() ? known.colour() : any(Colour.values());
        Shape shape = random.nextBoolean() ? known.shape() : any(Shape.values());
        add(QuestionKind.COUNT, Say.ASK_COUNT, colour.word() + " shapes", number(count(s -> s.colour() == colour)));
        add(QuestionKind.COUNT, Say.ASK_COUNT, shape.plural(), number(count(s -> s.shape() == shape)));
    }

    private void pair() {
        Sprite one = scene.sprites().get(0);
        Sprite other = scene.sprites().get(1);
        Relations relations = new Relations(one, other);
        if (one.shape() != other.shape()) {
            relations.leftmost().ifPresent(left -> {
                add(QuestionKind.RELATION, Say.ASK_WHICH_LEFT, "", left.shape().word());
                add(
                        QuestionKind.RELATION,
                        Say.ASK_WHICH_RIGHT,
                        "",
                        otherThan(left).shape().word());
            });
            relations.topmost().ifPresent(top -> {
                add(QuestionKind.RELATION, Say.ASK_WHICH_TOP, "", top.shape().word());
                add(
                        QuestionKind.RELATION,
                        Say.ASK_WHICH_BOTTOM,
                        "",
                        otherThan(top).shape().word());
            });
            relations.larger().ifPresent(large -> {
                add(
                        QuestionKind.RELATION,
                        Say.ASK_WHICH_LARGER,
                        "",
                        large.shape().word());
                add(
                        QuestionKind.RELATION,
                        Say.ASK_WHICH_SMALLER,
                        "",
                        otherThan(large).shape().word());
            });
        }
        relations.leftmost().ifPresent(left -> related(left, "to the left of", "to the right of"));
        relations.topmost().ifPresent(top -> related(top, "above", "below"));
        relations.larger().ifPresent(large -> related(large, "larger than", "smaller than"));
        relations.pass().ifPresent(pass -> add(QuestionKind.YES_NO, Say.ASK_PASS, "", yes(pass)));
    }

    /** Whether one stands to the other as told; either may be asked about first. */
    private void related(Sprite subject, String relation, String opposite) {
        boolean said = random.nextBoolean();
        boolean swapped = random.nextBoolean();
        Sprite first = swapped ? otherThan(subject) : subject;
        String asked = said == swapped ? opposite : relation;
        String does = asked + " the " + oneOf(named(otherThan(first))).orElseThrow();
        add(QuestionKind.RELATION, Say.ASK_IS, oneOf(named(first)).orElseThrow(), does, yes(said));
    }

    private void there() {
        Sprite sprite = scene.sprites().get(random.nextInt(scene.sprites().size()));
        boolean changesColour = random.nextBoolean();
        boolean trueGuess = random.nextBoolean();
        Colour colour = trueGuess || !changesColour ? sprite.colour() : other(Colour.values(), sprite.colour());
        Shape shape = trueGuess || changesColour ? sprite.shape() : other(Shape.values(), sprite.shape());
        String noun = Wording.a(colour.word() + " " + shape.word());
        boolean is = count(s -> s.colour() == colour && s.shape() == shape) > 0;
        add(QuestionKind.YES_NO, Say.ASK_THERE, noun, yes(is));
    }

    private void isOrDoes(Sprite sprite) {
        boolean said = random.nextBoolean();
        oneOf(withoutColour(sprite)).ifPresent(np -> {
            Colour colour = said ? sprite.colour() : other(Colour.values(), sprite.colour());
            add(QuestionKind.YES_NO, Say.ASK_IS, np, colour.word(), yes(said));
        });
        boolean saidMotion = random.nextBoolean();
        Motion motion = saidMotion ? any(sprite.motions()) : unlike(sprite);
        String np = oneOf(named(sprite)).orElseThrow();
        add(QuestionKind.YES_NO, Say.ASK_DOES, np, Wording.infinitive(motion), yes(saidMotion));
    }

    /** A motion that nobody could say the shape makes: what goes up and left does not move left without doubt. */
    private Motion unlike(Sprite sprite) {
        while (true) {
            Motion motion = any(Motion.values());
            boolean alike = sprite.motions().stream()
                    .anyMatch(made -> made == motion
                            || made.dx() * motion.dx() > 0
                            || made.dy() * motion.dy() > 0
                            || (made == Motion.BOUNCE && motion.dy() != 0)
                            || (made.dy() != 0 && motion == Motion.BOUNCE)
                            || (made == Motion.BLINK && motion == Motion.STILL));
            if (!alike) {
                return motion;
            }
        }
    }

    private List<String> named(Sprite sprite) {
        return Stream.of(List.of(sprite.name()), withoutColour(sprite), withoutShape(sprite))
                .flatMap(List::stream)
                .filter(np -> !np.contains("that"))
                .distinct()
                .toList();
    }

    private List<String> withoutColour(Sprite sprite) {
        List<String> names = new ArrayList<>(common(sprite));
        if (count(s -> s.shape() == sprite.shape()) == 1) {
            names.add(sprite.shape().word());
        }
        return names;
    }

    private List<String> withoutShape(Sprite sprite) {
        List<String> names = new ArrayList<>(common(sprite));
        if (count(s -> s.colour() == sprite.colour()) == 1) {
            names.add(sprite.colour().word() + " shape");
            names.add(sprite.colour().word() + " one");
        }
        return names;
    }

    private List<String> common(Sprite sprite) {
        if (!scene.isPair()) {
            return List.of("shape");
        }
        Sprite other = otherThan(sprite);
        boolean told = !sprite.hasTwoPhases() && !other.hasTwoPhases() && sprite.motion() != other.motion();
        return told ? List.of("shape that " + sprite.motion().phrase()) : List.of();
    }

    private Sprite otherThan(Sprite sprite) {
        return scene.sprites().get(scene.first().equals(sprite) ? 1 : 0);
    }

    private long count(Predicate<Sprite> condition) {
        return scene.sprites().stream().filter(condition).count();
    }

    private void add(QuestionKind kind, Say say, String np, String answer) {
        add(kind, say, np, "", answer);
    }

    private void add(QuestionKind kind, Say say, String np, String does, String answer) {
        String text = any(say.of(phrasing)).replace("{np}", np).replace("{do}", does);
        questions.add(new Question(kind, text, answer));
    }

    private static String number(long count) {
        return List.of("zero", "one", "two").get((int) count);
    }

    private static String yes(boolean is) {
        return is ? "yes" : "no";
    }

    private Optional<String> oneOf(List<String> names) {
        return names.isEmpty() ? Optional.empty() : Optional.of(any(names));
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> T other(T[] values, T than) {
        while (true) {
            T value = any(values);
            if (value != than) {
                return value;
            }
        }
    }
}
