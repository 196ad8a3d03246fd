package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** How jobs are cut to fit. The network is ModelScope's in its sizes. */
final class MemoryPlannerTest {
    private static final AutoencoderKlConfig VAE =
            new AutoencoderKlConfig(3, 3, 4, List.of(128, 256, 512, 512), 2, 32, 512, 0.18215, false, true, true, true);

    @Example
    void withRoomEverythingIsDoneAtOnce() {
        MemoryPlan plan = planner(Device.cuda(0)).plan(job(16, 256, 256, 9), 100L << 30);
        assertThat(plan.guidanceBatched()).isTrue();
        assertThat(plan.framesPerSlice()).isEqualTo(8);
        assertThat(plan.tiled()).isFalse();
    }

    @Example
    void onTheProcessorEveryFrameIsHandedOverAsSoonAsItIsDone() {
        assertThat(planner(Device.CPU).plan(job(16, 256, 256, 9), 100L << 30).framesPerSlice())
                .isEqualTo(1);
    }

    @Example
    void withLessRoomSlicesShrinkThenGuidanceIsHalvedThenTilesAreUsed() {
        MemoryPlanner planner = planner(Device.cuda(0));
        Job large = job(8, 1024, 1024, 9);
        MemoryPlan all = planner.plan(large, 1L << 40);
        MemoryPlan less = planner.plan(large, all.bytes() - 1);
        assertThat(less.bytes()).isLessThan(all.bytes());
        assertThat(less.framesPerSlice()).isLessThan(all.framesPerSlice());

        Job small = job(1, 1024, 1024, 9);
        MemoryPlan whole = planner.plan(small, 1L << 40);
        MemoryPlan tiled = planner.plan(small, whole.bytes() / 2);
        assertThat(tiled.tiled()).isTrue();
        assertThat(tiled.framesPerSlice()).isEqualTo(1);

        Job clip = job(24, 256, 256, 9);
        long free = planner.plan(clip, 1L << 40).bytes();
        while (planner.plan(clip, free).guidanceBatched()) {
            free -= free / 50;
        }
        assertThat(planner.plan(clip, free).bytes()).isLessThanOrEqualTo(free);
    }

    @Example
    void aJobThatCannotFitIsRefusedWithTheFigures() {
        Job job = job(24, 1024, 576, 15);
        assertThatThrownBy(() -> planner(Device.CPU).plan(job, 1L << 30))
                .isInstanceOfSatisfying(InsufficientMemoryException.class, refused -> {
                    assertThat(refused.free()).isEqualTo(1L << 30);
                    assertThat(refused.required()).isGreaterThan(1L << 30);
                    MemoryPlan fits = planner(Device.CPU).plan(job, refused.required());
                    assertThat(fits.bytes()).isEqualTo(refused.required());
                })
                .hasMessageContaining("24 frames of 1024x576 needs")
                .hasMessageContaining("1,073,741,824 are free");
    }

    @Property(tries = 500)
    void aPlanNeverTakesMoreThanIsFreeAndMoreRoomIsNeverWorse(
            @ForAll @IntRange(min = 1, max = 32) int frames,
            @ForAll @IntRange(min = 1, max = 160) int width,
            @ForAll @IntRange(min = 1, max = 160) int height,
            @ForAll @LongRange(min = 1L << 20, max = 1L << 36) long free) {
        Job job = job(frames, 8 * width, 8 * height, 9);
        MemoryPlanner planner = planner(Device.cuda(0));
        MemoryPlan plan;
        try {
            plan = planner.plan(job, free);
        } catch (InsufficientMemoryException refused) {
            assertThat(refused.required()).isGreaterThan(free);
            return;
        }
        assertThat(plan.bytes()).isBetween(1L, free);
        MemoryPlan roomier = planner.plan(job, 2 * free);
        assertThat(roomier.framesPerSlice()).isGreaterThanOrEqualTo(plan.framesPerSlice());
        assertThat(roomier.guidanceBatched() || !plan.guidanceBatched()).isTrue();
        assertThat(plan.tiled() || !roomier.tiled()).isTrue();
    }

    private static MemoryPlanner planner(Device device) {
        NetworkSizes network = new NetworkSizes(4, List.of(320, 640, 1280, 1280), 2, 512, DType.F32);
        return new MemoryPlanner(network, VAE, DType.F32, device);
    }

    private static Job job(int frames, int width, int height, double guidance) {
        GenerationRequest request = GenerationRequest.of(Prompt.of("a cat"))
                .frames(frames)
                .size(width, height)
                .guidance(guidance)
                .build();
        return new GenerationDefaults(16, new FrameSize(256, 256), 50, 9, 15).resolve(request);
    }
}
