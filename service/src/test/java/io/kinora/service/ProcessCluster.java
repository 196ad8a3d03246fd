package io.kinora.service;

import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Nodes of one cluster, each a process of its own, with one checkpoint of random weights; numbered by their ports. */
final class ProcessCluster implements AutoCloseable {
    private final Path folder;
    private final Path checkpoint;
    private final List<Integer> ports;
    private final String common;
    private final List<KinoraProcess> nodes = new ArrayList<>();

    private ProcessCluster(Path folder, Path checkpoint, List<Integer> ports, String common) {
        this.folder = folder;
        this.checkpoint = checkpoint;
        this.ports = ports;
        this.common = common;
    }

    /**
     * A cluster without a node.
     *
     * @param folder for the checkpoint, and what the nodes keep
     * @param size most nodes that it may have
     * @param common configuration of all of them
     */
    static ProcessCluster open(Path folder, int size, String common) throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        try (Engine engine = Engines.open("auto", Device.CPU)) {
            UntrainedCheckpoint.makeIfAbsent(checkpoint, engine);
        }
        return new ProcessCluster(folder, checkpoint, FreePorts.some(size), common);
    }

    int port(int number) {
        return ports.get(number);
    }

    /**
     * Starts a node that asks the first one whether it may join; the first one begins the cluster.
     *
     * @param name no other has, nor had
     * @param number of its port
     * @param words its configuration, over the common one
     */
    KinoraProcess start(String name, int number, String words) throws IOException {
        return start(name, number, 0, words);
    }

    /**
     * Starts a node that asks another one whether it may join.
     *
     * @param asked number of the node that is asked
     * @param newer classes that it has instead of those of the same name
     */
    KinoraProcess start(String name, int number, int asked, String words, Path... newer) throws IOException {
        String config = """
                kinora {
                  checkpoint = "%s"
                  http.port = 0
                  kafka.embedded.port = 0
                  cluster { enabled = on, port = %d, seeds = ["127.0.0.1:%d"] }
                }
                kinora { %s }
                kinora { %s }
                """.formatted(checkpoint, port(number), port(asked), common, words);
        KinoraProcess node = KinoraProcess.configured(folder.resolve(name), config, newer);
        nodes.add(node);
        return node;
    }

    /** What a node that answers says when it has laid the language model's two stages on these. */
    String laidOn(int first, int second) {
        return "2 stages are laid on .*:%d/user/stages.*:%d/user/stages"
                .formatted(Math.min(port(first), port(second)), Math.max(port(first), port(second)));
    }

    @Override
    public void close() {
        nodes.forEach(KinoraProcess::close);
    }
}
