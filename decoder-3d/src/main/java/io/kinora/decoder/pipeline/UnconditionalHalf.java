package io.kinora.decoder.pipeline;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * What guidance moves away from, predicted by a pipeline of its own: the half of a job that a second device can compute. Made by
 * {@link DiffusionPipeline#unconditional}. Confined to one thread at a time.
 */
public final class UnconditionalHalf implements AutoCloseable {
    private final Engine engine;
    private final GuidedUNet unet;
    private Optional<Tensor> last = Optional.empty();

    UnconditionalHalf(Engine engine, GuidedUNet unet) {
        this.engine = engine;
        this.unet = unet;
    }

    /**
     * The prediction for a sample of any engine, at an evaluation of the job's sampler.
     *
     * @return this object's, until the next call or {@link #close}
     */
    public Tensor predict(Tensor sample, int step) {
        last.ifPresent(Tensor::close);
        last = Optional.empty();
        try (Scope scope = engine.scope()) {
            Tensor prediction = scope.detach(unet.predict(engine.adopt(sample), step));
            last = Optional.of(prediction);
            return prediction;
        }
    }

    @Override
    public void close() {
        last.ifPresent(Tensor::close);
        last = Optional.empty();
        unet.close();
    }
}
