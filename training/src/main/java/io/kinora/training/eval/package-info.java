/**
 * Measures what a checkpoint can do: answers held against scenes, and clips judged by plain image processing.
 *
 * <p>The judges know neither how scenes are drawn nor any model.
 */
package io.kinora.training.eval;
