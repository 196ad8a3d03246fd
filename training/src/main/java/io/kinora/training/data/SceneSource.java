package io.kinora.training.data;

import io.kinora.training.world.Scene;
import io.kinora.training.world.ScenePrompt;
import io.kinora.training.world.ScenePrompts;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.util.SplittableRandom;

/** Scenes by number for the decoders: some as a prompt alone determines them, the rest with everything varied. Immutable. */
public final class SceneSource {
    private static final long STREAM = 0x9e3779b9L;

    private final World world;
    private final ScenePrompts prompts;
    private final Split split;
    private final double canonical;

    /**
     * Scenes of a world.
     *
     * @param canonical share of the scenes that a prompt determines
     */
    public SceneSource(World world, Split split, double canonical) {
        this.world = world;
        this.prompts = new ScenePrompts(world);
        this.split = split;
        this.canonical = canonical;
    }

    /** The scene of a number. */
    public Scene scene(long index) {
        boolean prompted = new SplittableRandom(index * STREAM).nextDouble() < canonical;
        return prompted ? prompts.prompt(split, index).scene() : world.scene(split, index);
    }

    /** The prompt of a number, with the scene it determines. */
    public ScenePrompt prompt(long index) {
        return prompts.prompt(split, index);
    }
}
