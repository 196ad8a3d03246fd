package io.kinora.training.data;

import io.kinora.model.modaverse.MediaKind;
import io.kinora.model.modaverse.meta.Invocation;
import io.kinora.training.world.Scene;
import java.util.Optional;

/**
 * An instruction, and the invocation it asks for (ModaVerse, section 3.3).
 *
 * @param shown what a user gives along with it
 * @param instruction the user's words
 * @param invocation what is to be made, out of which words
 */
public record InstructionPair(Optional<Shown> shown, String instruction, Invocation invocation) {
    /** A scene as a picture of its first moment, or as a clip. */
    public record Shown(Scene scene, MediaKind kind) {}

    /** The answer that the language model is to write, in the released form. */
    public String response() {
        return "%s Prompt: %s ###".formatted(invocation.modality().flag(), invocation.prompt());
    }
}
