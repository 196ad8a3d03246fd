package io.kinora.model.emu2;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.file.TensorInfo;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes that the tensors of a checkpoint take once loaded, summed by the part that holds them. */
final class Emu2StoredBytes {
    private static final Pattern LAYER = Pattern.compile("decoder\\.lm\\.model\\.layers\\.(\\d{1,6})\\.(.+)");
    private static final String ROTARY_TABLE = "self_attn.rotary_emb.";

    private final Emu2Config config;
    private final Emu2Options options;
    private final DType activationType;
    private final long[] layers;
    private long vision;
    private long front;
    private long back;
    private long embeddingTable;

    Emu2StoredBytes(Emu2Config config, Inventory inventory, Emu2Options options) {
        this.config = config;
        this.options = options;
        this.layers = new long[config.language().layers()];
        inventory.tensors().forEach(this::count);
        for (int layer = 0; layer < layers.length; layer++) {
            if (layers[layer] == 0) {
                throw new CheckpointException(
                        "the checkpoint holds no tensors of layer %d; config.json says there are %d layers"
                                .formatted(layer, layers.length));
            }
        }
        this.activationType = options.computeType()
                .or(() -> Optional.ofNullable(
                                inventory.tensors().get("decoder.lm.model.layers.0.input_layernorm.weight"))
                        .map(TensorInfo::dtype))
                .orElse(DType.F32);
    }

    private void count(String name, TensorInfo info) {
        Matcher layer = LAYER.matcher(name);
        if (layer.matches()) {
            int index = Integer.parseInt(layer.group(1));
            if (index < layers.length && !layer.group(2).startsWith(ROTARY_TABLE)) {
                layers[index] += bytes(info, options.languageWeights());
            }
        } else if (name.startsWith("visual.")) {
            boolean inBlock = name.startsWith("visual.blocks.");
            vision += bytes(info, inBlock ? options.visionWeights() : Optional.empty());
        } else if (name.startsWith("decoder.lm.model.embed_tokens.")) {
            embeddingTable = bytes(info, Optional.empty());
            front += embeddingTable;
        } else if (name.startsWith("project_")) {
            front += bytes(info, Optional.empty());
        } else {
            back += bytes(info, Optional.empty());
        }
    }

    private long bytes(TensorInfo info, Optional<Quantization> scheme) {
        if (scheme.isPresent() && info.shape().rank() == 2) {
            return Emu2Footprint.reducedBytes(info.shape().dim(0), info.shape().dim(1), scheme.get());
        }
        DType type = info.dtype().isFloat() ? options.computeType().orElse(info.dtype()) : info.dtype();
        return TensorInfo.bytes(type, info.shape());
    }

    /** Type of rows, keys and values. */
    DType activationType() {
        return activationType;
    }

    long vision() {
        return vision;
    }

    long layer(int index) {
        return layers[index];
    }

    /** Embedding table and projections. */
    long front() {
        return front;
    }

    /** Final norm and head. A tied head is the embedding table, which a stage of its own holds a second time. */
    long back() {
        boolean twice = config.language().tiedEmbeddings() && layers.length > 1;
        return back + (twice ? embeddingTable : 0);
    }
}
