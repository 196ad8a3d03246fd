package io.kinora.tensor;

/** How a weight is stored in fewer bits; activations stay as they are. */
public sealed interface Quantization {
    /** Symmetric int8, one scale per output channel. */
    record Int8PerChannel() implements Quantization {}

    /** Unsigned int4 with a scale and a zero point for each group of neighbouring input channels. */
    record Int4Groups(int groupSize) implements Quantization {
        /** Checks the group size: 32, 64, 128 or 256, the sizes kernels exist for. */
        public Int4Groups {
            if (groupSize != 32 && groupSize != 64 && groupSize != 128 && groupSize != 256) {
                throw new IllegalArgumentException("int4 groups have 32, 64, 128 or 256 channels, got " + groupSize);
            }
        }
    }
}
