package io.kinora.training.world;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Prompts and the canonical scenes they determine. */
public final class ScenePrompts {
    private static final double TELLS_SIZE = 0.3;
    private static final double TELLS_GROUND = 0.15;
    private static final double TRAVEL = 0.5;
    private static final double TURN = Math.PI;
    private static final int LIGHT = 0xdcdce0;

    private final World world;

    /** The prompts of a world. */
    public ScenePrompts(World world) {
        this.world = world;
    }

    /** A prompt; those of the held-out split ask for combinations that are held out, half of them in phrasings held out too. */
    public ScenePrompt prompt(Split split, long index) {
        SplittableRandom random = world.random(split, index, 2);
        List<Combination> combinations = combinations(split);
        Combination chosen = combinations.get(random.nextInt(combinations.size()));
        boolean resizes = chosen.motion.resizes();
        boolean tellsSize = !resizes && random.nextDouble() < TELLS_SIZE;
        Size size = tellsSize ? List.of(Size.values()).get(random.nextInt(Size.values().length)) : Size.MEDIUM;
        boolean tellsGround = random.nextDouble() < TELLS_GROUND;
        boolean light = tellsGround && random.nextBoolean() && !isLight(chosen.colour);
        Background ground = light ? Background.plain(LIGHT) : Background.plainDark();
        Sprite sprite = canonical(chosen.colour, chosen.shape, size, chosen.motion);
        String noun = (tellsSize ? size.word() + " " : "") + sprite.name();
        String does = Captions.varied(sprite, random) + (tellsGround ? " " + Captions.onBackground(ground) : "");
        Split phrasing = split == Split.HELD_OUT && random.nextBoolean() ? Split.HELD_OUT : Split.TRAIN;
        return new ScenePrompt(
                Captions.framed(Wording.a(noun), does, phrasing, random), new Scene(List.of(sprite), ground));
    }

    /** The scene of a prompt that tells no more than these. */
    public static Scene canonicalScene(Colour colour, Shape shape, Motion motion) {
        return new Scene(List.of(canonical(colour, shape, Size.MEDIUM, motion)), Background.plainDark());
    }

    /** A shape whose path has its middle in the middle of the frame. */
    static Sprite canonical(Colour colour, Shape shape, Size size, Motion motion) {
        double y = motion == Motion.BOUNCE ? 0.5 + TRAVEL / 2 : 0.5 - motion.dy() * TRAVEL / 2;
        return new Sprite(
                colour, colour.rgb(), shape, size, List.of(motion), 0.5 - motion.dx() * TRAVEL / 2, y, TRAVEL, 0, TURN);
    }

    private static boolean isLight(Colour colour) {
        return colour == Colour.WHITE || colour == Colour.YELLOW || colour == Colour.PINK;
    }

    private record Combination(Colour colour, Shape shape, Motion motion) {}

    private static List<Combination> combinations(Split split) {
        List<Combination> combinations = new ArrayList<>();
        for (Colour colour : Colour.values()) {
            for (Shape shape : Shape.values()) {
                for (Motion motion : Motion.values()) {
                    boolean heldOut = Holdout.reserves(colour, shape, motion);
                    if (motion.suits(shape) && heldOut == (split == Split.HELD_OUT)) {
                        combinations.add(new Combination(colour, shape, motion));
                    }
                }
            }
        }
        return combinations;
    }
}
