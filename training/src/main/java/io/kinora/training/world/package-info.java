/**
 * A small world of coloured moving shapes: scenes, their pictures, and true sentences about them, all drawn from a seed.
 *
 * <p>It knows no tensor: frames are packed RGB.
 */
package io.kinora.training.world;
