package io.kinora.video;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container says about its picture, without decoding it all.
 *
 * @param container FFmpeg's name of the format, as {@code mov,mp4,m4a,3gp,3g2,mj2}
 * @param codec FFmpeg's name of the codec, as {@code h264}
 * @param codecProfile profile, as {@code High}
 * @param width pixels in a row of a sampled frame, rotation applied
 * @param height rows of a sampled frame, rotation applied
 * @param rotation clockwise degrees that the coded picture is turned by to stand upright: 0, 90, 180 or 270
 * @param mirrored whether the coded picture is mirrored left to right before it is turned
 * @param sampleAspect width to height of one coded sample; sampled frames are not stretched by it
 * @param frameRate average frame rate where it is known
 * @param duration of the picture, or of the container where the picture's is not told
 * @param frameCount frames, exact where the container counts them ({@code frameCountExact}), else rate × duration
 * @param frameCountExact whether the count is the container's own
 * @param pixelFormat FFmpeg's name, as {@code yuv420p10le}
 * @param bitDepth bits of one sample
 * @param alpha whether the codec carries transparency, which sampled frames drop
 * @param interlaced whether rows belong to two instants; sampled frames keep both fields woven
 * @param colorSpace YUV matrix as told, as {@code bt709}; {@code unknown} is taken for BT.709 from 720 rows on, else BT.601
 * @param colorRange {@code tv} (limited), {@code pc} (full), or {@code unknown}, which is taken for limited
 * @param colorTransfer transfer characteristics as told, as {@code smpte2084}; not converted
 * @param bytes size of the file
 * @param bitRate bits per second where it is known
 * @param audio audio streams
 * @param metadata the container's key-value pairs
 */
public record VideoInfo(
        String container,
        String codec,
        Optional<String> codecProfile,
        int width,
        int height,
        int rotation,
        boolean mirrored,
        Rational sampleAspect,
        Optional<Rational> frameRate,
        Optional<Duration> duration,
        OptionalLong frameCount,
        boolean frameCountExact,
        String pixelFormat,
        int bitDepth,
        boolean alpha,
        boolean interlaced,
        String colorSpace,
        String colorRange,
        String colorTransfer,
        long bytes,
        OptionalLong bitRate,
        List<AudioTrack> audio,
        Map<String, String> metadata) {
    public VideoInfo {
        audio = List.copyOf(audio);
        metadata = Map.copyOf(metadata);
    }
}
