package io.kinora.service.http;

import io.kinora.kafka.claim.ClaimCheckStore;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
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
                Optional.empty(),
                payloads.pack(Blob.wrap(bytes), "application/octet-stream"),
                clock.instant()));
    }

    @Override
    public void close() {
        client.close();
    }
}
