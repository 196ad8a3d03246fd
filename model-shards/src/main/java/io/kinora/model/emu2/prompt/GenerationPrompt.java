package io.kinora.model.emu2.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What Emu2-Gen makes a picture from. */
public sealed interface GenerationPrompt {
    /** The language model regresses the picture's embeddings after these parts. */
    record Regressed(List<PromptPart> parts) implements GenerationPrompt {
        /** Copies the list. */
        public Regressed {
            parts = List.copyOf(parts);
        }
    }

    /** The picture's own embeddings are decoded, without the language model. */
    record Autoencoded(Picture picture) implements GenerationPrompt {}

    /** A thing to be shown at a place, by its name and perhaps a picture of it. */
    record Subject(String name, Box box, Optional<Picture> likeness) {}

    /** The place of a single subject when none is given, as the authors' front end has it. */
    Box CENTRE = new Box(110, 110, 340, 340);

    /**
     * The released rule: one picture and no text (not even an empty one) is autoencoded, anything with text is regressed.
     *
     * @throws IllegalArgumentException if there is no text and not exactly one picture, or there are frames
     */
    static GenerationPrompt of(List<PromptPart> parts) {
        if (parts.stream()
                .anyMatch(part -> part instanceof PromptPart.Frames || part instanceof PromptPart.MoreFrames)) {
            throw new IllegalArgumentException(
                    "a picture cannot be made from the frames of a clip; give single pictures");
        }
        boolean anyText =
                parts.stream().anyMatch(part -> part instanceof PromptPart.Text || part instanceof PromptPart.Markup);
        if (anyText) {
            return new Regressed(parts);
        }
        if (parts.size() == 1 && parts.get(0) instanceof PromptPart.Image image) {
            return new Autoencoded(image.picture());
        }
        throw new IllegalArgumentException(
                "without text, a prompt is exactly one picture (which is autoencoded), got %d parts"
                        .formatted(parts.size()));
    }

    /** A picture of what a text says. */
    static GenerationPrompt textToImage(String text) {
        return new Regressed(List.of(new PromptPart.Text(text)));
    }

    /** A picture changed as an instruction says. */
    static GenerationPrompt edit(Picture picture, String instruction) {
        return new Regressed(List.of(new PromptPart.Image(picture), new PromptPart.Text(instruction)));
    }

    /** A new picture from a picture alone, through the language model. */
    static GenerationPrompt forced(Picture picture) {
        return new Regressed(List.of(new PromptPart.Text(""), new PromptPart.Image(picture)));
    }

    /** A caption with subjects at their places. */
    static GenerationPrompt grounded(String caption, List<Subject> subjects) {
        List<PromptPart> parts = new ArrayList<>();
        parts.add(new PromptPart.Markup("<grounding>"));
        parts.add(new PromptPart.Text(caption));
        subjects.forEach(subject -> addSubject(subject, parts));
        return new Regressed(parts);
    }

    /** A pictured subject in the middle of what a text says. */
    static GenerationPrompt subjectInTheMiddle(String name, Picture likeness, String text) {
        List<PromptPart> parts = new ArrayList<>();
        parts.add(new PromptPart.Markup("<grounding>"));
        addSubject(new Subject(name, CENTRE, Optional.of(likeness)), parts);
        parts.add(new PromptPart.Text(text));
        return new Regressed(parts);
    }

    private static void addSubject(Subject subject, List<PromptPart> parts) {
        parts.add(new PromptPart.Markup("<phrase>"));
        parts.add(new PromptPart.Text(subject.name()));
        parts.add(new PromptPart.Markup("</phrase><object>"));
        parts.add(new PromptPart.Image(new Picture.OfBox(subject.box())));
        parts.add(new PromptPart.Markup("</object>"));
        subject.likeness().ifPresent(picture -> parts.add(new PromptPart.Image(picture)));
    }
}
