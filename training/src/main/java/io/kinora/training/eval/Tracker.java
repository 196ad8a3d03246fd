package io.kinora.training.eval;

import io.kinora.video.RgbFrame;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Follows shapes from frame to frame: the nearest patch of the same colour goes on, whatever is left over is new. */
final class Tracker {
    /** What a shape can go from one frame to the next. */
    private static final double STEP = 0.35;

    /** Another colour counts like this way. */
    private static final double RECOLOURED = 0.3;

    /** A shape that is seen in fewer frames is an accident. */
    private static final double LEAST_SEEN = 0.25;

    private record Pair(Track track, Blob blob, double cost) {}

    private Tracker() {}

    /** The shapes of a clip, the largest first. */
    static List<Track> follow(List<RgbFrame> frames) {
        List<Track> tracks = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            assign(tracks, BlobFinder.find(frames.get(i)), i);
        }
        return tracks.stream()
                .filter(track -> track.seen().size() >= LEAST_SEEN * frames.size())
                .sorted(Comparator.comparingDouble(Track::area).reversed())
                .toList();
    }

    private static void assign(List<Track> tracks, List<Blob> blobs, int frame) {
        List<Pair> pairs = new ArrayList<>();
        for (Track track : tracks) {
            for (Blob blob : blobs) {
                double recoloured = track.colour() == blob.colour() ? 0 : RECOLOURED;
                pairs.add(new Pair(track, blob, track.last().distance(blob) + recoloured));
            }
        }
        pairs.sort(Comparator.comparingDouble(Pair::cost));
        List<Track> free = new ArrayList<>(tracks);
        List<Blob> left = new ArrayList<>(blobs);
        for (Pair pair : pairs) {
            if (pair.cost < STEP + RECOLOURED && free.contains(pair.track) && left.contains(pair.blob)) {
                pair.track.add(Optional.of(pair.blob));
                free.remove(pair.track);
                left.remove(pair.blob);
            }
        }
        free.forEach(track -> track.add(Optional.empty()));
        for (Blob blob : left) {
            Track track = new Track(frame);
            track.add(Optional.of(blob));
            tracks.add(track);
        }
    }
}
