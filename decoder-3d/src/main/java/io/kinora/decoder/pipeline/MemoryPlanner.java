package io.kinora.decoder.pipeline;

import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;

/** Cuts a job to fit: the largest pieces that do. */
final class MemoryPlanner {
    /** More frames at once do not make a graphics card faster; on a processor one frame at a time is as fast, and earliest out. */
    private static final int GPU_FRAMES_PER_SLICE = 8;

    private final NetworkSizes network;
    private final AutoencoderKlConfig vae;
    private final DType vaeType;
    private final Device device;

    MemoryPlanner(NetworkSizes network, AutoencoderKlConfig vae, DType vaeType, Device device) {
        this.network = network;
        this.vae = vae;
        this.vaeType = vaeType;
        this.device = device;
    }

    /**
     * The plan for a job.
     *
     * @throws InsufficientMemoryException if not even the smallest pieces fit
     */
    MemoryPlan plan(Job job, long freeBytes) {
        long latentPixels = job.size().pixels() / ((long) vae.factor() * vae.factor());
        long half = network.activationBytes(job.frames(), latentPixels);
        long frame = vaeBytes(job.size().pixels());
        boolean tileable = job.size().width() > vae.sampleSize() || job.size().height() > vae.sampleSize();
        long tile =
                tileable ? vaeBytes(Math.min(job.size().pixels(), (long) vae.sampleSize() * vae.sampleSize())) : frame;
        long samples = sampleBytes(job.frames(), latentPixels);

        long least = samples + Math.max(half, tile);
        if (least > freeBytes) {
            throw new InsufficientMemoryException(job.toString(), least, freeBytes);
        }
        long room = freeBytes - samples;
        boolean batched = job.guidance().isOn() && 2 * half <= room;
        boolean tiled = frame > room;
        int most = device.kind() == Device.Kind.CPU ? 1 : GPU_FRAMES_PER_SLICE;
        int slice = (int) Math.max(1, Math.min(Math.min(most, job.frames()), room / frame));
        long bytes = samples + Math.max(batched ? 2 * half : half, tiled ? tile : slice * frame);
        return new MemoryPlan(bytes, freeBytes, batched, slice, tiled);
    }

    /**
     * How many such jobs may be denoised in one call.
     *
     * @throws InsufficientMemoryException if not even one fits
     */
    int fitting(Job job, long freeBytes) {
        MemoryPlan plan = plan(job, freeBytes);
        long latentPixels = job.size().pixels() / ((long) vae.factor() * vae.factor());
        long half = network.activationBytes(job.frames(), latentPixels);
        long each = sampleBytes(job.frames(), latentPixels) + (plan.guidanceBatched() ? 2 * half : half);
        return (int) Math.max(1, Math.min(freeBytes / each, Integer.MAX_VALUE));
    }

    /** Sample, history and noise of the sampler, in single precision. */
    private long sampleBytes(long frames, long latentPixels) {
        return 8L * DType.F32.bytes() * network.channels() * frames * latentPixels;
    }

    private long vaeBytes(long pixels) {
        return Footprint.vae(vae.widths(), vaeType.bytes(), pixels);
    }
}
