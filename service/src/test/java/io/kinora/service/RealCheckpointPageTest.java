package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Footprint;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.ModelFootprint;
import io.kinora.tensor.DType;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the tutorial says that a released checkpoint needs is what {@code kinora plan} reckons for it. */
class RealCheckpointPageTest {
    private static final Emu2Config CHAT = Emu2Config.released(Emu2Config.Variant.CHAT);

    private final Page page = Page.read(Page.project().resolve("docs/tutorials/real-checkpoint.md"));

    @Test
    void itsTableOfMemoryIsThePlans() {
        assertThat(page.text())
                .contains(
                        row("as stored", Optional.empty()),
                        row("`--quantize int8`", Optional.of(WeightBits.named("int8"))),
                        row("`--quantize int4`", Optional.of(WeightBits.named("int4"))));
    }

    @Test
    void aTokensKeysAndValuesAreThePlans() {
        int positions = CHAT.language().maxPositions();
        long all = footprint(DType.BF16, Optional.empty(), positions).cacheBytes();
        assertThat(page.text())
                .contains(String.format(Locale.ROOT, "%.2f MiB of keys and values", all / 0x1p20 / positions))
                .contains(String.format(Locale.ROOT, "a sequence of all 2,048 positions %.2f GiB", all / 0x1p30));
    }

    private static String row(String matrices, Optional<WeightBits> bits) {
        return String.format(
                Locale.ROOT,
                "| %s | %.1f GiB | %.1f GiB |",
                matrices,
                footprint(DType.BF16, bits, 1).weightBytes() / 0x1p30,
                footprint(DType.F32, bits, 1).weightBytes() / 0x1p30);
    }

    private static ModelFootprint footprint(DType type, Optional<WeightBits> bits, int positions) {
        Emu2Options stored = Emu2Options.asStored(0);
        Emu2Options options = bits.map(CHAT.language()::scheme)
                .map(stored::withLanguageWeights)
                .orElse(stored);
        return new Emu2Footprint(CHAT, type, options).of(Emu2Workload.of(1, positions));
    }
}
