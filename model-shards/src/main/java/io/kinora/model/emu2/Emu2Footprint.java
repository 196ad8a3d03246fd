package io.kinora.model.emu2;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.shard.ModelFootprint;
import io.kinora.model.vision.EvaConfig;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Bytes of an Emu2's parts, computed from its sizes before anything is loaded.
 *
 * <p>The visual encoder is one part. The embedding table and the projections stand with the first layer, the final norm and the head
 * with the last. Activations are what a layer holds at a time, reckoned with every intermediate result alive until the layer ends.
 */
public final class Emu2Footprint {
    private final Emu2Config config;
    private final DType dtype;
    private final Optional<Quantization> visionWeights;
    private final Optional<Quantization> languageWeights;
    private final Optional<Emu2StoredBytes> stored;

    /** Of a model in this type, with its matrices in fewer bits where the options say so. */
    public Emu2Footprint(Emu2Config config, DType dtype, Emu2Options options) {
        this(config, dtype, options, Optional.empty());
    }

    private Emu2Footprint(Emu2Config config, DType dtype, Emu2Options options, Optional<Emu2StoredBytes> stored) {
        this.config = config;
        this.dtype = dtype;
        this.visionWeights = options.visionWeights();
        this.languageWeights = options.languageWeights();
        this.stored = stored;
    }

    /**
     * Of a checkpoint as its headers say: every tensor counts with its own type, unless the options convert it.
     *
     * @param inventory tensors under the native names, as {@link Emu2Model#inventory} gives them
     * @throws CheckpointException if the tensors of a layer are not there
     */
    public static Emu2Footprint of(Emu2Config config, Inventory inventory, Emu2Options options) {
        Emu2StoredBytes stored = new Emu2StoredBytes(config, inventory, options);
        return new Emu2Footprint(config, stored.activationType(), options, Optional.of(stored));
    }

    /** Its parts in order, with room for a workload. */
    public ModelFootprint of(Emu2Workload workload) {
        List<ModelFootprint.Piece> pieces = new ArrayList<>();
        pieces.add(new ModelFootprint.Piece(
                "visual encoder",
                new LayerRange(0, 0),
                stored.map(Emu2StoredBytes::vision).orElseGet(this::visionBytes),
                0,
                visionActivations(workload)));
        LlamaConfig language = config.language();
        for (int layer = 0; layer < language.layers(); layer++) {
            boolean first = layer == 0;
            boolean last = layer == language.layers() - 1;
            long weights = (stored.isPresent() ? stored.get().layer(layer) : layerBytes())
                    + (first ? stored.map(Emu2StoredBytes::front).orElseGet(this::frontBytes) : 0)
                    + (last ? stored.map(Emu2StoredBytes::back).orElseGet(this::backBytes) : 0);
            long activations = layerActivations(workload) + (last ? logitsBytes(workload) : 0);
            String name = "layer " + layer
                    + (first ? " with embeddings and projections" : "")
                    + (last ? " with norm and head" : "");
            pieces.add(new ModelFootprint.Piece(
                    name, new LayerRange(layer, layer + 1), weights, cacheBytes(workload), activations));
        }
        return new ModelFootprint(pieces);
    }

    /** Parameters of the visual encoder, with one bias for queries, keys and values. */
    public static long visionParameters(EvaConfig vision) {
        long W = vision.width();
        long M = vision.hidden();
        long patch = 3L * vision.patchSize() * vision.patchSize();
        long embedding = W * patch + W + W + vision.tokens() * W;
        long block = 4 * W + (3 * W * W + 3 * W) + (W * W + W) + (2 * W * M + M + W);
        return embedding + vision.layers() * block;
    }

    /** Parameters of the language model. */
    public static long languageParameters(LlamaConfig language) {
        long tables = (language.tiedEmbeddings() ? 1L : 2L) * language.vocabSize() * language.hiddenSize();
        return tables + language.layers() * language.layerParameters() + language.hiddenSize();
    }

    /** Parameters of a model, in the Hugging Face form. */
    public static long parameters(Emu2Config config) {
        return visionParameters(config.vision())
                + 2L * config.vision().width() * config.language().hiddenSize()
                + languageParameters(config.language());
    }

    private long visionBytes() {
        EvaConfig vision = config.vision();
        long W = vision.width();
        long M = vision.hidden();
        long matrices = matrixBytes(3 * W, W, visionWeights)
                + matrixBytes(W, W, visionWeights)
                + matrixBytes(M, W, visionWeights)
                + matrixBytes(W, M, visionWeights);
        long others = visionParameters(vision) - vision.layers() * (4 * W * W + 2 * W * M);
        return vision.layers() * matrices + others * dtype.bytes();
    }

    private long layerBytes() {
        LlamaConfig language = config.language();
        long D = language.hiddenSize();
        long H = (long) language.heads() * language.headWidth();
        long Hkv = (long) language.kvHeads() * language.headWidth();
        long I = language.intermediateSize();
        return matrixBytes(H, D, languageWeights)
                + 2 * matrixBytes(Hkv, D, languageWeights)
                + matrixBytes(D, H, languageWeights)
                + 2 * matrixBytes(I, D, languageWeights)
                + matrixBytes(D, I, languageWeights)
                + 2 * D * dtype.bytes();
    }

    private long frontBytes() {
        long D = config.language().hiddenSize();
        long embeddings = config.language().vocabSize() * D;
        return (embeddings + 2 * D * config.vision().width()) * dtype.bytes();
    }

    private long backBytes() {
        long D = config.language().hiddenSize();
        return (config.language().vocabSize() * D + D) * dtype.bytes();
    }

    private long matrixBytes(long out, long in, Optional<Quantization> scheme) {
        return scheme.isEmpty() ? out * in * dtype.bytes() : reducedBytes(out, in, scheme.get());
    }

    /** Bytes of a matrix in fewer bits: codes, and a scale and an offset in single precision for each channel or group. */
    static long reducedBytes(long out, long in, Quantization scheme) {
        if (scheme instanceof Quantization.Int4Groups groups) {
            return out * in / 2 + out * (in / groups.groupSize()) * 2 * DType.F32.bytes();
        }
        return out * in + out * 2 * DType.F32.bytes();
    }

    private long cacheBytes(Emu2Workload workload) {
        return KvCacheLayout.of(config.language(), 1, dtype).bytesFor(workload.sequences(), workload.length());
    }

    private long visionActivations(Emu2Workload workload) {
        EvaConfig vision = config.vision();
        long rows = (long) workload.imagesAtOnce() * vision.tokens();
        return rows * (12L * vision.width() + 2L * vision.hidden()) * dtype.bytes();
    }

    private long layerActivations(Emu2Workload workload) {
        LlamaConfig language = config.language();
        long rows = Math.max(workload.chunkRows(), workload.sequences());
        long Hkv = (long) language.kvHeads() * language.headWidth();
        return rows * (10L * language.hiddenSize() + 3 * Hkv + 3L * language.intermediateSize()) * dtype.bytes();
    }

    private long logitsBytes(Emu2Workload workload) {
        return (long) workload.sequences() * config.language().vocabSize() * (dtype.bytes() + DType.F32.bytes());
    }
}
