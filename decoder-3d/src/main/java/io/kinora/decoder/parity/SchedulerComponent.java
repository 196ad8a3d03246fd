package io.kinora.decoder.parity;

import io.kinora.decoder.schedule.NoiseSource;
import io.kinora.decoder.schedule.Sampler;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.decoder.schedule.SamplerRun;
import io.kinora.decoder.schedule.Samplers;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityException;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code scheduler}: the whole trajectory of a sampler over given model outputs.
 *
 * <p>Noise of stochastic samplers is {@code variance_noise}, one tensor for every step or one for all, or else drawn from PyTorch's
 * generator seeded with {@code seed}.
 */
public final class SchedulerComponent implements ParityComponent {
    @Override
    public String name() {
        return "scheduler";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        Sampler sampler =
                Samplers.load(parityCase.checkpoint().resolve(Samplers.CONFIG_FILE), requestedClass(parityCase));
        Tensor first = parityCase.tensor("sample", engine);
        StepNoise noise = new StepNoise(parityCase, engine, first.shape());
        int steps = parityCase.required("num_inference_steps").intValue();
        try (SamplerRun run = sampler.start(steps, parityCase.input("eta").asDouble(0), noise)) {
            putSchedule(run, outputs);
            putTrajectory(run, first, parityCase.tensor("model_outputs", engine), noise, outputs);
            if (parityCase.hasInput("noise")) {
                int index = parityCase.input("noise_index").asInt(0);
                outputs.put("noised", run.addNoise(first, parityCase.tensor("noise", engine), index));
            }
        }
    }

    private static Optional<SamplerKind> requestedClass(ParityCase parityCase) {
        return Optional.ofNullable(parityCase.input("scheduler_class").textValue())
                .map(SamplerKind::parse);
    }

    private static void putSchedule(SamplerRun run, ParityOutputs outputs) {
        float[] timesteps = new float[run.evaluations()];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = (float) run.timestep(i);
        }
        outputs.put("timesteps", timesteps, timesteps.length);
        outputs.put("init_noise_sigma", new float[] {(float) run.initNoiseSigma()}, 1);
    }

    private static void putTrajectory(
            SamplerRun run, Tensor first, Tensor modelOutputs, StepNoise noise, ParityOutputs outputs) {
        if (modelOutputs.dim(0) != run.evaluations()) {
            throw new ParityException("%d model outputs for a sampler that evaluates the model %d times"
                    .formatted(modelOutputs.dim(0), run.evaluations()));
        }
        List<Tensor> inputs = new ArrayList<>();
        List<Tensor> samples = new ArrayList<>();
        Tensor sample = first.mul(run.initNoiseSigma());
        for (int i = 0; i < run.evaluations(); i++) {
            noise.step = i;
            inputs.add(run.scaleModelInput(sample, i));
            sample = run.step(modelOutputs.select(0, i), i, sample);
            samples.add(sample);
        }
        outputs.put("model_inputs", first.engine().stack(inputs, 0));
        outputs.put("samples", first.engine().stack(samples, 0));
    }

    /** What the case gives for the step that is being made, or the next draw of a generator. */
    private static final class StepNoise implements NoiseSource {
        private final Engine engine;
        private final Optional<Tensor> given;
        private final boolean perStep;
        private final TorchRandom random;
        private int step;

        StepNoise(ParityCase parityCase, Engine engine, Shape sample) {
            this.engine = engine;
            this.given = parityCase.hasInput("variance_noise")
                    ? Optional.of(parityCase.tensor("variance_noise", engine))
                    : Optional.empty();
            this.perStep = given.map(noise -> noise.rank() > sample.rank()).orElse(false);
            this.random = new TorchRandom(parityCase.input("seed").asLong(0));
        }

        @Override
        public Tensor normal(Shape shape) {
            return given.map(noise -> perStep ? noise.select(0, step) : noise)
                    .orElseGet(() -> random.normal(engine, shape.toArray()))
                    .reshape(shape.toArray());
        }
    }
}
