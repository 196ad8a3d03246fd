package io.kinora.model.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShardPlanTest {
    @Test
    void oneDeviceThatIsLargeEnoughGetsEverything() {
        ShardPlan plan = ShardPlan.of(model(10, 10, 10), List.of(new DeviceBudget("gpu", 100)));

        assertThat(plan.stages()).hasSize(1);
        assertThat(plan.stages().get(0).layers()).isEqualTo(new LayerRange(0, 3));
        assertThat(plan.totalBytes()).isEqualTo(30);
    }

    @Test
    void equalDevicesGetEqualShares() {
        ShardPlan plan = ShardPlan.of(model(10, 10, 10, 10, 10, 10), devices(100, 100, 100));

        assertThat(plan.stages()).extracting(PlannedStage::weightBytes).containsExactly(20L, 20L, 20L);
    }

    @Test
    void aLargerDeviceGetsMore() {
        ShardPlan plan = ShardPlan.of(model(10, 10, 10, 10), devices(40, 120));

        assertThat(plan.stages())
                .extracting(PlannedStage::layers)
                .containsExactly(new LayerRange(0, 1), new LayerRange(1, 4));
    }

    @Test
    void activationsCountOnceForEachDeviceAndCachesForEachLayer() {
        ModelFootprint model = new ModelFootprint(List.of(
                new ModelFootprint.Piece("layer 0", new LayerRange(0, 1), 10, 3, 5),
                new ModelFootprint.Piece("layer 1", new LayerRange(1, 2), 10, 3, 7)));

        PlannedStage stage = ShardPlan.of(model, devices(100)).stages().get(0);

        assertThat(stage.cacheBytes()).isEqualTo(6);
        assertThat(stage.activationBytes()).isEqualTo(7);
        assertThat(stage.totalBytes()).isEqualTo(33);
    }

    @Test
    void aModelThatDoesNotFitIsRefusedWithTheFigures() {
        long gib = 1L << 30;
        assertThatExceptionOfType(PlanRefusedException.class)
                .isThrownBy(() -> ShardPlan.of(model(3 * gib, 3 * gib), devices(4 * gib, gib)))
                .withMessageContaining("6.00 GiB")
                .withMessageContaining("2 devices of together 5.00 GiB")
                .withMessageContaining("layer 1")
                .satisfies(refusal -> {
                    assertThat(refusal.neededBytes()).isEqualTo(6 * gib);
                    assertThat(refusal.availableBytes()).isEqualTo(5 * gib);
                });
    }

    @Test
    void theTableHasALineForEachDeviceWithItsLayers() {
        String table = ShardPlan.of(model(1L << 30, 1L << 30), devices(2L << 30, 2L << 30))
                .table();

        assertThat(table.lines()).hasSize(3);
        assertThat(table).contains("1..1").contains("1.00 GiB").contains("50%");
    }

    @Property(tries = 200)
    void everyPartIsPlacedOnceInOrderAndNoDeviceOverflows(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 50) Integer> sizes,
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 200) Integer> budgets) {
        ModelFootprint model =
                model(sizes.stream().mapToLong(Integer::longValue).toArray());
        List<DeviceBudget> devices =
                devices(budgets.stream().mapToLong(Integer::longValue).toArray());
        ShardPlan plan;
        try {
            plan = ShardPlan.of(model, devices);
        } catch (PlanRefusedException e) {
            assertThat(smallestLargestShare(sizes, budgets)).isGreaterThan(1);
            return;
        }
        List<String> placed = new ArrayList<>();
        plan.stages().forEach(stage -> placed.addAll(stage.parts()));
        assertThat(placed)
                .containsExactlyElementsOf(
                        model.pieces().stream().map(ModelFootprint.Piece::name).toList());
        double fullest = plan.stages().stream()
                .mapToDouble(PlannedStage::utilisation)
                .max()
                .orElseThrow();
        assertThat(fullest).isLessThanOrEqualTo(1).isEqualTo(smallestLargestShare(sizes, budgets));
    }

    /** By trying every cut. */
    private static double smallestLargestShare(List<Integer> sizes, List<Integer> budgets) {
        if (sizes.isEmpty()) {
            return 0;
        }
        if (budgets.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        double best = Double.POSITIVE_INFINITY;
        int sum = 0;
        for (int count = 0; count <= sizes.size(); count++) {
            double rest = smallestLargestShare(sizes.subList(count, sizes.size()), budgets.subList(1, budgets.size()));
            best = Math.min(best, Math.max((double) sum / budgets.get(0), rest));
            if (count < sizes.size()) {
                sum += sizes.get(count);
            }
        }
        return best;
    }

    @Test
    void deviceListsAreReadWithBothKindsOfUnit() {
        assertThat(DeviceBudget.parse("4x80GB")).hasSize(4).allSatisfy(device -> assertThat(device.bytes())
                .isEqualTo(80_000_000_000L));
        assertThat(DeviceBudget.parse("1.5GiB, 2x512MiB"))
                .extracting(DeviceBudget::bytes)
                .containsExactly(3L << 29, 512L << 20, 512L << 20);
    }

    @Test
    void unreadableDeviceListsSayWhatIsAllowed() {
        for (String text : List.of("", "80", "x80GB", "4x", "-1GB", "0x80GB", "4x80GB,", "9999x1GB")) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> DeviceBudget.parse(text));
        }
    }

    @Test
    void rangesOfLayersRunUpwards() {
        assertThat(new LayerRange(2, 5))
                .hasToString("2..4")
                .extracting(LayerRange::size)
                .isEqualTo(3);
        assertThat(new LayerRange(2, 2)).hasToString("none");
        assertThatIllegalArgumentException().isThrownBy(() -> new LayerRange(3, 2));
    }

    private static ModelFootprint model(long... weights) {
        return new ModelFootprint(IntStream.range(0, weights.length)
                .mapToObj(i -> new ModelFootprint.Piece("layer " + i, new LayerRange(i, i + 1), weights[i], 0, 0))
                .toList());
    }

    private static List<DeviceBudget> devices(long... bytes) {
        return IntStream.range(0, bytes.length)
                .mapToObj(i -> new DeviceBudget("device " + i, bytes[i]))
                .toList();
    }
}
