package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.time.Duration;

/**
 * How a clip was made, the checkpoint's defaults filled in.
 *
 * @param frames in the clip
 * @param width in pixels
 * @param height in pixels
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param sampler its name
 * @param denoising time of all steps
 * @param decoding time from the last step to the finished file: VAE and encoding
 */
public record RenderedAs(
        int frames,
        int width,
        int height,
        int steps,
        double guidance,
        String sampler,
        Duration denoising,
        Duration decoding)
        implements KryoMessage {}
