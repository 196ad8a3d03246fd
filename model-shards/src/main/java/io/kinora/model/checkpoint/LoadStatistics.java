package io.kinora.model.checkpoint;

import java.time.Duration;

/**
 * What loading has cost so far.
 *
 * @param tensors how many were taken
 * @param mappedBytes bytes of the taken tensors that are views of the mapped files
 * @param copiedBytes bytes, as held by the engine, of the taken tensors that were converted, gathered or moved to a device
 * @param reduced matrices that were put into fewer bits
 * @param restored matrices that were found in fewer bits beside the checkpoint
 * @param time spent opening the files and taking the tensors; pages of mapped files are read later, when first used
 */
public record LoadStatistics(
        int tensors, long mappedBytes, long copiedBytes, int reduced, int restored, Duration time) {}
