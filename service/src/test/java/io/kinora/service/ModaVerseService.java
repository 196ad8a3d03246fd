package io.kinora.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.service.http.ClusterBooks;
import io.kinora.service.http.HttpFace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code kinora serve} of a small ModaVerse within a test: broker, pipelines and HTTP. */
final class ModaVerseService implements AutoCloseable {
    private final KafkaCluster cluster;
    private final KinoraNode node;
    private final Pipelines pipelines;
    private final ClusterBooks books;
    private final HttpFace face;

    private ModaVerseService(
            KafkaCluster cluster, KinoraNode node, Pipelines pipelines, ClusterBooks books, HttpFace face) {
        this.cluster = cluster;
        this.node = node;
        this.pipelines = pipelines;
        this.books = books;
        this.face = face;
    }

    /** Starts it, with settings over the defaults; what it keeps lies in a folder. */
    static ModaVerseService start(Path folder, Map<String, Object> settings) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.put("kinora.data-dir", folder.resolve("data").toString());
        all.put("kinora.kafka.embedded.folder", folder.resolve("kafka").toString());
        all.put("kinora.kafka.claim-check.folder", folder.resolve("claims").toString());
        all.put("kinora.http.files.folder", folder.resolve("files").toString());
        all.put("kinora.kafka.embedded.port", 0);
        all.put("kinora.http.port", 0);
        Config config =
                ConfigFactory.parseMap(all).withFallback(ConfigFactory.load()).resolve();
        KafkaCluster cluster = KafkaCluster.open(config);
        KinoraNode node = KinoraNode.start(config);
        Pipelines pipelines = node.connect(cluster.settings());
        ClusterBooks books = ClusterBooks.open(cluster.settings(), pipelines);
        return new ModaVerseService(cluster, node, pipelines, books, node.listen(books));
    }

    KinoraNode node() {
        return node;
    }

    KafkaClients clients() {
        return new KafkaClients(cluster.settings());
    }

    /** As far as {@code /v1}. */
    String address() {
        return face.address() + "/v1";
    }

    @Override
    public void close() {
        face.close();
        books.close();
        pipelines.close();
        node.close();
        cluster.close();
    }
}
