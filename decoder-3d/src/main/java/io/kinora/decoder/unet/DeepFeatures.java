package io.kinora.decoder.unet;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * What the inner levels of a U-Net hand to the outermost ones on the way up, kept from one denoising step for the next ones: it changes
 * slowly from step to step. Ma et al. 2023, DeepCache, arXiv:2312.00858, cut between levels instead of units.
 *
 * <p>Belongs to one conditioning of one network, for samples of one shape. Not thread-safe.
 */
public final class DeepFeatures implements AutoCloseable {
    private final int outerLevels;
    private Optional<Tensor> hidden = Optional.empty();

    /** Nothing yet; {@code outerLevels} levels are run at every step, at least one and fewer than the network has. */
    public DeepFeatures(int outerLevels) {
        if (outerLevels < 1) {
            throw new IllegalArgumentException("at least the outermost level runs at every step, got " + outerLevels);
        }
        this.outerLevels = outerLevels;
    }

    /** Levels that run at every step, from the outside. */
    public int outerLevels() {
        return outerLevels;
    }

    /** True if the next step is going to reuse what the last whole one left. */
    public boolean isHeld() {
        return hidden.isPresent();
    }

    /** Makes the next step a whole one. */
    public void forget() {
        hidden.ifPresent(Tensor::close);
        hidden = Optional.empty();
    }

    void hold(Scope scope, Tensor tensor) {
        forget();
        hidden = Optional.of(scope.detach(tensor));
    }

    /** A view that the up blocks may close. */
    Tensor view() {
        Tensor held = hidden.orElseThrow(() -> new IllegalStateException("no step has left its deep features yet"));
        return held.slice(0, 0, held.dim(0));
    }

    @Override
    public void close() {
        forget();
    }
}
