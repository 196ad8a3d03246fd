package io.kinora.model.emu2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.model.shard.ModelFootprint;
import io.kinora.model.shard.PlanRefusedException;
import io.kinora.model.shard.PlannedStage;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Emu2FootprintTest {
    private static final Emu2Config CHAT = Emu2Config.released(Emu2Config.Variant.CHAT);
    private static final Emu2Config BASE = Emu2Config.released(Emu2Config.Variant.BASE);
    private static final Emu2Options FULL = Emu2Options.asStored(1 << 30);

    @Test
    void parametersAreThoseOfTheReleasedModels() {
        assertThat(Emu2Footprint.visionParameters(BASE.vision())).isEqualTo(4_350_208_256L);
        assertThat(BASE.language().layerParameters()).isEqualTo(535_049_216L);
        assertThat(Emu2Footprint.languageParameters(BASE.language())).isEqualTo(32_532_564_480L);
        assertThat(Emu2Footprint.parameters(BASE)).isEqualTo(36_906_627_840L);
        assertThat(Emu2Footprint.parameters(CHAT)).isEqualTo(36_906_654_464L);
    }

    @Test
    void weightsInBf16AreTwoBytesAParameter() {
        ModelFootprint model = new Emu2Footprint(CHAT, DType.BF16, FULL).of(Emu2Workload.of(1, 2048));

        assertThat(model.weightBytes()).isEqualTo(2 * 36_906_654_464L);
        assertThat(model.cacheBytes()).isEqualTo(1_597_440L * 2048);
    }

    @Test
    void theReleasedModelFitsFourLargeDevicesInBf16AndNotOneSmallOne() {
        ModelFootprint model = new Emu2Footprint(CHAT, DType.BF16, FULL).of(Emu2Workload.of(8, 2048));

        ShardPlan plan = ShardPlan.of(model, DeviceBudget.parse("4x40GB"));

        assertThat(plan.stages()).hasSize(4);
        assertThat(plan.stages()).extracting(PlannedStage::utilisation).allMatch(share -> share < 0.8);
        assertThatExceptionOfType(PlanRefusedException.class)
                .isThrownBy(() -> ShardPlan.of(model, DeviceBudget.parse("80GB")))
                .withMessageContaining("weights 68.74");
    }

    @Test
    void fourBitLayersShrinkTheModelToAQuarterAndABit() {
        Emu2Options reduced = FULL.withLanguageWeights(new Quantization.Int4Groups(128))
                .withVisionWeights(new Quantization.Int8PerChannel());

        long bytes = new Emu2Footprint(CHAT, DType.BF16, reduced)
                .of(Emu2Workload.of(1, 2048))
                .weightBytes();

        assertThat(bytes).isBetween(22_000_000_000L, 25_000_000_000L);
    }

    @Test
    void placeholderIdsAreCountedFromTheBaseVocabulary() {
        assertThat(CHAT.baseVocabulary()).isEqualTo(32000);
        assertThat(CHAT.imageToken()).isEqualTo(32003);
        assertThat(CHAT.frameToken()).isEqualTo(32004);
        assertThat(BASE.beginImageToken()).isEqualTo(32001);
        assertThat(BASE.endImageToken()).isEqualTo(32002);
    }

    @Test
    void aFolderThatIsNoEmu2IsRefusedWithItsPath(@TempDir Path folder) {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Emu2Folder.find(folder))
                .withMessageContaining(folder.toString())
                .withMessageContaining("config.json");
    }
}
