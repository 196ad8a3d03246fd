package io.kinora.video;

/** What "evenly over the clip" was counted in. */
public enum SamplingRule {
    /** Constant frame rate, or no usable time stamps: place k of n is frame floor((k + ½) · total / n). */
    BY_ORDER,
    /** Variable frame rate: place k of n is the frame on screen at (k + ½) · duration / n. */
    BY_TIME
}
