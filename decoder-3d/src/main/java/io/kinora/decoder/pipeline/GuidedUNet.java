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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A U-Net with its prompt, its timesteps and its guidance, all prepared once for one job.
 *
 * <p>The halves of guidance are one batch, or two calls one after the other in about half the memory: the samples of a batch do not mix, so
 * the prediction is the same. Halves that are computed elsewhere are asked for together, before this device begins with its own.
 */
final class GuidedUNet implements AutoCloseable {
    private final Engine engine;
    private final Mode mode;
    private final List<FarHalf> far = new ArrayList<>(); // of the halves, those computed elsewhere: the first ones
    private final List<FarHalf> owned = new ArrayList<>();
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
    private record Half(
            DenoisingUNet unet, Conditioning conditioning, TimeSchedule schedule, Optional<DeepFeatures> deep) {}

    /**
     * Must be closed; its tensors are in no scope.
     *
     * @param given the unconditional half, if it is computed elsewhere; the caller's
     */
    GuidedUNet(
            Engine engine,
            UNetPlace place,
            int frames,
            Conditions conditions,
            Mode mode,
            Optional<FarHalf> given,
            double... timesteps) {
        this.engine = engine;
        this.mode = mode;
        given.ifPresent(far::add);
        boolean both = mode.guidance().isOn() && given.isEmpty();
        try (Scope scope = engine.scope()) {
            if (both && mode.batched()) {
                prepare(place, frames, conditions.joined(engine), timesteps);
            } else {
                if (both) {
                    prepare(place, frames, conditions.unconditional().orElseThrow(), timesteps);
                }
                prepare(place, frames, conditions.conditional(), timesteps);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void prepare(UNetPlace place, int frames, UNetPrompt prompt, double... timesteps) {
        if (place instanceof UNetPlace.Elsewhere elsewhere) {
            FarHalf half = elsewhere.unet().prepare(prompt, frames, timesteps);
            owned.add(half);
            far.add(half);
        } else if (place instanceof UNetPlace.Here here) {
            prepare(here.unet(), here.condition().forFrames(frames).apply(prompt), timesteps);
        }
    }

    private void prepare(DenoisingUNet unet, Conditioning conditioning, double... timesteps) {
        try {
            Optional<DeepFeatures> deep = mode.stepCache().map(cache -> new DeepFeatures(cache.depth()));
            halves.add(new Half(unet, conditioning, unet.embedTime(conditioning, timesteps), deep));
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
        Tensor given = given(sample);
        List<CompletableFuture<Tensor>> elsewhere = far.stream()
                .map(other -> other.predict(given, i).toCompletableFuture())
                .toList();
        List<Tensor> here = new ArrayList<>();
        try {
            halves.forEach(half -> here.add(forward(half, given, i)));
        } finally {
            settle(elsewhere); // the sample must not be freed under those who still read it
        }
        List<Tensor> outputs = new ArrayList<>();
        elsewhere.forEach(other -> outputs.add(arrived(other).to(sample.dtype())));
        outputs.addAll(here);
        return combine(outputs);
    }

    private static void settle(List<CompletableFuture<Tensor>> predictions) {
        predictions.forEach(
                prediction -> prediction.handle((tensor, failure) -> tensor).join());
    }

    /** What the network sees of a sample in one call: itself, or itself twice. */
    private Tensor given(Tensor sample) {
        boolean twice = mode.batched() && mode.guidance().isOn();
        return twice ? sample.engine().cat(List.of(sample, sample), 0) : sample;
    }

    /** The guided prediction of what the network said for each half. */
    private Tensor combine(List<Tensor> outputs) {
        if (!mode.guidance().isOn()) {
            return outputs.get(0);
        }
        List<Tensor> both = outputs.size() == 1 ? outputs.get(0).chunk(2, 0) : outputs;
        return mode.guidance().combine(both.get(1), both.get(0));
    }

    private Tensor arrived(CompletableFuture<Tensor> prediction) {
        try {
            return engine.adopt(prediction.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private Tensor forward(Half half, Tensor sample, int i) {
        TimeStep time = half.schedule().step(i);
        return half.deep().isPresent()
                ? half.unet()
                        .forward(sample, time, half.conditioning(), half.deep().get())
                : half.unet().forward(sample, time, half.conditioning());
    }

    /** Whether a sample of this job and one of the other may be computed in one call. */
    boolean joins(GuidedUNet other) {
        return mode.stepCache().isEmpty()
                && other.mode.stepCache().isEmpty()
                && far.isEmpty()
                && other.far.isEmpty()
                && halves.size() == other.halves.size()
                && halves.get(0).unet() == other.halves.get(0).unet()
                && mode.batched() == other.mode.batched()
                && mode.guidance().isOn() == other.mode.guidance().isOn()
                && halves.get(0).conditioning().joins(other.halves.get(0).conditioning());
    }

    /**
     * The guided predictions of several jobs that {@link #joins join}, each for its own sample at its own timestep, in as many calls of the
     * network as one job takes.
     */
    static List<Tensor> predict(List<GuidedUNet> jobs, List<Tensor> samples, List<Integer> steps) {
        if (jobs.size() == 1) {
            return List.of(jobs.get(0).predict(samples.get(0), steps.get(0)));
        }
        List<Tensor> given = new ArrayList<>();
        for (int j = 0; j < jobs.size(); j++) {
            given.add(jobs.get(j).given(samples.get(j)));
        }
        List<List<Tensor>> outputs = new ArrayList<>();
        jobs.forEach(job -> outputs.add(new ArrayList<>()));
        for (int half = 0; half < jobs.get(0).halves.size(); half++) {
            List<Tensor> parts = forward(jobs, half, given, steps);
            for (int j = 0; j < jobs.size(); j++) {
                outputs.get(j).add(parts.get(j));
            }
        }
        List<Tensor> predictions = new ArrayList<>();
        for (int j = 0; j < jobs.size(); j++) {
            predictions.add(jobs.get(j).combine(outputs.get(j)));
        }
        return predictions;
    }

    private static List<Tensor> forward(List<GuidedUNet> jobs, int index, List<Tensor> given, List<Integer> steps) {
        Engine engine = jobs.get(0).engine;
        List<Half> halves = jobs.stream().map(job -> job.halves.get(index)).toList();
        try (Conditioning conditioning = Conditioning.join(
                engine, halves.stream().map(Half::conditioning).toList())) {
            TimeStep time = block -> {
                List<Tensor> shifts = new ArrayList<>();
                for (int j = 0; j < halves.size(); j++) {
                    Tensor shift = halves.get(j).schedule().step(steps.get(j)).shift(block); // [1, B or B·F, O]
                    shifts.add(shift.dim(0) == 1 ? shift.expand(given.get(j).dim(0), shift.dim(1)) : shift);
                }
                return engine.cat(shifts, 0);
            };
            Tensor all = halves.get(0).unet().forward(engine.cat(given, 0), time, conditioning);
            List<Tensor> parts = new ArrayList<>();
            long from = 0;
            for (Tensor rows : given) {
                parts.add(all.slice(0, from, from + rows.dim(0)));
                from += rows.dim(0);
            }
            return parts;
        }
    }

    @Override
    public void close() {
        halves.forEach(half -> {
            half.deep().ifPresent(DeepFeatures::close);
            half.schedule().close();
            half.conditioning().close();
        });
        halves.clear();
        owned.forEach(FarHalf::close);
        owned.clear();
    }
}
