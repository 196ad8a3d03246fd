package io.kinora.training.eval;

import io.kinora.training.world.Colour;

/**
 * A connected patch that stands out from its surroundings, in one frame. Lengths are parts of the frame's shorter side.
 *
 * @param colour of most of its pixels
 * @param x centroid
 * @param y centroid
 * @param area in squares of the frame's shorter side
 * @param fill its area as part of the circle around its centroid that holds it
 * @param solidity its area as part of its convex hull
 * @param turn3 direction of its third angular moment over 3, in radians: how it is turned if it has three corners
 * @param turn4 the same of four
 * @param turn5 the same of five
 */
record Blob(
        Colour colour,
        double x,
        double y,
        double area,
        double fill,
        double solidity,
        double turn3,
        double turn4,
        double turn5) {
    double distance(Blob other) {
        return Math.hypot(x - other.x, y - other.y);
    }
}
