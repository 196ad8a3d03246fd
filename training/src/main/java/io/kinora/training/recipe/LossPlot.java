package io.kinora.training.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** Curves of a training's losses over its steps, on a logarithmic scale, as a PNG: a panel for each. */
final class LossPlot {
    private static final Set<String> NO_LOSSES = Set.of("step", "seconds", "rate", "gradient");
    private static final int WIDTH = 800;
    private static final int PANEL = 160;
    private static final int MARGIN = 60;
    private static final int MOST_POINTS = 400;

    private final Map<String, List<double[]>> curves = new TreeMap<>(); // (step, loss)

    private LossPlot(List<String> lines) throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (String line : lines) {
            JsonNode at = json.readTree(line);
            at.fieldNames().forEachRemaining(name -> {
                if (!NO_LOSSES.contains(name)) {
                    curves.computeIfAbsent(name, absent -> new ArrayList<>()).add(new double[] {
                        at.path("step").asDouble(), at.path(name).asDouble()
                    });
                }
            });
        }
    }

    /** Draws what a metrics file holds. */
    static void draw(Path metrics, Path png) throws IOException {
        LossPlot plot = new LossPlot(Files.readAllLines(metrics));
        if (!plot.curves.isEmpty()) {
            ImageIO.write(plot.picture(), "png", png.toFile());
        }
    }

    private BufferedImage picture() {
        BufferedImage image = new BufferedImage(WIDTH, PANEL * curves.size(), BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        try {
            pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            pen.setColor(Color.WHITE);
            pen.fillRect(0, 0, image.getWidth(), image.getHeight());
            int top = 0;
            for (Map.Entry<String, List<double[]>> curve : curves.entrySet()) {
                panel(pen, top, curve.getKey(), thinned(curve.getValue()));
                top += PANEL;
            }
            return image;
        } finally {
            pen.dispose();
        }
    }

    /** Means over equally many steps: a curve of single batches is a cloud. */
    private static List<double[]> thinned(List<double[]> points) {
        int each = Math.max(1, points.size() / MOST_POINTS);
        List<double[]> means = new ArrayList<>();
        for (int from = 0; from + each <= points.size(); from += each) {
            double sum = 0;
            for (double[] point : points.subList(from, from + each)) {
                sum += point[1];
            }
            means.add(new double[] {points.get(from + each - 1)[0], Math.max(1e-12, sum / each)});
        }
        return means;
    }

    private static void panel(Graphics2D pen, int top, String name, List<double[]> points) {
        double low = points.stream().mapToDouble(point -> point[1]).min().orElseThrow();
        double high = Math.max(
                low * 1.01, points.stream().mapToDouble(point -> point[1]).max().orElseThrow());
        double last = Math.max(1, points.get(points.size() - 1)[0]);
        int height = PANEL - 50;
        Path2D line = new Path2D.Double();
        for (double[] point : points) {
            double x = MARGIN + (WIDTH - MARGIN - 20) * point[0] / last;
            double y = top + 25 + height * (Math.log(high / point[1]) / Math.log(high / low));
            if (line.getCurrentPoint() == null) {
                line.moveTo(x, y);
            } else {
                line.lineTo(x, y);
            }
        }
        pen.setColor(Color.LIGHT_GRAY);
        pen.drawRect(MARGIN, top + 25, WIDTH - MARGIN - 20, height);
        pen.setColor(new Color(0x1f5fb4));
        pen.draw(line);
        pen.setColor(Color.DARK_GRAY);
        pen.drawString(name, MARGIN, top + 18);
        pen.drawString(String.format(Locale.ROOT, "%.3g", high), 8, top + 34);
        pen.drawString(String.format(Locale.ROOT, "%.3g", low), 8, top + 25 + height);
        pen.drawString(String.format(Locale.ROOT, "step %.0f", last), WIDTH - 110, top + PANEL - 10);
    }
}
