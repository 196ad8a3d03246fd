package io.kinora.service.cli;

import io.kinora.actors.compose.Material;
import io.kinora.kafka.record.Blob;
import io.kinora.video.AudioLimits;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** A medium as it is named on a command line: a file whose ending says what it is, or {@code audio:FILE} for a clip's own sound. */
final class MediaArgument {
    private static final String SOUND_OF = "audio:";
    private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "webp");
    private static final Set<String> CLIPS = Set.of("mp4", "mov", "avi", "flv", "mkv", "webm", "m4v");
    private static final Set<String> SOUNDS = Set.of("mp3", "wav", "aac", "flac", "ogg", "opus", "m4a");

    private MediaArgument() {}

    /**
     * The medium.
     *
     * @throws NoSuchFileException if there is no such file
     * @throws BadInputException if its ending is none that is known
     */
    static Material of(String text) throws IOException {
        boolean soundOf = text.startsWith(SOUND_OF);
        Path file = Path.of(soundOf ? text.substring(SOUND_OF.length()) : text);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        VideoSource source = VideoSource.file(file);
        String sha256 = Blob.wrap(Files.readAllBytes(file)).sha256();
        if (soundOf || SOUNDS.contains(ending)) {
            return new Material.Sound(source, sha256, AudioLimits.defaults());
        }
        if (PICTURES.contains(ending)) {
            return new Material.Picture(source, sha256, DecodeLimits.defaults());
        }
        if (CLIPS.contains(ending)) {
            return new Material.Clip(source, sha256, DecodeLimits.defaults());
        }
        throw new BadInputException(
                "--media is %s; known are pictures (.jpg .png .webp), clips (.mp4 .mov .mkv .webm …), sounds (.wav .mp3 .flac .ogg …), and audio:FILE for a clip's sound"
                        .formatted(text));
    }
}
