package io.kinora.service.http;

import com.typesafe.config.ConfigFactory;
import io.kinora.service.KinoraNode;
import io.kinora.service.SmallPipelines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A node whose small checkpoint makes pictures, with an HTTP face on the broker of a service that runs. */
record PictureFace(KinoraNode node, HttpFace face) implements AutoCloseable {
    /** Starts one; what it keeps goes to the folder. */
    static PictureFace start(RunningKinora kinora, Path folder) throws IOException {
        KinoraNode node = KinoraNode.start(ConfigFactory.parseMap(Map.of(
                        "kinora.checkpoint",
                        SmallPipelines.textToImage(folder.resolve("checkpoint")).toString(),
                        "kinora.data-dir",
                        folder.resolve("data").toString()))
                .withFallback(ConfigFactory.load())
                .resolve());
        return new PictureFace(node, node.listen(kinora.books(), kinora.settings(Map.of())));
    }

    String model() {
        return node.card().name();
    }

    @Override
    public void close() {
        face.close();
        node.close();
    }
}
