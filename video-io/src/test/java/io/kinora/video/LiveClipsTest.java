package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveClipsTest {
    private static final Instant AT = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"libopenh264, mp4", "libopenh264, mpegts", "libopenh264, flv", "mpeg4, avi", "libvpx, webm"})
    void aRecordingIsCutAtItsKeyFramesWithoutALossAndEachClipIsWhole(String encoder, String container)
            throws IOException {
        Path file = Files.write(folder.resolve("recording"), recording(encoder, container, 120));
        List<CutClip> clips = new ArrayList<>();
        CutSettings settings = CutSettings.of(Duration.ofSeconds(4), SECOND);
        try (LiveClips live =
                LiveClips.open(LiveAddress.of(file.toString()), settings, Clock.systemUTC(), Optional.of(AT))) {
            live.next().ifPresent(clips::add);
            while (!clips.isEmpty() && clips.size() < 9) {
                Optional<CutClip> next = live.next();
                if (next.isEmpty()) {
                    break;
                }
                clips.add(next.get());
            }
            assertThat(live.lostFrames()).isZero();
        }
        // A key frame each second, or sooner where an encoder likes one; clips of four seconds, wanted each three.
        assertThat(clips).hasSize(3);
        int end = 0;
        for (int i = 0; i < clips.size(); i++) {
            List<Integer> numbers = numbers(clips.get(i));
            int begin = numbers.get(0);
            assertThat(numbers).isEqualTo(range(begin, begin + numbers.size()));
            assertThat(begin).isBetween(36 * i - 11, 36 * i);
            assertThat(Duration.between(
                            AT.plusMillis(begin * 1_000L / 12), clips.get(i).at()))
                    .isBetween(Duration.ofMillis(-2), Duration.ofMillis(2));
            end = begin + numbers.size();
            int wanted = Math.min(36 * i + 48, 120);
            assertThat(end)
                    .as("the end of clip %d, in times of whole milliseconds", i)
                    .isBetween(wanted - 1, wanted);
        }
        assertThat(end).isEqualTo(120);
        assertThat(clips.get(0).duration()).isCloseTo(Duration.ofSeconds(4), Duration.ofMillis(90));
    }

    @Test
    void aStreamOverHttpThatBreaksOffGivesWhatHadComeAndSaysThatItMayPass() throws IOException {
        byte[] recording = recording("libopenh264", "mpegts", 72);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/live", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(recording);
            }
        });
        server.start();
        String url = "http://127.0.0.1:%d/live?token=secret"
                .formatted(server.getAddress().getPort());
        CutSettings settings = CutSettings.of(Duration.ofSeconds(2), Duration.ZERO);
        try {
            LiveAddress address = LiveAddress.of(url);
            assertThat(address.shown()).doesNotContain("secret");
            assertThat(address.isLive()).isTrue();
            try (LiveClips live =
                    LiveClips.open(address, settings, Clock.fixed(AT, ZoneOffset.UTC), Optional.empty())) {
                assertThat(live.next()).hasValueSatisfying(clip -> {
                    assertThat(clip.at()).isEqualTo(AT);
                    assertThat(numbers(clip)).isEqualTo(range(0, 24));
                });
                assertThat(live.next())
                        .hasValueSatisfying(clip -> assertThat(numbers(clip)).isEqualTo(range(24, 48)));
                assertThat(live.next())
                        .hasValueSatisfying(clip -> assertThat(numbers(clip)).isEqualTo(range(48, 72)));
                assertThat(live.next()).isEmpty();
            }
        } finally {
            server.stop(0);
        }
        assertThatExceptionOfType(ClipFetchException.class)
                .isThrownBy(() -> LiveClips.open(LiveAddress.of(url), settings, Clock.systemUTC(), Optional.empty()))
                .withMessageNotContaining("secret")
                .matches(ClipFetchException::mayPass);
    }

    @Test
    void aCameraThatSpeaksRtspIsCutAndCanBeConnectedToAgain() throws Exception {
        CutSettings settings = CutSettings.of(Duration.ofSeconds(2), SECOND);
        try (RtspCamera camera = new RtspCamera(recording("libopenh264", "mpegts", 60))) {
            LiveAddress address = LiveAddress.of(camera.address());
            assertThat(address.shown()).doesNotContain("secret");
            for (int viewer = 1; viewer <= 2; viewer++) {
                try (LiveClips live =
                        LiveClips.open(address, settings, Clock.fixed(AT, ZoneOffset.UTC), Optional.empty())) {
                    CutClip first = live.next().orElseThrow();
                    assertThat(first.at()).isEqualTo(AT);
                    assertThat(numbers(first)).isEqualTo(range(0, 24));
                    CutClip second = live.next().orElseThrow();
                    assertThat(numbers(second)).isEqualTo(range(12, 36));
                    assertThat(Duration.between(first.at(), second.at())).isEqualTo(SECOND);
                }
                assertThat(camera.viewers()).isEqualTo(viewer);
            }
        }
    }

    @Test
    void aStreamOverTcpIsCutToItsEnd() throws Exception {
        byte[] recording = recording("libopenh264", "mpegts", 48);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread camera = new Thread(() -> serveOnce(server, recording), "camera");
            camera.start();
            CutSettings settings = CutSettings.of(Duration.ofSeconds(2), Duration.ZERO);
            try (LiveClips live = LiveClips.open(
                    LiveAddress.of("tcp://127.0.0.1:" + server.getLocalPort()),
                    settings,
                    Clock.systemUTC(),
                    Optional.empty())) {
                assertThat(numbers(live.next().orElseThrow())).isEqualTo(range(0, 24));
                assertThat(numbers(live.next().orElseThrow())).isEqualTo(range(24, 48));
                assertThat(live.next()).isEmpty();
            }
            camera.join();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "flv, rtmp://127.0.0.1:%d/live/door, -f flv -listen 1 rtmp://127.0.0.1:%d/live/door",
        "mpegts, srt://127.0.0.1:%d, -f mpegts srt://127.0.0.1:%d?mode=listener"
    })
    void aCameraThatIsTurnedOnLateAndAgainIsCutEachTime(String container, String address, String output)
            throws Exception {
        Path recording = Files.write(folder.resolve("recording"), recording("libopenh264", container, 72));
        int port = freePort();
        LiveAddress source = LiveAddress.of(address.formatted(port));
        CutSettings settings = new CutSettings(Duration.ofSeconds(2), Duration.ZERO, 1 << 20, Duration.ofSeconds(5));
        assertThatExceptionOfType(ClipFetchException.class)
                .isThrownBy(() -> LiveClips.open(source, settings, Clock.systemUTC(), Optional.empty()))
                .matches(ClipFetchException::mayPass);
        for (int viewer = 1; viewer <= 2; viewer++) {
            try (FfmpegCamera camera =
                            new FfmpegCamera(recording, output.formatted(port).split(" ", -1));
                    LiveClips live = connected(source, settings, camera)) {
                assertThat(numbers(live.next().orElseThrow())).isEqualTo(range(0, 24));
                assertThat(numbers(live.next().orElseThrow())).isEqualTo(range(24, 48));
            }
        }
    }

    /** Tries until the camera listens. */
    private static LiveClips connected(LiveAddress source, CutSettings settings, FfmpegCamera camera) {
        while (true) {
            try {
                return LiveClips.open(source, settings, Clock.systemUTC(), Optional.empty());
            } catch (ClipFetchException notYet) {
                assertThat(camera.isOn()).as("FFmpeg runs").isTrue();
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private static void serveOnce(ServerSocket server, byte[] bytes) {
        try (Socket viewer = server.accept()) {
            viewer.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDeviceThatIsNotThereOrNoCameraIsRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LiveAddress.of("/dev/video-that-nobody-has"))
                .withMessageContaining("there is no device");
        assertThatExceptionOfType(ClipFetchException.class)
                .isThrownBy(() -> LiveClips.open(
                        LiveAddress.of("/dev/null"),
                        CutSettings.of(SECOND, Duration.ZERO),
                        Clock.systemUTC(),
                        Optional.empty()))
                .withMessageContaining("camera")
                .matches(failure -> !failure.mayPass());
    }

    @Test
    void aStreamOverUdpIsCutAndItsSilenceEndsTheWaiting() throws Exception {
        byte[] recording = recording("libopenh264", "mpegts", 120);
        int port = freePort();
        AtomicBoolean stop = new AtomicBoolean();
        Thread camera = new Thread(() -> send(recording, port, stop), "camera");
        camera.start();
        CutSettings settings = new CutSettings(Duration.ofSeconds(2), Duration.ZERO, 1 << 20, Duration.ofSeconds(2));
        try (LiveClips live = LiveClips.open(
                LiveAddress.of("udp://127.0.0.1:" + port), settings, Clock.systemUTC(), Optional.empty())) {
            CutClip clip = live.next().orElseThrow();
            List<Integer> numbers = numbers(clip);
            assertThat(numbers).hasSizeGreaterThanOrEqualTo(12).isSorted();
            stop.set(true);
            camera.join();
            assertThatExceptionOfType(ClipFetchException.class)
                    .isThrownBy(() -> {
                        while (live.next().isPresent()) {
                            Thread.onSpinWait();
                        }
                    })
                    .matches(ClipFetchException::mayPass);
        } finally {
            stop.set(true);
            camera.join();
        }
    }

    /** Of no program, neither over UDP nor, as far as one can know, over TCP. */
    private static int freePort() throws IOException {
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                ServerSocket alsoFree = new ServerSocket(free.getLocalPort(), 1, InetAddress.getLoopbackAddress())) {
            return alsoFree.getLocalPort();
        }
    }

    /** Again and again, as a camera that somebody turns on late sees it. */
    private static void send(byte[] stream, int port, AtomicBoolean stop) {
        int packet = 7 * 188;
        try (DatagramSocket socket = new DatagramSocket()) {
            while (!stop.get()) {
                for (int from = 0; from < stream.length && !stop.get(); from += packet) {
                    byte[] part = Arrays.copyOfRange(stream, from, Math.min(stream.length, from + packet));
                    socket.send(new DatagramPacket(part, part.length, InetAddress.getLoopbackAddress(), port));
                    LockSupport.parkNanos(8_000_000);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsNoSourceIsRefusedInWords() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LiveAddress.of("gopher://camera"))
                .withMessageContaining("rtsp");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LiveAddress.of(folder.resolve("absent.mp4").toString()));
        Path text = Files.writeString(folder.resolve("list.m3u8"), "#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n");
        assertThatExceptionOfType(ClipFetchException.class)
                .isThrownBy(() -> LiveClips.open(
                        LiveAddress.of(text.toString()),
                        CutSettings.of(SECOND, Duration.ZERO),
                        Clock.systemUTC(),
                        Optional.empty()))
                .matches(failure -> !failure.mayPass());
        assertThatIllegalArgumentException().isThrownBy(() -> CutSettings.of(SECOND, SECOND));
        assertThat(LiveAddress.of("rtsp://user:password@camera/1?x=y").shown()).isEqualTo("rtsp://camera/1");
    }

    /** Numbered frames, twelve a second, the first of each second a key frame. */
    private static byte[] recording(String encoder, String container, int frames) {
        Map<String, String> options =
                encoder.equals("libopenh264") ? Map.of("g", "12", "rc_mode", "quality") : Map.of("g", "12");
        return TestClips.make(
                TestClips.yuv(container, encoder, options),
                Rational.of(12, 1),
                NumberedFrames.first(frames, TestClips.WIDTH, TestClips.HEIGHT));
    }

    private static List<Integer> numbers(CutClip clip) {
        List<Integer> numbers = new ArrayList<>();
        try (VideoClip opened = VideoClip.open(VideoSource.bytes(clip.bytes()), DecodeLimits.defaults())) {
            assertThat(opened.forEachFrame(frame -> numbers.add(NumberedFrames.read(frame.image()))))
                    .isEmpty();
        }
        return numbers;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
