package io.kinora.training.world;

import java.util.List;
import java.util.Map;

/** The sentences of the world: for each thing to say, those that are trained on and those that are held out. */
final class Wording {
    /** What is asked or told. Marks in braces are filled in: {np} a noun phrase, {do} a verb. */
    enum Say {
        ASK_COLOUR(
                List.of(
                        "What colour is the {np}?",
                        "Which colour is the {np}?",
                        "What is the colour of the {np}?",
                        "Tell me the colour of the {np}.",
                        "In the video, what colour is the {np}?",
                        "What colour does the {np} have?",
                        "Tell me what colour the {np} is.",
                        "The {np} is what colour?",
                        "In the video, which colour is the {np}?"),
                List.of("The {np} is of what colour?", "Tell me which colour the {np} is.")),
        ASK_SHAPE(
                List.of(
                        "What shape is the {np}?",
                        "Which shape is the {np}?",
                        "What is the shape of the {np}?",
                        "Tell me the shape of the {np}.",
                        "In the video, what shape is the {np}?",
                        "What shape does the {np} have?",
                        "Tell me what shape the {np} is.",
                        "The {np} is what shape?",
                        "In the video, which shape is the {np}?"),
                List.of("The {np} is of what shape?", "Tell me which shape the {np} is.")),
        ASK_SHAPE_ALONE(
                List.of(
                        "What shape is it?",
                        "What shape is in the video?",
                        "Which shape is there?",
                        "What shape can you see?",
                        "In the video, what shape is there?",
                        "Which shape is it?",
                        "Which shape can you see?",
                        "Tell me the shape.",
                        "In the video, which shape is there?"),
                List.of("Tell me, what shape is it?", "Which shape is in the video?")),
        ASK_MOTION(
                List.of(
                        "What does the {np} do?",
                        "How does the {np} move?",
                        "What is the {np} doing?",
                        "Tell me what the {np} does.",
                        "How is the {np} moving?",
                        "The {np} does what?",
                        "In the video, how does the {np} move?",
                        "Tell me how the {np} is moving."),
                List.of("In the video, what does the {np} do?", "Tell me how the {np} moves.")),
        ASK_FIRST(
                List.of(
                        "What does the {np} do first?",
                        "First, what does the {np} do?",
                        "What is the first thing the {np} does?",
                        "In the video, what does the {np} do first?",
                        "What does the {np} do at the beginning?",
                        "At the beginning, what does the {np} do?",
                        "Tell me the first thing the {np} does."),
                List.of("Tell me what the {np} does first.")),
        ASK_LAST(
                List.of(
                        "What does the {np} do then?",
                        "What does the {np} do at the end?",
                        "What is the last thing the {np} does?",
                        "At the end, what does the {np} do?",
                        "Tell me the last thing the {np} does.",
                        "Tell me what the {np} does then.",
                        "In the video, what does the {np} do then?"),
                List.of("Tell me what the {np} does at the end.")),
        ASK_FIRST_EVENT(
                List.of(
                        "What happens first?",
                        "What happens at the beginning?",
                        "What is the first thing that happens?",
                        "In the video, what happens first?",
                        "Tell me what happens at the beginning."),
                List.of("Tell me what happens first.")),
        ASK_LAST_EVENT(
                List.of(
                        "What happens then?",
                        "What happens at the end?",
                        "What is the last thing that happens?",
                        "In the video, what happens at the end?",
                        "Tell me what happens then."),
                List.of("Tell me what happens at the end.")),
        ASK_COUNT(
                List.of(
                        "How many {np} are there?",
                        "How many {np} are in the video?",
                        "How many {np} can you see?",
                        "Tell me how many {np} there are.",
                        "In the video, how many {np} can you see?",
                        "Tell me, how many {np} are there?",
                        "The video has how many {np}?"),
                List.of("In the video, how many {np} are there?")),
        ASK_SIZE(
                List.of(
                        "How large is the {np}?",
                        "What size is the {np}?",
                        "What is the size of the {np}?",
                        "In the video, how large is the {np}?",
                        "How big is the {np}?",
                        "Tell me how large the {np} is.",
                        "What size does the {np} have?",
                        "In the video, what size is the {np}?"),
                List.of("Tell me the size of the {np}.")),
        ASK_BACKGROUND(
                List.of(
                        "Is the background dark or light?",
                        "How is the background, dark or light?",
                        "What is the background like, dark or light?",
                        "In the video, is the background dark or light?",
                        "Tell me how the background is, dark or light."),
                List.of("Tell me, is the background dark or light?")),
        ASK_EVERYTHING(
                List.of(
                        "What happens in the video?",
                        "Describe the video.",
                        "What can you see in the video?",
                        "What is happening?",
                        "What does the video show?",
                        "Tell me what you can see in the video.",
                        "Tell me what is happening."),
                List.of("Tell me what happens in the video.", "What is happening in the video?")),
        ASK_THERE(
                List.of(
                        "Is there {np}?",
                        "Is there {np} in the video?",
                        "Can you see {np}?",
                        "Tell me, is there {np}?",
                        "In the video, can you see {np}?",
                        "Tell me, can you see {np}?",
                        "Tell me, is there {np} in the video?"),
                List.of("In the video, is there {np}?")),
        ASK_IS(
                List.of(
                        "Is the {np} {do}?",
                        "Would you say the {np} is {do}?",
                        "In the video, is the {np} {do}?",
                        "In the video, would you say the {np} is {do}?",
                        "Tell me, would you say the {np} is {do}?"),
                List.of("Tell me, is the {np} {do}?")),
        ASK_DOES(
                List.of(
                        "Does the {np} {do}?",
                        "Can you see the {np} {do}?",
                        "Tell me, does the {np} {do}?",
                        "In the video, can you see the {np} {do}?",
                        "Tell me, can you see the {np} {do}?"),
                List.of("In the video, does the {np} {do}?")),
        ASK_PASS(
                List.of(
                        "Do the shapes pass each other?",
                        "Do the two shapes pass each other?",
                        "Can you see the shapes pass each other?",
                        "Tell me, do the shapes pass each other?",
                        "In the video, do the two shapes pass each other?"),
                List.of("In the video, do the shapes pass each other?")),
        ASK_WHICH_LEFT(
                List.of(
                        "Which shape is on the left?",
                        "What shape is on the left?",
                        "Tell me which shape is on the left.",
                        "In the video, which shape is on the left?",
                        "The shape on the left is which one?"),
                List.of("On the left, which shape is there?")),
        ASK_WHICH_RIGHT(
                List.of(
                        "Which shape is on the right?",
                        "What shape is on the right?",
                        "Tell me which shape is on the right.",
                        "In the video, which shape is on the right?",
                        "The shape on the right is which one?"),
                List.of("On the right, which shape is there?")),
        ASK_WHICH_TOP(
                List.of(
                        "Which shape is above the other?",
                        "What shape is above the other one?",
                        "In the video, which shape is above the other?",
                        "The shape above the other is which one?",
                        "Tell me what shape is above the other one."),
                List.of("Tell me which shape is above the other.")),
        ASK_WHICH_BOTTOM(
                List.of(
                        "Which shape is below the other?",
                        "What shape is below the other one?",
                        "In the video, which shape is below the other?",
                        "The shape below the other is which one?",
                        "Tell me what shape is below the other one."),
                List.of("Tell me which shape is below the other.")),
        ASK_WHICH_LARGER(
                List.of(
                        "Which shape is larger?",
                        "Which shape is the larger one?",
                        "In the video, which shape is larger?",
                        "The larger shape is which one?",
                        "Tell me the larger shape."),
                List.of("Tell me which shape is larger.")),
        ASK_WHICH_SMALLER(
                List.of(
                        "Which shape is smaller?",
                        "Which shape is the smaller one?",
                        "In the video, which shape is smaller?",
                        "The smaller shape is which one?",
                        "Tell me the smaller shape."),
                List.of("Tell me which shape is smaller."));

        @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
        private final List<String> trained;

        @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
        private final List<String> heldOut;

        Say(List<String> trained, List<String> heldOut) {
            this.trained = trained;
            this.heldOut = heldOut;
        }

        List<String> of(Split split) {
            return split == Split.TRAIN ? trained : heldOut;
        }
    }

    private static final Map<Motion, List<String>> TRAINED_MOTIONS = Map.ofEntries(
            Map.entry(Motion.LEFT, List.of("moves left", "moves to the left", "moves from right to left")),
            Map.entry(Motion.RIGHT, List.of("moves right", "moves to the right", "moves from left to right")),
            Map.entry(Motion.UP, List.of("moves up", "moves upwards", "rises")),
            Map.entry(Motion.DOWN, List.of("moves down", "moves downwards", "falls")),
            Map.entry(Motion.UP_LEFT, List.of("moves up and left", "moves up and to the left")),
            Map.entry(Motion.UP_RIGHT, List.of("moves up and right", "moves up and to the right")),
            Map.entry(Motion.DOWN_LEFT, List.of("moves down and left", "moves down and to the left")),
            Map.entry(Motion.DOWN_RIGHT, List.of("moves down and right", "moves down and to the right")),
            Map.entry(Motion.GROW, List.of("grows", "gets larger")),
            Map.entry(Motion.SHRINK, List.of("shrinks", "gets smaller")),
            Map.entry(Motion.SPIN, List.of("spins", "rotates", "turns around")),
            Map.entry(Motion.BLINK, List.of("blinks", "blinks on and off")),
            Map.entry(Motion.BOUNCE, List.of("bounces", "bounces up and down")),
            Map.entry(Motion.STILL, List.of("stays still", "does not move")));

    private static final List<String> TRAINED_FRAMES =
            List.of("{it}", "{it}.", "{It}.", "a video of {thing} that {does}", "{It} in the video.");
    private static final List<String> HELD_OUT_FRAMES = List.of("a video: {it}", "In the video, {it}.");

    private Wording() {}

    /** Ways to say what a shape does; the first is the answer to a question about it. */
    static List<String> motion(Motion motion) {
        return TRAINED_MOTIONS.get(motion);
    }

    /** Sentences around a subject ({thing}) and what it does ({does}), together {it}, with {It} at a sentence's beginning. */
    static List<String> frames(Split split) {
        return split == Split.TRAIN ? TRAINED_FRAMES : HELD_OUT_FRAMES;
    }

    /** The verb after "does": as {@code move left}. */
    static String infinitive(Motion motion) {
        if (motion == Motion.STILL) {
            return "stay still";
        }
        String phrase = motion.phrase();
        int end = phrase.contains(" ") ? phrase.indexOf(' ') : phrase.length();
        return phrase.substring(0, end - 1) + phrase.substring(end);
    }

    /** With its article: as {@code an orange star}. */
    static String a(String noun) {
        return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }

    static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
