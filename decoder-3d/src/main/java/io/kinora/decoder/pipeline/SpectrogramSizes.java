package io.kinora.decoder.pipeline;

/**
 * From seconds to spectrogram frames, latents and samples.
 *
 * @param samplingRate samples per second
 * @param hop samples for each frame of the spectrogram
 * @param bins mel bins of a frame
 * @param factor frames and bins along each side of a latent element
 */
record SpectrogramSizes(int samplingRate, int hop, int bins, int factor) {
    /** Seconds of a frame. */
    double frameSeconds() {
        return (double) hop / samplingRate;
    }

    /**
     * Height (time) and width (frequency) of the latents of a sound, rounded up to whole latent elements.
     *
     * @throws InvalidRequestException if it is shorter than one element
     */
    int latentHeight(double seconds) {
        double shortest = frameSeconds() * factor;
        if (seconds < shortest) {
            throw new InvalidRequestException(
                    "seconds", seconds, "%s or more with this checkpoint".formatted(shortest));
        }
        int frames = (int) (seconds / frameSeconds());
        return (frames + factor - 1) / factor;
    }

    int latentWidth() {
        return bins / factor;
    }

    /** Samples that a sound is cut to, where the vocoder makes more. */
    int samples(double seconds) {
        return (int) (seconds * samplingRate);
    }
}
