package io.kinora.model.emu2;

import io.kinora.model.llm.TextGenerator;

/**
 * What a plan makes room for.
 *
 * @param sequences answers at a time, each with keys and values of its own
 * @param length positions of each, prompt and answer together
 * @param chunkRows rows of a prompt that run at once
 * @param imagesAtOnce pictures that the visual encoder computes in one go
 */
public record Emu2Workload(int sequences, int length, int chunkRows, int imagesAtOnce) {
    /** Checks that all are positive. */
    public Emu2Workload {
        if (sequences < 1 || length < 1 || chunkRows < 1 || imagesAtOnce < 1) {
            throw new IllegalArgumentException(
                    "a workload is positive, got %d sequences of %d, chunks of %d, %d pictures"
                            .formatted(sequences, length, chunkRows, imagesAtOnce));
        }
    }

    /** That many sequences of one length, with the usual chunks. */
    public static Emu2Workload of(int sequences, int length) {
        return new Emu2Workload(sequences, length, TextGenerator.DEFAULT_CHUNK, 4);
    }
}
