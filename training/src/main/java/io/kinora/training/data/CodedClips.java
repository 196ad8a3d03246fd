package io.kinora.training.data;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.world.Scene;
import io.kinora.training.world.SceneRenderer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Clips as a frozen encoder and a frozen autoencoder give them, each coded once and kept: a training that comes back to a clip pays only for what learns.
 *
 * <p>Letters: F frames, K key frames, n embeddings of a frame, W their width, L latent channels. {@link #draw} may be called by any thread, the rest
 * by one. Owns what it keeps.
 */
public final class CodedClips implements AutoCloseable {
    private final Engine engine;
    private final SceneSource scenes;
    private final Sizes sizes;
    private final Function<Pixels, Tensor> latents;
    private final Function<Pixels, Tensor> embeddings;
    private final Map<Long, Coded> known = new ConcurrentHashMap<>();

    /**
     * Sizes of a clip.
     *
     * @param frames F
     * @param side of a frame
     * @param keyFrames K
     * @param keySide of a key frame
     */
    public record Sizes(int frames, int side, int keyFrames, int keySide) {}

    /** Pixels of a clip and of its key frames. */
    public record Drawing(Pixels frames, Pixels keyFrames) {}

    /** A clip by its number, and its pixels if it was not known when it was drawn. */
    public record Drawn(long number, Optional<Drawing> drawing) {}

    /** Latents {@code [F, L, y, x]} and embeddings {@code [K, n, W]}; not the caller's to close. */
    public record Coded(Tensor latents, Tensor embeddings) {}

    /**
     * Of scenes by number.
     *
     * @param latents codes frames as {@code [F, L, y, x]}
     * @param embeddings codes key frames as {@code [K, n, W]}
     */
    public CodedClips(
            Engine engine,
            SceneSource scenes,
            Sizes sizes,
            Function<Pixels, Tensor> latents,
            Function<Pixels, Tensor> embeddings) {
        this.engine = engine;
        this.scenes = scenes;
        this.sizes = sizes;
        this.latents = latents;
        this.embeddings = embeddings;
    }

    /** Draws the scene of a number, without any computation on the engine. */
    public Drawn draw(long number) {
        return new Drawn(number, known.containsKey(number) ? Optional.empty() : Optional.of(drawing(number)));
    }

    private Drawing drawing(long number) {
        Scene scene = scenes.scene(number);
        SceneRenderer large = new SceneRenderer(scene, sizes.side(), sizes.side());
        SceneRenderer small = new SceneRenderer(scene, sizes.keySide(), sizes.keySide());
        List<byte[]> frames = IntStream.range(0, sizes.frames())
                .mapToObj(frame -> large.pixels(SceneRenderer.moment(frame, sizes.frames())))
                .toList();
        List<byte[]> keys = IntStream.range(0, sizes.keyFrames())
                .mapToObj(key -> small.pixels(KeyFrameTimes.moment(key, sizes.keyFrames(), sizes.frames())))
                .toList();
        return new Drawing(new Pixels(frames, sizes.side()), new Pixels(keys, sizes.keySide()));
    }

    /** What a drawn clip is coded as. */
    public Coded coded(Drawn drawn) {
        return known.computeIfAbsent(
                drawn.number(), number -> code(drawn.drawing().orElseGet(() -> drawing(number))));
    }

    private Coded code(Drawing drawing) {
        try (Scope scope = engine.scope()) {
            return new Coded(
                    scope.detach(latents.apply(drawing.frames())), scope.detach(embeddings.apply(drawing.keyFrames())));
        }
    }

    @Override
    public void close() {
        known.values().forEach(clip -> {
            clip.latents().close();
            clip.embeddings().close();
        });
        known.clear();
    }
}
