package io.kinora.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How fast something grows, by Theil and Sen: the median of the slopes between all pairs of points, which a few points far off do not move. */
final class Slope {
    /**
     * What was measured when.
     *
     * @param hours since any one moment
     */
    record Point(double hours, double value) {}

    private Slope() {}

    /**
     * Growth an hour.
     *
     * @throws IllegalArgumentException if there are fewer than two points
     */
    static double anHour(List<Point> points) {
        double[] slopes = IntStream.range(0, points.size())
                .boxed()
                .flatMap(
                        i -> IntStream.range(i + 1, points.size()).mapToObj(j -> between(points.get(i), points.get(j))))
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (slopes.length == 0) {
            throw new IllegalArgumentException("a slope needs two points, not %d".formatted(points.size()));
        }
        int half = slopes.length / 2;
        return Arrays.stream(slopes, slopes.length % 2 == 1 ? half : half - 1, half + 1)
                .average()
                .orElseThrow();
    }

    private static double between(Point a, Point b) {
        return (b.value() - a.value()) / (b.hours() - a.hours());
    }
}
