package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that name another file or address: FFmpeg must not ask there, and must not read there. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileClipTest {
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;
    private String address;

    @TempDir
    private Path folder;

    @BeforeEach
    void startTheServerThatMustNotBeAsked() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        address = "127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void nobodyAskedTheServer() {
        server.stop(0);
        assertThat(asked).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://SERVER/a.ts\n#EXT-X-ENDLIST\n",
                "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nVICTIM\n#EXT-X-ENDLIST\n",
                "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nconcat:http://SERVER/h.txt|file:///etc/passwd\n",
                "ffconcat version 1.0\nfile http://SERVER/a.mp4\n",
                "ffconcat version 1.0\nfile 'VICTIM'\n",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
                "rtsptext\nrtsp://SERVER/x\n",
                "http://SERVER/a.mp4\n",
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT10S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>http://SERVER/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>",
                "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"http://SERVER/a.png\"/></svg>",
                "[playlist]\nFile1=http://SERVER/a.mp4\nNumberOfEntries=1\n",
            })
    void playlistsAndReferencesAreNoClips(String text) throws IOException {
        Path victim = Files.write(folder.resolve("victim.mp4"), TestClips.fixture("hevc.mp4"));
        byte[] bytes = text.replace("SERVER", address)
                .replace("VICTIM", victim.toString())
                .getBytes(StandardCharsets.UTF_8);
        for (String extension : new String[] {"m3u8", "mp4", "ffconcat", "mpd", "sdp"}) {
            Path file = Files.write(folder.resolve("clip." + extension), bytes);
            assertThatThrownBy(() -> FrameSampler.uniform(1).sample(VideoSource.file(file), DecodeLimits.defaults()))
                    .isInstanceOf(UnreadableClipException.class);
            assertThatThrownBy(() -> AudioReader.whole().read(VideoSource.file(file), AudioLimits.defaults()))
                    .isInstanceOf(UnreadableClipException.class);
        }
        assertThatThrownBy(() -> FrameSampler.uniform(1).sample(VideoSource.bytes(bytes), DecodeLimits.defaults()))
                .isInstanceOf(UnreadableClipException.class);
    }

    @Test
    void aTrackWhoseDataLieInAnotherFileIsNotFollowed() throws IOException {
        Path victim = Files.write(folder.resolve("victim.mp4"), TestClips.fixture("hevc.mp4"));
        for (String location :
                new String[] {"http://" + address + "/a.mp4", victim.toUri().toString(), "victim.mp4"}) {
            byte[] clip = withDataReference(TestClips.fixture("hevc.mp4"), location);
            Path file = Files.write(folder.resolve("reference.mp4"), clip);
            try {
                // The data of this very file may be taken instead: what counts is who was asked.
                FrameSampler.uniform(1).sample(VideoSource.file(file), DecodeLimits.defaults());
            } catch (VideoException refusal) {
                assertThat(refusal).isInstanceOf(UnreadableClipException.class);
            }
        }
    }

    /** Replaces the reference that says "the data are in this file" by one to somewhere else. */
    private static byte[] withDataReference(byte[] mp4, String location) {
        int reference = indexOf(mp4, "dref") + 12; // behind version and count: the entry's size
        byte[] name = location.getBytes(StandardCharsets.UTF_8);
        int grown = 12 + name.length + 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(mp4, 0, reference);
        out.writeBytes(ByteBuffer.allocate(4).putInt(grown).array());
        out.writeBytes("url ".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[4]); // no flag: not in this file
        out.writeBytes(name);
        out.write(0);
        int entryEnd = reference + ByteBuffer.wrap(mp4).getInt(reference);
        out.write(mp4, entryEnd, mp4.length - entryEnd);
        byte[] changed = out.toByteArray();
        int added = grown - (entryEnd - reference);
        for (String box : new String[] {"moov", "trak", "mdia", "minf", "dinf", "dref"}) {
            int at = indexOf(changed, box) - 4;
            ByteBuffer buffer = ByteBuffer.wrap(changed);
            buffer.putInt(at, buffer.getInt(at) + added);
        }
        return changed;
    }

    private static int indexOf(byte[] bytes, String text) {
        int index = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
        assertThat(index).as(text).isPositive();
        return index;
    }
}
