package io.kinora.training.data;

import io.kinora.model.modaverse.MediaKind;
import io.kinora.model.modaverse.meta.Invocation;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.training.world.Captions;
import io.kinora.training.world.Colour;
import io.kinora.training.world.Motion;
import io.kinora.training.world.Scene;
import io.kinora.training.world.ScenePrompts;
import io.kinora.training.world.Split;
import io.kinora.training.world.Sprite;
import io.kinora.training.world.World;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Instructions and invocations out of the world, by number, of the three kinds of ModaVerse's alignment: about what is shown (input side), for something
 * to be made (output side), and for something to be made of what is shown (reasoning). Immutable.
 */
public final class InstructionPairs {
    private static final long STREAM = 0x2545f4914f6cdd1dL;

    private static final List<String> ASK = List.of(
            "What is in this {medium}?",
            "Describe the {medium}.",
            "What does the {medium} show?",
            "Tell me what you see.");
    private static final List<String> MAKE_CLIP = List.of(
            "Make a video of {it}.",
            "Show me a clip: {it}.",
            "I would like to see how {it}.",
            "Generate a video in which {it}.");
    private static final List<String> MAKE_PICTURE =
            List.of("Draw {it}.", "Make a picture of {it}.", "An image of {it}, please.", "Paint {it} for me.");
    private static final List<String> MAKE_SOUND =
            List.of("Play the sound of {it}.", "What does {it} sound like?", "Make a sound of {it}.");
    private static final List<String> SOUNDS =
            List.of("rain on a roof", "a barking dog", "a passing train", "waves on a beach", "a ringing bell");
    private static final List<String> RECOLOUR = List.of(
            "Make a video of the same in {colour}.",
            "Show me this again, but {colour}.",
            "The same clip in {colour}, please.");
    private static final List<String> TURN = List.of(
            "Make a video in which it {does} instead.",
            "Show me the same shape when it {does}.",
            "And if it {does}? Show me.");

    private final World world;
    private final Split split;

    /** Of a world. */
    public InstructionPairs(World world, Split split) {
        this.world = world;
        this.split = split;
    }

    /** The pair of a number: a third of all are of each kind. */
    public InstructionPair pair(long index) {
        SplittableRandom random = new SplittableRandom(index * STREAM);
        Scene scene = world.soloScene(split, index);
        return switch (Math.floorMod(index, 3)) {
            case 0 -> about(scene, random);
            case 1 -> making(scene.first(), random);
            default -> reasoning(scene, random);
        };
    }

    private static InstructionPair about(Scene scene, SplittableRandom random) {
        boolean clip = random.nextBoolean();
        String instruction = one(ASK, random).replace("{medium}", clip ? "video" : "picture");
        String answer = clip ? Captions.plain(scene) : a(scene.first().name());
        return new InstructionPair(
                shown(scene, clip ? MediaKind.VIDEO : MediaKind.IMAGE),
                instruction,
                new Invocation(Modality.TEXT, answer));
    }

    private static InstructionPair making(Sprite sprite, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> {
                String it = a(sprite.name()) + " " + sprite.motion().phrase();
                yield new InstructionPair(
                        Optional.empty(),
                        one(MAKE_CLIP, random).replace("{it}", it),
                        new Invocation(Modality.VIDEO, it));
            }
            case 1 -> {
                String it = a(sprite.name());
                yield new InstructionPair(
                        Optional.empty(),
                        one(MAKE_PICTURE, random).replace("{it}", it),
                        new Invocation(Modality.IMAGE, it));
            }
            default -> {
                String it = one(SOUNDS, random);
                yield new InstructionPair(
                        Optional.empty(),
                        one(MAKE_SOUND, random).replace("{it}", it),
                        new Invocation(Modality.AUDIO, it));
            }
        };
    }

    private static InstructionPair reasoning(Scene scene, SplittableRandom random) {
        Sprite sprite = scene.first();
        if (random.nextBoolean()) {
            Colour colour = one(List.of(Colour.values()), random);
            String instruction = one(RECOLOUR, random).replace("{colour}", colour.word());
            String made =
                    "%s %s".formatted(a(colour.word() + " " + sprite.shape().word()), does(sprite));
            return new InstructionPair(
                    shown(scene, MediaKind.VIDEO), instruction, new Invocation(Modality.VIDEO, made));
        }
        Motion motion = one(
                Motion.PHASES.stream().filter(any -> any.suits(sprite.shape())).toList(), random);
        String instruction = one(TURN, random).replace("{does}", motion.phrase());
        String made = "%s %s".formatted(a(sprite.name()), motion.phrase());
        MediaKind kind = random.nextBoolean() ? MediaKind.VIDEO : MediaKind.IMAGE;
        return new InstructionPair(shown(scene, kind), instruction, new Invocation(Modality.VIDEO, made));
    }

    private static Optional<InstructionPair.Shown> shown(Scene scene, MediaKind kind) {
        return Optional.of(new InstructionPair.Shown(scene, kind));
    }

    private static String does(Sprite sprite) {
        String caption = Captions.plain(ScenePrompts.canonicalScene(sprite.colour(), sprite.shape(), sprite.motion()));
        return caption.substring(a(sprite.name()).length() + 1);
    }

    private static String a(String noun) {
        return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }

    private static <T> T one(List<T> values, SplittableRandom random) {
        return values.get(random.nextInt(values.size()));
    }
}
