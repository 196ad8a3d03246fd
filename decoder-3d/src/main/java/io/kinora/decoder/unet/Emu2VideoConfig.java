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
 * {@code config.json} the latter stand beside the former as {@code temporal_convolutions}, {@code frame_reach}, {@code key_frames} and
 * {@code key_frames_with_time}.
 *
 * @param image the image network, Stable Diffusion 2.1's in the paper, with Emu2's embedding width as context width
 * @param inflation whether a temporal convolution follows each spatial one
 * @param reach how far spatial self-attention reaches over the frames
 * @param keyFrames which key frames' embeddings a frame attends to
 * @param withTime whether a frame's embeddings join its time embedding too, by a perceptron of two layers; {@code key_frames_with_time}
 * @param embeddingsPerFrame visual embeddings of one key frame
 * @param keyFrameCount key frames that a clip is made from where a prompt decides them; {@code key_frame_count}
 * @param guidance scale of guidance that the network was trained for; {@code guidance_scale}
 * @param steps denoising steps that are enough for it; {@code num_inference_steps}
 */
public record Emu2VideoConfig(
        UNet2dConfig image,
        Conv2d.Inflation inflation,
        FrameReach reach,
        KeyFrames keyFrames,
        boolean withTime,
        int embeddingsPerFrame,
        int keyFrameCount,
        double guidance,
        int steps) {
    private static final int EMBEDDINGS = 64;
    private static final double GUIDANCE = 3;
    private static final int STEPS = 50;

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
        if (keyFrameCount < 1 || steps < 1 || guidance < 0) {
            throw new IllegalArgumentException(
                    "a clip is made from key frames in steps, got %d key frames, %d steps and guidance %s"
                            .formatted(keyFrameCount, steps, guidance));
        }
        if (embeddingsPerFrame < 1) {
            throw new IllegalArgumentException("a key frame has at least one embedding, got " + embeddingsPerFrame);
        }
    }

    /** With one key frame, and the guidance and steps of the released image decoder. */
    public Emu2VideoConfig(
            UNet2dConfig image,
            Conv2d.Inflation inflation,
            FrameReach reach,
            KeyFrames keyFrames,
            int embeddingsPerFrame) {
        this(image, inflation, reach, keyFrames, false, embeddingsPerFrame, 1, GUIDANCE, STEPS);
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
                config.flag("key_frames_with_time", false),
                config.integer("embeddings_per_frame", EMBEDDINGS),
                config.integer("key_frame_count", 1),
                config.number("guidance_scale", GUIDANCE),
                config.integer("num_inference_steps", STEPS));
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
