package io.kinora.model.emu2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.Inventory;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.shard.ModelFootprint;
import io.kinora.model.shard.PlannedStage;
import io.kinora.model.shard.ShardPlan;
import io.kinora.model.vision.EvaConfig;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Plans made of a file's headers. */
class Emu2FileFootprintTest {
    private static final Emu2Options FULL = Emu2Options.asStored(0);

    @Property(tries = 100)
    void theStagesHoldTheFilesBytesAndEveryLayerOnce(
            @ForAll @IntRange(min = 1, max = 9) int layers,
            @ForAll @IntRange(min = 1, max = 4) int heads,
            @ForAll @IntRange(min = 1, max = 5) int devices,
            @ForAll DType type) {
        DType stored = type.isFloat() ? type : DType.BF16;
        Emu2Config config = config(layers, heads);
        Inventory file = file(config, stored);
        ModelFootprint model = Emu2Footprint.of(config, file, FULL).of(Emu2Workload.of(1, 16));
        List<DeviceBudget> budgets = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            budgets.add(new DeviceBudget("d" + i, model.weightBytes() + model.cacheBytes() + (1 << 30)));
        }

        ShardPlan plan = ShardPlan.of(model, budgets);

        assertThat(plan.stages().stream().mapToLong(PlannedStage::weightBytes).sum())
                .isEqualTo(file.bytes() - file.bytes("decoder.lm.model.layers.0.self_attn.rotary_emb."));
        assertThat(plan.stages().stream()
                        .map(PlannedStage::layers)
                        .flatMapToInt(LayerRange::indices)
                        .toArray())
                .containsExactly(IntStream.range(0, layers).toArray());
    }

    @Property(tries = 50)
    void moreSequencesAndLongerOnesNeverTakeLess(
            @ForAll @IntRange(min = 1, max = 64) int sequences, @ForAll @IntRange(min = 1, max = 200) int length) {
        Emu2Config config = config(2, 2);
        Emu2Footprint footprint = Emu2Footprint.of(config, file(config, DType.BF16), FULL);
        long bytes = total(footprint, sequences, length);

        assertThat(total(footprint, sequences + 1, length)).isGreaterThan(bytes);
        assertThat(total(footprint, sequences, length + 16)).isGreaterThan(bytes);
    }

    @Test
    void fewerBitsTakeFewerBytesAndConversionTakesWhatItMakes() {
        Emu2Config config = config(2, 2);
        Inventory file = file(config, DType.F32);
        long full = weights(config, file, FULL);
        long half = weights(config, file, FULL.withComputeType(DType.BF16));
        long int8 = weights(config, file, FULL.withLanguageWeights(new Quantization.Int8PerChannel()));
        long int4 = weights(config, file, FULL.withLanguageWeights(new Quantization.Int4Groups(32)));

        long rotary = file.bytes("decoder.lm.model.layers.0.self_attn.rotary_emb.");
        assertThat(full).isEqualTo(file.bytes() - rotary);
        assertThat(half).isEqualTo((file.bytes() - rotary) / 2);
        assertThat(int4).isLessThan(int8);
        assertThat(int8).isLessThan(full);
    }

    @Test
    void aFileWithFewerLayersThanItsConfigurationIsRefused() {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Emu2Footprint.of(config(4, 2), file(config(3, 2), DType.F32), FULL))
                .withMessageContaining("layer 3");
    }

    private static long total(Emu2Footprint footprint, int sequences, int length) {
        ModelFootprint model = footprint.of(Emu2Workload.of(sequences, length));
        return ShardPlan.of(model, List.of(new DeviceBudget("d", Long.MAX_VALUE / 4)))
                .totalBytes();
    }

    private static long weights(Emu2Config config, Inventory file, Emu2Options options) {
        return Emu2Footprint.of(config, file, options)
                .of(Emu2Workload.of(1, 16))
                .weightBytes();
    }

    private static Emu2Config config(int layers, int heads) {
        LlamaConfig language = new LlamaConfig(
                32 * heads,
                64,
                layers,
                heads,
                heads,
                32,
                300,
                1e-6,
                10_000,
                256,
                false,
                1,
                List.of(2),
                OptionalInt.empty());
        return new Emu2Config(Emu2Config.Variant.BASE, language, new EvaConfig(28, 14, 32, 2, 2, 64, 1e-6), 4, 1);
    }

    /** Headers of a released file, with a rotary table that nobody loads. */
    private static Inventory file(Emu2Config config, DType type) {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        LlamaConfig language = config.language();
        long D = language.hiddenSize();
        long W = config.vision().width();
        for (int i = 0; i < language.layers(); i++) {
            String layer = "decoder.lm.model.layers." + i;
            put(tensors, type, layer + ".input_layernorm.weight", D);
            put(tensors, type, layer + ".self_attn.q_proj.weight", D, D);
            put(tensors, type, layer + ".mlp.up_proj.weight", language.intermediateSize(), D);
        }
        put(tensors, type, "decoder.lm.model.layers.0.self_attn.rotary_emb.inv_freq", 16);
        put(tensors, type, "decoder.lm.model.embed_tokens.weight", language.vocabSize(), D);
        put(tensors, type, "decoder.lm.model.norm.weight", D);
        put(tensors, type, "decoder.lm.lm_head.weight", language.vocabSize(), D);
        put(tensors, type, "project_up.weight", D, W);
        put(tensors, type, "visual.pos_embed", 1, 5, W);
        put(tensors, type, "visual.blocks.0.mlp.fc1.weight", 64, W);
        return new Inventory(tensors);
    }

    private static void put(Map<String, TensorInfo> tensors, DType type, String name, long... shape) {
        tensors.put(name, new TensorInfo(type, Shape.of(shape), 0));
    }
}
