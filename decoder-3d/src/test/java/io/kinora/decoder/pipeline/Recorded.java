package io.kinora.decoder.pipeline;

import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Keeps all that a generation tells. */
class Recorded implements GenerationListener {
    final List<MemoryPlan> plans = new ArrayList<>();
    final List<Double> timesteps = new ArrayList<>();
    final List<Integer> done = new ArrayList<>();
    final List<float[]> frames = new ArrayList<>();
    final List<PixelFrame> pictures = new ArrayList<>();
    float[] latents = {};

    @Override
    public void planned(MemoryPlan plan) {
        plans.add(plan);
    }

    @Override
    public void stepped(StepProgress progress) {
        timesteps.add(progress.timestep());
        done.add(progress.done());
    }

    @Override
    public void denoised(Tensor tensor) {
        latents = tensor.toFloats();
    }

    @Override
    public void frame(int index, Tensor pixels) {
        frames.add(pixels.permute(1, 2, 0).contiguous().toFloats());
        pictures.add(PixelFrame.of(pixels));
    }

    /** All frames one after the other, {@code [F, Y, X, 3]}. */
    float[] pixels() {
        float[] all = new float[frames.stream().mapToInt(frame -> frame.length).sum()];
        int at = 0;
        for (float[] frame : frames) {
            System.arraycopy(frame, 0, all, at, frame.length);
            at += frame.length;
        }
        return all;
    }
}
