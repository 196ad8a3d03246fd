package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;

/** Video latents {@code [B, C, F, Y, X]} on their way through a trunk that sees images. */
final class VideoLatents {
    private VideoLatents() {}

    /** What a trunk makes of images. */
    private interface Pass {
        Tensor apply(Tensor images, long frames);
    }

    static Tensor forward(UNetTrunk trunk, Tensor sample, TimeStep time, Conditioning conditioning) {
        return forward(trunk, sample, (images, frames) -> trunk.forward(images, frames, time, conditioning));
    }

    static Tensor forward(UNetTrunk trunk, Tensor sample, TimeStep time, Conditioning conditioning, DeepFeatures deep) {
        return forward(trunk, sample, (images, frames) -> trunk.forward(images, frames, time, conditioning, deep));
    }

    private static Tensor forward(UNetTrunk trunk, Tensor sample, Pass pass) {
        if (sample.rank() != 5
                || sample.dim(1) != trunk.inChannels()
                || sample.shape().elements() == 0) {
            throw new ShapeException("video latents are [B, %d, F, Y, X] with no empty axis, got %s"
                    .formatted(trunk.inChannels(), sample.shape()));
        }
        try (Scope scope = sample.engine().scope()) {
            long frames = sample.dim(2);
            Tensor out = pass.apply(ChannelsLast.images(sample), frames); // [B·F, O, Y, X]
            return scope.keep(ChannelsLast.video(out, frames).contiguous());
        }
    }
}
