package io.kinora.training.data;

import io.kinora.training.data.ClipExample.QuestionAnswer;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSampler;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoException;
import io.kinora.video.VideoSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A user's own clips: a folder with {@code questions.jsonl} or {@code questions.csv} that says what is asked about which file, as
 * {@link QuestionFile} reads it. Frames are taken and resized as serving takes them.
 *
 * <p>Frames of the clips used last are kept; thread-safe.
 */
public final class FolderClips implements ClipSource {
    /** Sampled clips that are kept: some 150 KB each at the sizes of small encoders. */
    private static final int KEPT = 256;

    private static final long STREAM = 0x9e3779b9L;

    private final Path folder;
    private final FrameSize size;
    private final int questions;
    private final Map<String, List<QuestionAnswer>> byClip = new LinkedHashMap<>();
    private final Map<Sampled, List<RgbFrame>> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Sampled(String clip, int frames) {}

    /**
     * Reads the file of questions; clips are opened when they are first used.
     *
     * @param size side of the encoder's input
     * @param questions the most that are asked about a clip at once
     * @throws ClipDataException if there is no such file, a line of it cannot be read, or it names a clip that is not there
     */
    public FolderClips(Path folder, int size, int questions) {
        if (questions < 1) {
            throw new IllegalArgumentException("questions is %d, allowed are 1 and more".formatted(questions));
        }
        this.folder = folder;
        this.size = new FrameSize(size, size);
        this.questions = questions;
        for (QuestionFile.Line line : QuestionFile.in(folder).read()) {
            byClip.computeIfAbsent(line.clip(), clip -> new ArrayList<>())
                    .add(new QuestionAnswer(line.question(), line.answer()));
        }
    }

    /** How many clips there are. */
    public int clips() {
        return byClip.size();
    }

    @Override
    public ClipExample example(long index, int frames) {
        SplittableRandom random = new SplittableRandom(index * STREAM);
        List<String> names = List.copyOf(byClip.keySet());
        String clip = names.get(random.nextInt(names.size()));
        List<QuestionAnswer> left = new ArrayList<>(byClip.get(clip));
        List<QuestionAnswer> chosen = new ArrayList<>();
        while (chosen.size() < questions && !left.isEmpty()) {
            chosen.add(left.remove(random.nextInt(left.size())));
        }
        return new ClipExample(frames(new Sampled(clip, frames)), chosen);
    }

    private List<RgbFrame> frames(Sampled wanted) {
        synchronized (kept) {
            List<RgbFrame> known = kept.get(wanted);
            if (known != null) {
                return known;
            }
        }
        List<RgbFrame> frames = sample(wanted);
        synchronized (kept) {
            kept.put(wanted, frames);
            if (kept.size() > KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
        return frames;
    }

    private List<RgbFrame> sample(Sampled wanted) {
        try {
            return FrameSampler.uniform(wanted.frames)
                    .mapping(frame -> FrameResizer.likePil(frame, size, FrameResizer.Filter.BICUBIC))
                    .sample(VideoSource.file(folder.resolve(wanted.clip)), DecodeLimits.defaults())
                    .frames()
                    .stream()
                    .map(ClipFrame::image)
                    .toList();
        } catch (VideoException e) {
            throw new ClipDataException(
                    "%s cannot be trained on: %s".formatted(folder.resolve(wanted.clip), e.getMessage()), e);
        }
    }
}
