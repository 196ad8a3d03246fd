package io.kinora.training.eval;

import io.kinora.training.world.Motion;
import io.kinora.training.world.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says what a shape does by where its centroid goes, how its area changes, how it turns, and whether it can be seen. */
final class MotionJudge {
    private static final double GONE = 0.15;
    private static final double TRAVELS = 0.09;
    private static final double DIAGONAL = 0.4;
    private static final double GROWS = 1.3;
    private static final double TURNS = 0.5;
    private static final double SWINGS = 0.12;

    private final Shape shape;
    private final List<Blob> path;
    private final List<Integer> places;
    private final int frames;

    private MotionJudge(Track track) {
        this.shape = track.shape();
        this.path = track.seen();
        this.frames = track.blobs().size();
        this.places = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            if (track.blobs().get(i).isPresent()) {
                places.add(i);
            }
        }
    }

    static List<Motion> judge(Track track) {
        return new MotionJudge(track).judge();
    }

    private List<Motion> judge() {
        if (path.size() <= (1 - GONE) * frames) {
            return List.of(Motion.BLINK);
        }
        if (swings()) {
            return List.of(Motion.BOUNCE);
        }
        Optional<Motion> first = between(0, endOfFirstHalf());
        Optional<Motion> second = between(beginningOfSecondHalf(), path.size() - 1);
        if (first.equals(second)) {
            return List.of(first.orElse(Motion.STILL));
        }
        boolean both = first.isPresent() && second.isPresent();
        boolean inTurn = both && Motion.PHASES.contains(first.get()) && Motion.PHASES.contains(second.get());
        return inTurn
                ? List.of(first.get(), second.get())
                : List.of(between(0, path.size() - 1).orElse(Motion.STILL));
    }

    /** The last place it is seen at in the clip's first half. */
    private int endOfFirstHalf() {
        int end = 0;
        while (end + 2 < path.size() && places.get(end + 1) <= (frames - 1) / 2) {
            end++;
        }
        return end;
    }

    /** The first place it is seen at in the clip's second half. */
    private int beginningOfSecondHalf() {
        int beginning = path.size() - 1;
        while (beginning > 1 && places.get(beginning - 1) >= frames / 2) {
            beginning--;
        }
        return beginning;
    }

    /** Up and down and up again, and at the end about where it began. */
    private boolean swings() {
        double least = path.stream().mapToDouble(Blob::y).min().orElseThrow();
        double most = path.stream().mapToDouble(Blob::y).max().orElseThrow();
        int turns = 0;
        double extreme = path.get(0).y();
        int direction = 0;
        for (Blob blob : path) {
            double moved = blob.y() - extreme;
            boolean begins = direction == 0 && Math.abs(moved) > SWINGS / 2;
            if (begins || (direction != 0 && Math.signum(moved) == direction)) {
                direction = (int) Math.signum(moved);
                extreme = blob.y();
            } else if (direction != 0 && Math.abs(moved) > SWINGS) {
                direction = -direction;
                extreme = blob.y();
                turns++;
            }
        }
        return most - least > SWINGS && turns >= 2;
    }

    private Optional<Motion> between(int from, int to) {
        Blob start = path.get(from);
        Blob end = path.get(to);
        double dx = end.x() - start.x();
        double dy = end.y() - start.y();
        if (Math.hypot(dx, dy) > TRAVELS) {
            double most = Math.max(Math.abs(dx), Math.abs(dy));
            return Optional.of(travel(
                    Math.abs(dx) < DIAGONAL * most ? 0 : (int) Math.signum(dx),
                    Math.abs(dy) < DIAGONAL * most ? 0 : (int) Math.signum(dy)));
        }
        if (end.area() > GROWS * start.area()) {
            return Optional.of(Motion.GROW);
        }
        if (start.area() > GROWS * end.area()) {
            return Optional.of(Motion.SHRINK);
        }
        return shape.showsRotation() && Math.abs(turned(from, to)) > TURNS
                ? Optional.of(Motion.SPIN)
                : Optional.empty();
    }

    private static Motion travel(int dx, int dy) {
        for (Motion motion : Motion.values()) {
            if (motion.isTravel() && motion.dx() == dx && motion.dy() == dy) {
                return motion;
            }
        }
        throw new IllegalStateException("a travel has a direction, got %d, %d".formatted(dx, dy));
    }

    /** Radians, adding up the shortest turns that bring each frame's corners onto the next frame's. */
    private double turned(int from, int to) {
        int corners =
                switch (shape) {
                    case TRIANGLE -> 3;
                    case STAR -> 5;
                    default -> 4;
                };
        double period = 2 * Math.PI / corners;
        double sum = 0;
        for (int i = from; i < to; i++) {
            double step = turn(path.get(i + 1), corners) - turn(path.get(i), corners);
            sum += step - period * Math.rint(step / period);
        }
        return sum;
    }

    private static double turn(Blob blob, int corners) {
        return switch (corners) {
            case 3 -> blob.turn3();
            case 5 -> blob.turn5();
            default -> blob.turn4();
        };
    }
}
