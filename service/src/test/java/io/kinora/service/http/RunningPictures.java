package io.kinora.service.http;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.service.SmallPipelines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A whole service with a small untrained checkpoint that makes pictures, and a broker. */
record RunningPictures(KafkaCluster cluster, KinoraNode node, Pipelines pipelines, ClusterBooks books, HttpFace face)
        implements AutoCloseable {
    /** Starts it; what it keeps goes to the folder. */
    static RunningPictures start(Path folder) throws IOException {
        Config config = ConfigFactory.parseMap(Map.of(
                        "kinora.checkpoint",
                        SmallPipelines.textToImage(folder.resolve("checkpoint")).toString(),
                        "kinora.data-dir",
                        folder.resolve("data").toString(),
                        "kinora.kafka.embedded.folder",
                        folder.resolve("kafka").toString(),
                        "kinora.kafka.claim-check.folder",
                        folder.resolve("claims").toString(),
                        "kinora.kafka.embedded.port",
                        0,
                        "kinora.http.port",
                        0))
                .withFallback(ConfigFactory.load())
                .resolve();
        KafkaCluster cluster = KafkaCluster.open(config);
        KinoraNode node = KinoraNode.start(config);
        Pipelines pipelines = node.connect(cluster.settings());
        ClusterBooks books = ClusterBooks.open(cluster.settings(), pipelines);
        return new RunningPictures(cluster, node, pipelines, books, node.listen(books));
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
