package io.kinora.model.shard;

import java.util.List;

/**
 * What one device gets.
 *
 * @param number which of the devices it is, from 0; devices that get nothing count too
 * @param device what it is called, and how much of it may be used
 * @param parts names of the parts, in order
 * @param layers its layers of the language model; empty if it has none
 * @param weightBytes bytes of its weights
 * @param cacheBytes bytes of its keys and values
 * @param activationBytes most bytes of its intermediate results at a time
 */
public record PlannedStage(
        int number,
        DeviceBudget device,
        List<String> parts,
        LayerRange layers,
        long weightBytes,
        long cacheBytes,
        long activationBytes) {
    /** Copies the list. */
    public PlannedStage {
        parts = List.copyOf(parts);
    }

    static PlannedStage of(int number, DeviceBudget device, List<ModelFootprint.Piece> pieces) {
        int from = Integer.MAX_VALUE;
        int to = 0;
        for (ModelFootprint.Piece piece : pieces) {
            if (piece.layers().size() > 0) {
                from = Math.min(from, piece.layers().from());
                to = Math.max(to, piece.layers().to());
            }
        }
        return new PlannedStage(
                number,
                device,
                pieces.stream().map(ModelFootprint.Piece::name).toList(),
                to == 0 ? new LayerRange(0, 0) : new LayerRange(from, to),
                pieces.stream().mapToLong(ModelFootprint.Piece::weightBytes).sum(),
                pieces.stream().mapToLong(ModelFootprint.Piece::cacheBytes).sum(),
                pieces.stream()
                        .mapToLong(ModelFootprint.Piece::activationBytes)
                        .max()
                        .orElse(0));
    }

    /** Bytes of the device that are used. */
    public long totalBytes() {
        return weightBytes + cacheBytes + activationBytes;
    }

    /** The used share of the device, 0 to 1. */
    public double utilisation() {
        return (double) totalBytes() / device.bytes();
    }
}
