package io.kinora.service.cli;

import akka.util.ByteString;
import io.kinora.actors.shard.RenderSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a result goes, and what its name makes it: one clip, or pictures, several of them numbered as {@code out-01.png}.
 *
 * @param path as it was given
 * @param format what the name's ending says
 */
record ResultFiles(Path path, RenderSettings.Format format) {
    /**
     * Reads the format off the name.
     *
     * @throws BadInputException if the ending is none that is known, or the folder does not exist
     */
    static ResultFiles of(Path path) {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new BadInputException("--output is %s, but there is no folder %s".formatted(path, folder));
        }
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".jpeg")) {
            return new ResultFiles(path, RenderSettings.Format.JPEG);
        }
        for (RenderSettings.Format format : RenderSettings.Format.values()) {
            if (name.endsWith(format.suffix())) {
                return new ResultFiles(path, format);
            }
        }
        throw new BadInputException(
                "--output is %s, allowed are names ending in .mp4 (H.264), .webm (VP9), .png and .jpg".formatted(path));
    }

    /** Writes them, and says where. */
    List<Path> write(List<ByteString> files) throws IOException {
        List<Path> written = new ArrayList<>();
        int digits = Math.max(2, Integer.toString(files.size()).length());
        for (int i = 0; i < files.size(); i++) {
            Path file = files.size() == 1 ? path : numbered(i + 1, digits);
            Files.write(file, files.get(i).toArray());
            written.add(file);
        }
        return written;
    }

    private Path numbered(int number, int digits) {
        String name = path.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return path.resolveSibling(
                name.substring(0, dot) + "-" + ("%0" + digits + "d").formatted(number) + name.substring(dot));
    }
}
