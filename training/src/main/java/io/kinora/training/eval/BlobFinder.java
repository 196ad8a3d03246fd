package io.kinora.training.eval;

import io.kinora.training.world.Colour;
import io.kinora.video.RgbFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Finds the coloured and the white patches of one frame. */
final class BlobFinder {
    /** Patches below this part of the frame are noise. */
    private static final double SMALLEST = 0.004;

    /** A pixel at the edge belongs to a patch if it has this part of the patch's own strength. */
    private static final double HALF = 0.5;

    private final int width;
    private final int height;
    private final byte[] pixels;
    /** How far each pixel stands out: its chroma, or on a dark ground its luma if it is a shade of white. */
    private final int[] strength;

    private final int[] label;

    private BlobFinder(RgbFrame frame) {
        this.width = frame.width();
        this.height = frame.height();
        this.pixels = new byte[width * height * 3];
        ByteBuffer view = frame.pixels();
        view.get(pixels);
        this.strength = new int[width * height];
        this.label = new int[width * height];
    }

    static List<Blob> find(RgbFrame frame) {
        return new BlobFinder(frame).find();
    }

    private List<Blob> find() {
        int ground = groundLuma();
        boolean dark = ground < 110;
        boolean[] core = new boolean[strength.length];
        for (int i = 0; i < strength.length; i++) {
            int chroma = Hues.chroma(red(i), green(i), blue(i));
            boolean white = dark && Hues.isWhite(red(i), green(i), blue(i));
            strength[i] = dark ? Math.max(chroma, luma(i) - ground) : chroma;
            core[i] = chroma >= Hues.COLOURED || white;
        }
        List<Blob> blobs = new ArrayList<>();
        int labels = 0;
        for (int start = 0; start < core.length; start++) {
            if (core[start] && label[start] == 0) {
                int[] seed = flood(start, ++labels, core);
                if (seed.length >= SMALLEST * width * height / 3) {
                    int[] refined = refine(seed, labels);
                    if (refined.length >= SMALLEST * width * height) {
                        blobs.add(measure(seed, refined));
                    }
                }
            }
        }
        return blobs;
    }

    /** Median brightness along the frame's border. */
    private int groundLuma() {
        int[] border = new int[2 * (width + height)];
        int n = 0;
        for (int x = 0; x < width; x++) {
            border[n++] = luma(x);
            border[n++] = luma((height - 1) * width + x);
        }
        for (int y = 0; y < height; y++) {
            border[n++] = luma(y * width);
            border[n++] = luma(y * width + width - 1);
        }
        Arrays.sort(border);
        return border[border.length / 2];
    }

    private int[] flood(int start, int mark, boolean[] members) {
        int[] stack = new int[members.length];
        int count = 0;
        int next = 0;
        stack[count++] = start;
        label[start] = mark;
        while (next < count) {
            int at = stack[next++];
            int x = at % width;
            for (int dy = -width; dy <= width; dy += width) {
                for (int dx = -1; dx <= 1; dx++) {
                    int to = at + dy + dx;
                    boolean inside = x + dx >= 0 && x + dx < width && to >= 0 && to < members.length;
                    if (inside && members[to] && label[to] == 0) {
                        label[to] = mark;
                        stack[count++] = to;
                    }
                }
            }
        }
        return Arrays.copyOf(stack, count);
    }

    /** The patch up to where it is half as strong as it is inside: its true edge, however soft. */
    private int[] refine(int[] seed, int mark) {
        int[] sorted = Arrays.stream(seed).map(i -> strength[i]).sorted().toArray();
        double edge = sorted[sorted.length * 2 / 3] * HALF;
        boolean[] members = new boolean[strength.length];
        for (int i : seed) {
            label[i] = 0;
        }
        for (int i = 0; i < members.length; i++) {
            members[i] = strength[i] >= edge;
        }
        int strongest = seed[0];
        for (int i : seed) {
            strongest = strength[i] > strength[strongest] ? i : strongest;
        }
        int[] refined = flood(strongest, mark, members);
        for (int i : seed) {
            label[i] = mark;
        }
        return refined;
    }

    private Blob measure(int[] seed, int[] patch) {
        double x = 0;
        double y = 0;
        for (int i : patch) {
            x += column(i) + 0.5;
            y += row(i) + 0.5;
        }
        x /= patch.length;
        y /= patch.length;
        double[] distances = new double[patch.length];
        double[][] moments = new double[3][2];
        for (int k = 0; k < patch.length; k++) {
            double dx = column(patch[k]) + 0.5 - x;
            double dy = row(patch[k]) + 0.5 - y;
            distances[k] = Math.sqrt(dx * dx + dy * dy);
            double real = dx * dx - dy * dy;
            double imaginary = 2 * dx * dy;
            for (int corners = 3; corners <= 5; corners++) { // (dx + i dy) to the power of corners
                double next = real * dx - imaginary * dy;
                imaginary = real * dy + imaginary * dx;
                real = next;
                moments[corners - 3][0] += real;
                moments[corners - 3][1] += imaginary;
            }
        }
        Arrays.sort(distances);
        // The farthest pixels' outer edges are half a pixel beyond their middles.
        double radius = distances[(int) (distances.length * 0.995)] + 0.5;
        double hull = ConvexHull.area(patch, width);
        double unit = Math.min(width, height);
        return new Blob(
                colour(seed),
                x / unit,
                y / unit,
                patch.length / (unit * unit),
                patch.length / (Math.PI * radius * radius),
                Math.min(1, patch.length / hull),
                Math.atan2(moments[0][1], moments[0][0]) / 3,
                Math.atan2(moments[1][1], moments[1][0]) / 4,
                Math.atan2(moments[2][1], moments[2][0]) / 5);
    }

    /** The colour of most pixels; those at the edge are mixtures, and weigh less. */
    private Colour colour(int[] patch) {
        Map<Colour, Integer> votes = new EnumMap<>(Colour.class);
        for (int i : patch) {
            boolean white = Hues.isWhite(red(i), green(i), blue(i));
            int weight = white ? 255 : Hues.chroma(red(i), green(i), blue(i));
            votes.merge(white ? Colour.WHITE : Hues.of(red(i), green(i), blue(i)), weight, Integer::sum);
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private int column(int at) {
        return at % width;
    }

    private int row(int at) {
        return at / width;
    }

    private int red(int at) {
        return pixels[at * 3] & 0xff;
    }

    private int green(int at) {
        return pixels[at * 3 + 1] & 0xff;
    }

    private int blue(int at) {
        return pixels[at * 3 + 2] & 0xff;
    }

    private int luma(int at) {
        return (299 * red(at) + 587 * green(at) + 114 * blue(at)) / 1000;
    }
}
