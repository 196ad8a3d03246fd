package io.kinora.video;

/** Says what a clip is, from its headers and a few of its first frames. */
public final class VideoProbe {
    private VideoProbe() {}

    /**
     * Opens a source, describes it and closes it.
     *
     * @throws UnreadableClipException if it is no clip that can be decoded
     * @throws ClipLimitException if it is larger than the limits allow
     * @throws ForbiddenUrlException if it is a URL that its policy does not allow
     * @throws ClipFetchException if it is a URL that could not be fetched
     */
    public static VideoInfo probe(VideoSource source, DecodeLimits limits) {
        try (VideoClip clip = VideoClip.open(source, limits)) {
            return clip.info();
        }
    }
}
