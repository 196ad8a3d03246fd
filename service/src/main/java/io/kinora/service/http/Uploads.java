package io.kinora.service.http;

import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/**
 * Puts pictures and clips that come over HTTP on the clips topic, so that a job can be made from them wherever it runs. They are clips of a stream of their
 * own, {@value #STREAM}. Thread-safe; blocks.
 */
final class Uploads implements AutoCloseable {
    /** The stream's id. */
    static final String STREAM = "http-uploads";

    private final KinoraClient client;
    private final ClipPayloads payloads;
    private final Clock clock = Clock.systemUTC();

    Uploads(KafkaSettings settings) {
        this.client = new KinoraClient(new KafkaClients(settings), "/kinora/http");
        this.payloads = new ClipPayloads(
                ClaimCheckStore.inFolder(
                        settings.claimCheck().folder(), settings.claimCheck().maxSize()),
                settings.claimCheck().inlineUpTo());
    }

    /** Where the bytes lie from now on. */
    synchronized ClipReference put(byte[] bytes) {
        return client.publish(new Clip(
                "upload-" + UUID.randomUUID(),
                STREAM,
                pictureType(bytes),
                payloads.pack(Blob.wrap(bytes), "application/octet-stream"),
                clock.instant()));
    }

    /** A picture has to say that it is one; what a clip is shows when it is opened. */
    private static Optional<String> pictureType(byte[] bytes) {
        String beginning = new String(bytes, 0, Math.min(bytes.length, 12), StandardCharsets.ISO_8859_1);
        if (beginning.startsWith("\u0089PNG")) {
            return Optional.of("image/png");
        }
        if (beginning.startsWith("\u00ff\u00d8\u00ff")) {
            return Optional.of("image/jpeg");
        }
        boolean webp = beginning.startsWith("RIFF") && beginning.endsWith("WEBP");
        return webp ? Optional.of("image/webp") : Optional.empty();
    }

    @Override
    public void close() {
        client.close();
    }
}
