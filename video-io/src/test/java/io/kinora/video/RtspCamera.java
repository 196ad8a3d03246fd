package io.kinora.video;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A camera that speaks RTSP (RFC 2326): an MPEG transport stream as RTP packets (RFC 2250) between the words, then it breaks off. Serves one viewer after the other. */
final class RtspCamera implements AutoCloseable {
    private static final int TRANSPORT_STREAM = 33;
    private static final int PACKET = 7 * 188;
    private static final String DESCRIPTION = """
            v=0
            o=- 1 1 IN IP4 127.0.0.1
            s=camera
            c=IN IP4 0.0.0.0
            t=0 0
            m=video 0 RTP/AVP %d
            a=control:track1
            """.formatted(TRANSPORT_STREAM).replace("\n", "\r\n");

    private final ServerSocket server;
    private final byte[] stream;
    private final Thread thread;
    private final AtomicInteger viewers = new AtomicInteger();

    /** @param stream MPEG-TS */
    RtspCamera(byte[] stream) throws IOException {
        this.stream = stream;
        this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        this.thread = new Thread(this::serve, "camera");
        thread.start();
    }

    String address() {
        return "rtsp://user:secret@127.0.0.1:%d/stream".formatted(server.getLocalPort());
    }

    /** Who has asked it to play. */
    int viewers() {
        return viewers.get();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket viewer = server.accept()) {
                converse(viewer);
            } catch (IOException e) {
                if (!server.isClosed() && !(e instanceof SocketException)) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void converse(Socket viewer) throws IOException {
        BufferedReader words =
                new BufferedReader(new InputStreamReader(viewer.getInputStream(), StandardCharsets.US_ASCII));
        OutputStream out = viewer.getOutputStream();
        for (String request = words.readLine(); request != null; request = words.readLine()) {
            String number = "0";
            for (String line = words.readLine(); line != null && !line.isEmpty(); line = words.readLine()) {
                number = line.startsWith("CSeq:") ? line.substring(5).strip() : number;
            }
            String method = request.split(" ", 2)[0];
            say(out, number, method);
            if (method.equals("PLAY")) {
                viewers.incrementAndGet();
                play(out);
                return;
            }
        }
    }

    private static void say(OutputStream out, String number, String method) throws IOException {
        Optional<String> body = method.equals("DESCRIBE") ? Optional.of(DESCRIPTION) : Optional.empty();
        String headers =
                switch (method) {
                    case "OPTIONS" -> "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n";
                    case "DESCRIBE" ->
                        "Content-Type: application/sdp\r\nContent-Length: %d\r\n".formatted(DESCRIPTION.length());
                    case "SETUP" -> "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n";
                    default -> "Session: 1\r\n";
                };
        out.write("RTSP/1.0 200 OK\r\nCSeq: %s\r\n%s\r\n%s"
                .formatted(number, headers, body.orElse(""))
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** RTP packets, each behind a dollar, its channel and its length. */
    private void play(OutputStream out) throws IOException {
        for (int from = 0, sequence = 0; from < stream.length; from += PACKET, sequence++) {
            int length = Math.min(PACKET, stream.length - from);
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            packet.write(ByteBuffer.allocate(16)
                    .put((byte) '$')
                    .put((byte) 0)
                    .putShort((short) (12 + length))
                    .put((byte) 0x80) // version 2
                    .put((byte) TRANSPORT_STREAM)
                    .putShort((short) sequence)
                    .putInt(90 * sequence)
                    .putInt(7)
                    .array());
            packet.write(stream, from, length);
            out.write(packet.toByteArray());
        }
        out.flush();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        server.close();
        thread.join();
    }
}
