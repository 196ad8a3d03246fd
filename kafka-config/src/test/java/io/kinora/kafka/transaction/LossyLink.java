package io.kinora.kafka.transaction;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network between clients and a broker that can lose one thing on purpose: the next request of a kind, or the reply to
 * it. The connection it was on goes silent from there, as connections through a failing network do.
 */
final class LossyLink implements AutoCloseable {
    /** The API key of EndTxn in Kafka's protocol. */
    static final short END_TRANSACTION = 26;

    /** What is lost. */
    enum Loss {
        REQUEST,
        REPLY
    }

    private record Plan(short apiKey, Loss loss) {}

    private final ServerSocket listener;
    private final int brokerPort;
    private final AtomicReference<Optional<Plan>> plan = new AtomicReference<>(Optional.empty());

    LossyLink(ServerSocket listener, int brokerPort) {
        this.listener = listener;
        this.brokerPort = brokerPort;
        daemon(this::accept);
    }

    void loseNext(short apiKey, Loss loss) {
        plan.set(Optional.of(new Plan(apiKey, loss)));
    }

    /** True when something was planned and has been lost. */
    boolean isDone() {
        return plan.get().isEmpty();
    }

    private void accept() throws IOException {
        while (!listener.isClosed()) {
            Socket client = listener.accept();
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
            Connection connection = new Connection(client, broker);
            daemon(connection::requests);
            daemon(connection::replies);
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket broker;
        private volatile boolean silent;

        Connection(Socket client, Socket broker) {
            this.client = client;
            this.broker = broker;
        }

        /** Frame by frame: a length, then a request that begins with its API key. */
        void requests() throws IOException {
            try (client;
                    broker;
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    DataOutputStream out = new DataOutputStream(broker.getOutputStream())) {
                while (true) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    short apiKey = (short) ((frame[0] & 0xff) << 8 | (frame[1] & 0xff));
                    Optional<Plan> now = plan.get();
                    boolean hit = now.filter(next -> next.apiKey() == apiKey).isPresent()
                            && plan.compareAndSet(now, Optional.empty());
                    silent |= hit;
                    if (!hit || now.get().loss() == Loss.REPLY) {
                        out.writeInt(frame.length);
                        out.write(frame);
                        out.flush();
                    }
                }
            } catch (EOFException e) {
                // The client hung up.
                client.close();
            }
        }

        void replies() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream in = broker.getInputStream();
                    OutputStream out = client.getOutputStream()) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (!silent) {
                        out.write(buffer, 0, count);
                        out.flush();
                    }
                }
            }
        }
    }

    private interface Io {
        void run() throws IOException;
    }

    private static void daemon(Io work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // One side closed its socket: the connection is over.
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
