package io.kinora.decoder.pipeline;

import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DeepFeatures;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A U-Net with its prompt, its timesteps and its guidance, all prepared once for one job.
 *
 * <p>The halves of guidance are one batch, or two calls one after the other in about half the memory: the samples of a batch do not mix, so
 * the prediction is the same.
 */
final class GuidedUNet implements AutoCloseable {
    private final DenoisingUNet unet;
    private final Function<UNetPrompt, Conditioning> condition;
    private final Mode mode;
    private final List<Half> halves = new ArrayList<>(); // one, or unconditional and conditional
    private int predictions;

    /**
     * How predictions are made.
     *
     * @param guidance scale and rescale
     * @param batched whether both halves of guidance are one batch
     * @param stepCache whether deep features are reused between steps
     */
    record Mode(Guidance guidance, boolean batched, Optional<StepCache> stepCache) {}

    /** One prompt, or a batch of both, made ready. */
    private record Half(Conditioning conditioning, TimeSchedule schedule, Optional<DeepFeatures> deep) {}

    /** Must be closed; its tensors are in no scope. */
    GuidedUNet(
            Engine engine,
            DenoisingUNet unet,
            Function<UNetPrompt, Conditioning> condition,
            Conditions conditions,
            Mode mode,
            double... timesteps) {
        this.unet = unet;
        this.condition = condition;
        this.mode = mode;
        try (Scope scope = engine.scope()) {
            if (!mode.guidance().isOn()) {
                prepare(conditions.conditional(), timesteps);
            } else if (mode.batched()) {
                prepare(conditions.joined(engine), timesteps);
            } else {
                prepare(conditions.unconditional().orElseThrow(), timesteps);
                prepare(conditions.conditional(), timesteps);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void prepare(UNetPrompt prompt, double... timesteps) {
        Conditioning conditioning = condition.apply(prompt);
        try {
            Optional<DeepFeatures> deep = mode.stepCache().map(cache -> new DeepFeatures(cache.depth()));
            halves.add(new Half(conditioning, unet.embedTime(conditioning, timesteps), deep));
        } catch (RuntimeException e) {
            conditioning.close();
            throw e;
        }
    }

    /** The guided prediction for {@code sample [B, C, ...]} at the {@code i}-th timestep. */
    Tensor predict(Tensor sample, int i) {
        boolean whole = mode.stepCache()
                .map(cache -> predictions % cache.interval() == 0)
                .orElse(true);
        if (whole) {
            halves.forEach(half -> half.deep().ifPresent(DeepFeatures::forget));
        }
        predictions++;
        if (!mode.guidance().isOn()) {
            return forward(halves.get(0), sample, i);
        }
        if (mode.batched()) {
            Tensor twice = sample.engine().cat(List.of(sample, sample), 0);
            List<Tensor> both = forward(halves.get(0), twice, i).chunk(2, 0);
            return mode.guidance().combine(both.get(1), both.get(0));
        }
        Tensor unconditional = forward(halves.get(0), sample, i);
        return mode.guidance().combine(forward(halves.get(1), sample, i), unconditional);
    }

    private Tensor forward(Half half, Tensor sample, int i) {
        TimeStep time = half.schedule().step(i);
        return half.deep().isPresent()
                ? unet.forward(sample, time, half.conditioning(), half.deep().get())
                : unet.forward(sample, time, half.conditioning());
    }

    @Override
    public void close() {
        halves.forEach(half -> {
            half.deep().ifPresent(DeepFeatures::close);
            half.schedule().close();
            half.conditioning().close();
        });
        halves.clear();
    }
}
