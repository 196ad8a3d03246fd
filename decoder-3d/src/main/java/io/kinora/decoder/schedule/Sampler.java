package io.kinora.decoder.schedule;

/**
 * A method of solving the diffusion equation, with all its settings: what a {@code scheduler_config.json} describes.
 *
 * <p>Immutable and thread-safe; one sampler serves any number of runs. Made by {@link Samplers}.
 */
public sealed interface Sampler
        permits DdimSampler,
                DpmSolverMultistepSampler,
                EulerAncestralDiscreteSampler,
                EulerDiscreteSampler,
                PndmSampler {
    /** Which method this is. */
    SamplerKind kind();

    /** The noise levels the model was trained on. */
    NoiseSchedule noiseSchedule();

    /** True if every run draws noise of its own along the way, whatever its {@code eta}. */
    default boolean stochastic() {
        return false;
    }

    /** A run without added noise, see {@link #start(int, double, NoiseSource)}. */
    default SamplerRun start(int steps) {
        return start(steps, 0, NoiseSource.none());
    }

    /**
     * Begins a run.
     *
     * @param steps denoising steps asked for; a method may need more evaluations of the model than that
     * @param eta share of fresh noise per step, 0 to 1, in DDIM (0 is deterministic, 1 is DDPM); the other methods ignore it, as the
     *     official pipelines do
     * @param noise draws for {@link #stochastic} samplers and for {@code eta > 0}
     * @throws IllegalArgumentException if the schedule has no such number of steps; the message says what is allowed
     */
    SamplerRun start(int steps, double eta, NoiseSource noise);
}
