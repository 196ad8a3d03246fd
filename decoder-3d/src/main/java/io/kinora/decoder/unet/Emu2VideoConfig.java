package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.FrameReach;
import io.kinora.decoder.nn.ModuleConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Sizes and choices of an {@link Emu2VideoUNet}: those of the image network it grew from, and how frames meet in it. In
 * {@code config.json} the latter stand beside the former as {@code temporal_convolutions}, {@code frame_reach} and {@code key_frames}.
 *
 * @param image the image network, Stable Diffusion 2.1's in the paper, with Emu2's embedding width as context width
 * @param inflation whether a temporal convolution follows each spatial one
 * @param reach how far spatial self-attention reaches over the frames
 * @param keyFrames which key frames' embeddings a frame attends to
 * @param embeddingsPerFrame visual embeddings of one key frame
 */
public record Emu2VideoConfig(
        UNet2dConfig image, Conv2d.Inflation inflation, FrameReach reach, KeyFrames keyFrames, int embeddingsPerFrame) {
    private static final int EMBEDDINGS = 64;

    /** Checks that the network has cross-attention and nothing that one image's size would decide. */
    public Emu2VideoConfig {
        Objects.requireNonNull(inflation);
        Objects.requireNonNull(reach);
        Objects.requireNonNull(keyFrames);
        if (image.contextWidth().isEmpty()
                || image.sizeEmbedding().isPresent()
                || image.classWidth().isPresent()) {
            throw new IllegalArgumentException(
                    "Emu2's video decoder is conditioned on visual embeddings and time alone");
        }
        if (embeddingsPerFrame < 1) {
            throw new IllegalArgumentException("a key frame has at least one embedding, got " + embeddingsPerFrame);
        }
    }

    /** Reads {@code config.json} in a folder. */
    public static Emu2VideoConfig read(Path folder) {
        return of(ModuleConfig.read(folder));
    }

    /** Reads a configuration; absent keys have the values of the paper's wording: temporal convolutions, attention over all frames. */
    public static Emu2VideoConfig of(ModuleConfig config) {
        return new Emu2VideoConfig(
                UNet2dConfig.of(config),
                config.flag("temporal_convolutions", true) ? Conv2d.Inflation.TEMPORAL : Conv2d.Inflation.SPATIAL,
                choice(config, "frame_reach", FrameReach.ALL_FRAMES),
                choice(config, "key_frames", KeyFrames.NEAREST),
                config.integer("embeddings_per_frame", EMBEDDINGS));
    }

    private static <E extends Enum<E>> E choice(ModuleConfig config, String key, E absent) {
        E[] values = absent.getDeclaringClass().getEnumConstants();
        String name = config.text(key).orElse(absent.name()).toUpperCase(Locale.ROOT);
        for (E value : values) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        throw config.invalid("'%s' is '%s'; there are %s"
                .formatted(
                        key,
                        name.toLowerCase(Locale.ROOT),
                        Arrays.toString(values).toLowerCase(Locale.ROOT)));
    }
}
