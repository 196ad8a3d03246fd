package io.kinora.training.world;

import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How a scene becomes a file: through the real encoders, at a size, a rate and a quality.
 *
 * @param format container and codec
 * @param width pixels in a row, even
 * @param height rows, even
 * @param frameRate frames per second
 * @param frames length of the clip
 * @param quality 1 to 100
 */
public record Filming(VideoFormat format, int width, int height, Rational frameRate, int frames, int quality) {
    private static final double SLOW_CODEC = 0.2;

    public Filming {
        if (frames < 1) {
            throw new IllegalArgumentException("a clip has at least one frame, got " + frames);
        }
    }

    /** One of the ways of a split: the held-out sizes, rates and qualities are other than those trained on. */
    public static Filming of(Split split, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        VideoFormat format = random.nextDouble() < SLOW_CODEC ? VideoFormat.WEBM_VP9 : VideoFormat.MP4_H264;
        boolean train = split == Split.TRAIN;
        int side = one(train ? List.of(112, 128, 160, 224) : List.of(144, 176, 256), random);
        int rate = one(train ? List.of(8, 12, 16) : List.of(10, 15, 24), random);
        int seconds = 2 + random.nextInt(2);
        int quality = train ? 60 + random.nextInt(36) : 50 + random.nextInt(40);
        return new Filming(format, side, side, Rational.of(rate, 1), rate * seconds, quality);
    }

    /** The file's bytes. */
    public byte[] film(Scene scene) {
        SceneRenderer renderer = new SceneRenderer(scene, width, height);
        return encode(renderer.frames(frames));
    }

    /** The bytes of a file of these frames. */
    byte[] encode(List<RgbFrame> pictures) {
        return VideoEncoder.encode(pictures, new EncodeSettings(format, frameRate, quality, Map.of()));
    }

    private static int one(List<Integer> values, SplittableRandom random) {
        return values.get(random.nextInt(values.size()));
    }
}
