package io.kinora.training.world;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** True sentences about whole scenes. */
public final class Captions {
    private static final double SAYS_SIZE = 0.3;
    private static final double SAYS_BACKGROUND = 0.25;

    private Captions() {}

    /**
     * The one canonical sentence, as {@code a red circle moves left and a blue star grows}: shapes in the order of their
     * colours, then of their outlines, as declared.
     */
    public static String plain(Scene scene) {
        return inOrder(scene).stream()
                .map(sprite -> Wording.a(sprite.name()) + " " + does(sprite))
                .collect(Collectors.joining(" and "));
    }

    /** A sentence in one of many forms, which may leave out or tell sizes and the background. */
    public static String varied(Scene scene, Split phrasing, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String ground = random.nextDouble() < SAYS_BACKGROUND ? " " + onBackground(scene.background()) : "";
        if (!scene.isPair()) {
            Sprite sprite = scene.first();
            return framed(Wording.a(noun(sprite, random)), varied(sprite, random) + ground, phrasing, random);
        }
        List<Sprite> sprites = inOrder(scene);
        Sprite one = sprites.get(random.nextInt(2));
        Sprite other = sprites.get(one.equals(sprites.get(0)) ? 1 : 0);
        String join = one(List.of(" and ", " while ", ", and "), random);
        String rest = join + Wording.a(noun(other, random)) + " " + varied(other, random) + ground;
        return framed(Wording.a(noun(one, random)), varied(one, random) + rest, phrasing, random);
    }

    /** What one frame shows, without motion, as {@code a red circle on a dark background}. */
    public static String picture(Scene scene, double moment, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> nouns = inOrder(scene).stream()
                .filter(sprite -> sprite.at(moment).visible())
                .map(sprite -> Wording.a(noun(sprite, random)))
                .toList();
        String ground = Wording.a((scene.background().isDark() ? "dark" : "light") + " background");
        if (nouns.isEmpty()) {
            return ground;
        }
        String shown = String.join(" and ", nouns);
        return switch (random.nextInt(4)) {
            case 0 -> shown + " on " + ground;
            case 1 -> "a picture of " + shown;
            case 2 -> Wording.capital(shown) + ".";
            default -> shown;
        };
    }

    /** What a shape does over the whole clip, as {@code moves left, then grows}. */
    static String does(Sprite sprite) {
        return sprite.motions().stream().map(Motion::phrase).collect(Collectors.joining(", then "));
    }

    static String onBackground(Background background) {
        return "on a %s background".formatted(background.isDark() ? "dark" : "light");
    }

    /** In one of the sentence forms. */
    static String framed(String thing, String does, Split phrasing, SplittableRandom random) {
        String it = thing + " " + does;
        List<String> frames = Wording.frames(phrasing).stream()
                .filter(frame -> !(does.contains(" and a ") || does.contains(" while ")) || !frame.contains("{thing}"))
                .toList();
        return one(frames, random)
                .replace("{it}", it)
                .replace("{It}", Wording.capital(it))
                .replace("{thing}", thing)
                .replace("{does}", does);
    }

    static String varied(Sprite sprite, SplittableRandom random) {
        String join = one(List.of(", then ", " and then ", ", and then "), random);
        return sprite.motions().stream()
                .map(motion -> one(Wording.motion(motion), random))
                .collect(Collectors.joining(join));
    }

    private static String noun(Sprite sprite, SplittableRandom random) {
        boolean telling = !sprite.resizes() && random.nextDouble() < SAYS_SIZE;
        return (telling ? sprite.size().word() + " " : "") + sprite.name();
    }

    private static List<Sprite> inOrder(Scene scene) {
        return scene.sprites().stream()
                .sorted(Comparator.comparing(Sprite::colour).thenComparing(Sprite::shape))
                .toList();
    }

    private static <T> T one(List<T> values, SplittableRandom random) {
        return values.get(random.nextInt(values.size()));
    }
}
