package io.kinora.decoder.unet;

import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.nn.TimestepEmbedding;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The denoising network of Emu2's video decoder: a 2D U-Net with a temporal convolution after each spatial one, self-attention over
 * space and time, and cross-attention to the visual embeddings of one or several key frames.
 *
 * <p>Source: Sun et al. 2023, arXiv:2312.13286, section 2.2.3, which gives no more than that sentence; neither code nor weights were
 * released. <b>Everything beyond it is this project's own choice</b>, recorded in {@code docs/adr/0009-emu2-video-decoder.md}: the
 * temporal convolution is added to what the spatial one gives, time shifts a ResNet before its temporal convolution, and a frame attends to
 * the embeddings of its nearest key frame; where the configuration says so, the embeddings of a frame's moment also join its time embedding, as CLIP's do in
 * Stable Diffusion unCLIP ({@code class_embed_type = "projection"}). With temporal convolutions of zero and self-attention within the frame it is Stable Diffusion
 * 2.1's U-Net, frame by frame.
 *
 * <p>Names are those of the 2D network; the temporal convolution of {@code conv1} is {@code conv1.temporal}. Thread-safe.
 */
public final class Emu2VideoUNet implements DenoisingUNet {
    private final Emu2VideoConfig config;
    private final UNetTrunk trunk;
    private final Optional<TimestepEmbedding> withTime; // n·D -> D'

    /** Takes the whole network. */
    public Emu2VideoUNet(Emu2VideoConfig config, Weights weights) {
        this(config, weights, StageRange.all(config.image().levels()));
    }

    /** Takes a run of stages, to be used with {@link #advance}. */
    public Emu2VideoUNet(Emu2VideoConfig config, Weights weights, StageRange range) {
        this.config = config;
        this.trunk = new UNetTrunk(
                config.image().layout(config.inflation()),
                range,
                new ImageUnits(config.image(), config.reach()),
                weights);
        int time = 4 * config.image().widths().get(0);
        this.withTime = config.withTime()
                ? Optional.of(new TimestepEmbedding(
                        weights.at("class_embedding"),
                        (long) config.embeddingsPerFrame()
                                * config.image().contextWidth().getAsInt(),
                        time))
                : Optional.empty();
    }

    /** Its sizes and choices. */
    public Emu2VideoConfig config() {
        return config;
    }

    /**
     * Embeddings {@code [B, S, D]}, attended to by every frame alike: of one key frame, or of all of them.
     *
     * @throws ShapeException if frames are told by their embeddings, too, and these are not of one key frame
     */
    @Override
    public Conditioning condition(UNetPrompt prompt) {
        try (Scope scope = trunk.engine().scope()) {
            Optional<Tensor> added = prompt.encoderHiddenStates()
                    .filter(states -> withTime.isPresent())
                    .flatMap(states -> moments(states, 1));
            return trunk.condition(scope, prompt.encoderHiddenStates(), added, Optional.empty());
        }
    }

    /**
     * Embeddings of key frames, spread over the clip to be made.
     *
     * @param keyFrames {@code [B, K·64, D]}: K key frames, evenly over the clip, in order
     * @param frames frames of the clip
     */
    public Conditioning condition(Tensor keyFrames, long frames) {
        long keys = keyFrames(keyFrames);
        try (Scope scope = trunk.engine().scope()) {
            Optional<Tensor> added = moments(keyFrames, frames);
            if (config.keyFrames() == KeyFrames.ALL || keys == 1) {
                return trunk.condition(scope, Optional.of(keyFrames), added, Optional.empty());
            }
            long batch = keyFrames.dim(0);
            Tensor single =
                    keyFrames.reshape(batch * keys, config.embeddingsPerFrame(), keyFrames.dim(2)); // [B·K, 64, D]
            Tensor rows = trunk.engine().of(nearestRows(batch, keys, frames), batch * frames);
            Tensor perImage = trunk.engine().gather(single, rows); // [B·F, 64, D]
            return trunk.condition(scope, Optional.of(perImage), added, Optional.empty());
        }
    }

    /** How many key frames there are embeddings of. */
    private long keyFrames(Tensor embeddings) {
        long perFrame = config.embeddingsPerFrame();
        if (embeddings.rank() != 3 || embeddings.dim(1) == 0 || embeddings.dim(1) % perFrame != 0) {
            throw new ShapeException("key frames have %d embeddings each, [B, K·%d, D]; got %s"
                    .formatted(perFrame, perFrame, embeddings.shape()));
        }
        return embeddings.dim(1) / perFrame;
    }

    /**
     * What joins the time embedding of each frame, {@code [B·F, D']}: the embeddings of its moment end to end, which between two key frames are those of both in
     * proportion.
     */
    private Optional<Tensor> moments(Tensor keyFrames, long frames) {
        return withTime.map(embedding -> {
            long keys = keyFrames(keyFrames);
            Tensor single = keyFrames.reshape(keyFrames.dim(0), keys, -1).to(embedding.dtype()); // [B, K, 64·D]
            if (keys == 1) {
                return embedding.forward(single.reshape(keyFrames.dim(0), -1)); // [B, D'], the same for every frame
            }
            Tensor shares = trunk.engine().of(shares((int) keys, (int) frames), 1, frames, keys);
            Tensor mixed = trunk.engine().matmul(shares.to(single.dtype()).expand(single.dim(0), frames, keys), single);
            return embedding.forward(mixed.reshape(keyFrames.dim(0) * frames, -1));
        });
    }

    /** Of each of F frames the shares of K key frames, {@code [F, K]}. */
    private static float[] shares(int keys, int frames) {
        float[] shares = new float[frames * keys];
        for (int f = 0; f < frames; f++) {
            double at = Math.min(keys - 1.0, Math.max(0, (f + 0.5) * keys / frames - 0.5));
            int before = Math.min(keys - 2, (int) at);
            shares[f * keys + before] = (float) (before + 1 - at);
            shares[f * keys + before + 1] = (float) (at - before);
        }
        return shares;
    }

    /** For each frame of each sample the row of its key frame: frame f of F stands at (f + ½)/F of the clip, key k of K likewise. */
    private static long[] nearestRows(long batch, long keys, long frames) {
        return LongStream.range(0, batch * frames)
                .map(row -> row / frames * keys + (2 * (row % frames) + 1) * keys / (2 * frames))
                .toArray();
    }

    @Override
    public TimeSchedule embedTime(Conditioning conditioning, double... timesteps) {
        return trunk.embedTime(conditioning, timesteps);
    }

    @Override
    public TimeSchedule embedTimePerSample(Conditioning conditioning, double... timesteps) {
        return trunk.embedTimePerSample(conditioning, timesteps);
    }

    /** Latents {@code [B, C, F, Y, X]} to the prediction {@code [B, O, F, Y, X]}. */
    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning) {
        return VideoLatents.forward(trunk, sample, time, conditioning);
    }

    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning, DeepFeatures deep) {
        return VideoLatents.forward(trunk, sample, time, conditioning, deep);
    }

    @Override
    public UNetState advance(UNetState state, TimeStep time, Conditioning conditioning) {
        return trunk.advance(state, time, conditioning);
    }
}
