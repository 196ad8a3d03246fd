package io.kinora.service.http;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.service.Page;
import io.kinora.service.SmallPipelines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A whole service with a small checkpoint and a broker, for one test alone. It asks for no key. */
record FreshKinora(KafkaCluster cluster, KinoraNode node, Pipelines pipelines, ClusterBooks books, HttpFace face)
        implements AutoCloseable {
    /** The checkpoint that Kinora ships. */
    static final Path SHIPPED = Page.project().resolve("checkpoints/kinora-shapes");

    /** Starts one that makes pictures; what it keeps goes to the folder. */
    static FreshKinora ofPictures(Path folder) throws IOException {
        return start(
                folder,
                Map.of(
                        "kinora.checkpoint",
                        SmallPipelines.textToImage(folder.resolve("checkpoint")).toString()));
    }

    /** Starts one that answers and makes clips; what it keeps goes to the folder. */
    static FreshKinora ofClips(Path folder) throws IOException {
        return start(folder, Map.of());
    }

    /** Starts one with the checkpoint that Kinora ships. */
    static FreshKinora ofShapes(Path folder) throws IOException {
        return start(folder, Map.of("kinora.checkpoint", SHIPPED.toString()));
    }

    private static FreshKinora start(Path folder, Map<String, ?> checkpoint) throws IOException {
        Config config = ConfigFactory.parseMap(checkpoint)
                .withFallback(ConfigFactory.parseMap(Map.of(
                        "kinora.data-dir",
                        folder.resolve("data").toString(),
                        "kinora.http.files.folder",
                        folder.resolve("files").toString(),
                        "kinora.kafka.embedded.folder",
                        folder.resolve("kafka").toString(),
                        "kinora.kafka.claim-check.folder",
                        folder.resolve("claims").toString(),
                        "kinora.kafka.embedded.port",
                        0,
                        "kinora.http.port",
                        0)))
                .withFallback(ConfigFactory.load())
                .resolve();
        KafkaCluster cluster = KafkaCluster.open(config);
        KinoraNode node = KinoraNode.start(config);
        Pipelines pipelines = node.connect(cluster.settings());
        ClusterBooks books = ClusterBooks.open(cluster.settings(), pipelines);
        return new FreshKinora(cluster, node, pipelines, books, node.listen(books));
    }

    String address() {
        return face.address();
    }

    String model() {
        return node.card().name();
    }

    @Override
    public void close() throws IOException {
        face.close();
        books.close();
        pipelines.close();
        node.close();
        cluster.close();
    }
}
