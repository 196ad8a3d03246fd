package io.kinora.training.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The area of the smallest convex polygon that holds all pixels of a patch, by Andrew's monotone chain. */
final class ConvexHull {
    private record Point(int x, int y) {}

    private ConvexHull() {}

    /** In pixels; each pixel is a square. */
    static double area(int[] patch, int width) {
        int[] sorted = patch.clone();
        Arrays.sort(sorted); // By rows.
        List<Point> corners = new ArrayList<>();
        for (int k = 0; k < sorted.length; k++) {
            boolean firstOfRow = k == 0 || sorted[k - 1] / width != sorted[k] / width;
            boolean lastOfRow = k == sorted.length - 1 || sorted[k + 1] / width != sorted[k] / width;
            int x = sorted[k] % width;
            int y = sorted[k] / width;
            if (firstOfRow) {
                corners.add(new Point(x, y));
                corners.add(new Point(x, y + 1));
            }
            if (lastOfRow) {
                corners.add(new Point(x + 1, y));
                corners.add(new Point(x + 1, y + 1));
            }
        }
        corners.sort((a, b) -> a.y != b.y ? Integer.compare(a.y, b.y) : Integer.compare(a.x, b.x));
        List<Point> hull = chain(corners);
        List<Point> reversed = new ArrayList<>(corners);
        Collections.reverse(reversed);
        hull.addAll(chain(reversed));
        double twice = 0;
        for (int k = 0; k < hull.size(); k++) {
            Point a = hull.get(k);
            Point b = hull.get((k + 1) % hull.size());
            twice += (double) a.x * b.y - (double) b.x * a.y;
        }
        return Math.abs(twice) / 2;
    }

    private static List<Point> chain(List<Point> points) {
        List<Point> chain = new ArrayList<>();
        for (Point point : points) {
            while (chain.size() >= 2 && cross(chain.get(chain.size() - 2), chain.get(chain.size() - 1), point) <= 0) {
                chain.remove(chain.size() - 1);
            }
            chain.add(point);
        }
        chain.remove(chain.size() - 1);
        return chain;
    }

    private static long cross(Point origin, Point a, Point b) {
        return (long) (a.x - origin.x) * (b.y - origin.y) - (long) (a.y - origin.y) * (b.x - origin.x);
    }
}
