package io.kinora.training.world;

/**
 * A prompt for a clip and the one scene it asks for: what the prompt does not tell has its usual value.
 *
 * @param text as {@code a large red circle moves to the right}
 * @param scene one shape in the middle of its path, of medium size unless told, on a plain dark ground unless told
 */
public record ScenePrompt(String text, Scene scene) {}
