package io.kinora.training.eval;

import io.kinora.training.eval.GenerateReport.Attribute;
import io.kinora.training.world.Filming;
import io.kinora.training.world.Scene;
import io.kinora.training.world.Split;
import io.kinora.training.world.Sprite;
import io.kinora.training.world.World;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSampler;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * Has held-out clips of one shape encoded and decoded, and compares what comes back: with the clip, frame by frame in the size
 * of what came back, and with the clip's scene, by the image judge.
 */
public final class AutoencodeEvaluation {
    private static final int FRAMES = 16;
    private static final double MOST_DECIBELS = 100;

    private final long seed;
    private final int clips;

    /**
     * So many clips of the held-out world of a seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public AutoencodeEvaluation(long seed, int clips) {
        if (clips < 1) {
            throw new IllegalArgumentException("clips is %d, allowed are 1 and more".formatted(clips));
        }
        this.seed = seed;
        this.clips = clips;
    }

    /** The figures, and a picture of all clips as they came back, each under what it was. */
    public record Result(AutoencodeReport report, RgbFrame sheet) {}

    /**
     * Encodes, decodes and compares everything.
     *
     * @param progress told the number of clips done
     */
    public Result run(ClipReconstructor reconstructor, IntConsumer progress) {
        World world = new World(seed);
        Map<Attribute, Score> survived = new EnumMap<>(Attribute.class);
        ClipSheet sheet = new ClipSheet();
        double psnr = 0;
        double ssim = 0;
        for (int i = 0; i < clips; i++) {
            Scene scene = world.soloScene(Split.HELD_OUT, i);
            VideoSource clip =
                    VideoSource.bytes(Filming.of(Split.HELD_OUT, seed + i).film(scene));
            List<RgbFrame> back = frames(reconstructor
                    .reconstruct(clip, seed + i)
                    .toCompletableFuture()
                    .join());
            List<RgbFrame> given = resized(frames(clip), back.get(0));
            psnr += Math.min(MOST_DECIBELS, PictureQuality.psnr(meanSquaredError(given, back)));
            ssim += meanSsim(given, back);
            Sprite sprite = scene.first();
            Optional<Sighting> seen = ImageJudge.judge(back).stream().findFirst();
            count(survived, Attribute.COLOUR, seen, s -> s.colour() == sprite.colour());
            count(survived, Attribute.SHAPE, seen, s -> s.shape() == sprite.shape());
            count(survived, Attribute.MOTION, seen, s -> s.motions().equals(sprite.motions()));
            boolean all = seen.filter(new Sighting(sprite.colour(), sprite.shape(), sprite.motions())::equals)
                    .isPresent();
            sheet.add(given, true);
            sheet.add(back, all);
            progress.accept(i + 1);
        }
        return new Result(new AutoencodeReport(clips, psnr / clips, ssim / clips, survived), sheet.picture());
    }

    private static void count(
            Map<Attribute, Score> survived, Attribute attribute, Optional<Sighting> seen, Predicate<Sighting> same) {
        survived.merge(attribute, Score.NONE.plus(seen.filter(same).isPresent()), Score::plus);
    }

    private static List<RgbFrame> frames(VideoSource clip) {
        return FrameSampler.uniform(FRAMES).sample(clip, DecodeLimits.defaults()).frames().stream()
                .map(ClipFrame::image)
                .toList();
    }

    private static List<RgbFrame> resized(List<RgbFrame> frames, RgbFrame like) {
        FrameSize size = new FrameSize(like.width(), like.height());
        return frames.stream()
                .map(frame -> FrameResizer.likePil(frame, size, FrameResizer.Filter.BICUBIC))
                .toList();
    }

    private static double meanSquaredError(List<RgbFrame> given, List<RgbFrame> back) {
        List<Double> errors = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            errors.add(PictureQuality.meanSquaredError(given.get(i), back.get(i)));
        }
        return errors.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static double meanSsim(List<RgbFrame> given, List<RgbFrame> back) {
        double sum = 0;
        for (int i = 0; i < given.size(); i++) {
            sum += PictureQuality.ssim(given.get(i), back.get(i));
        }
        return sum / given.size();
    }
}
