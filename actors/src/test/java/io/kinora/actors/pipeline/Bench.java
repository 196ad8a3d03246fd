package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A cluster's topics, written and read as any program does, and the pipelines of a node on them. */
final class Bench implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KafkaClients clients;
    private final RecordEncoder encoder;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Producer<byte[], byte[]> producer;

    Bench(KafkaClients clients) {
        this.clients = clients;
        clients.provisionTopics();
        this.encoder = new RecordEncoder(clients.settings().topics(), "/kinora/test");
        this.producer = clients.producer("test");
    }

    Pipelines start(UntrainedModel model) {
        return Pipelines.start(
                model.kit().system(),
                clients.settings(),
                "/kinora/test",
                new ModelIdentity(
                        model.hosts().card().name(), model.hosts().card().revision(), true),
                model.hosts().answers(),
                model.hosts().renders(),
                4,
                JobSettings.from(ConfigFactory.load()),
                model.metrics());
    }

    String topic(Topic topic) {
        return clients.settings().topics().name(topic);
    }

    void subscribe(Subscription subscription) throws InterruptedException, ExecutionException {
        send(encoder.subscription(subscription, TraceContext.NONE));
    }

    void unsubscribe(String id) throws InterruptedException, ExecutionException {
        send(encoder.subscriptionEnd(id));
    }

    void clip(String stream, String id, Instant at, byte[] mp4) throws InterruptedException, ExecutionException {
        clip(stream, id, at, "video/mp4", mp4);
    }

    void clip(String stream, String id, Instant at, String mediaType, byte[] bytes)
            throws InterruptedException, ExecutionException {
        Clip clip = new Clip(id, stream, Optional.of(mediaType), new ClipPayload.Inline(Blob.wrap(bytes)), at);
        send(encoder.clip(clip, TraceContext.NONE));
    }

    void send(ProducerRecord<byte[], byte[]> record) throws InterruptedException, ExecutionException {
        producer.send(record).get();
    }

    /** All answers, once there are so many; more fail. */
    List<Answer> answers(int count) {
        return await(topic(Topic.ANSWERS), count).stream()
                .map(record -> decoder.answer(record).body())
                .toList();
    }

    /** The records that a topic has now. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return new TopicReader(clients).all(topic);
    }

    /** All records of a topic, once there are so many; more fail. */
    List<ConsumerRecord<byte[], byte[]>> await(String topic, int count) {
        List<ConsumerRecord<byte[], byte[]>> found = new TopicReader(clients).awaited(topic, count, PATIENCE);
        assertThat(found).as(topic).hasSize(count);
        return found;
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** Two seconds of grey that becomes lighter, at a pace that tells clips apart. */
    static byte[] video(int shade) throws IOException {
        return video(shade, EncodeSettings.mp4(Rational.of(12, 1)));
    }

    static byte[] video(int shade, EncodeSettings settings) throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        IntStream.range(0, 24).forEach(i -> {
            byte[] pixels = new byte[64 * 48 * 3];
            Arrays.fill(pixels, (byte) (shade + i));
            frames.add(RgbFrame.of(64, 48, pixels));
        });
        return VideoEncoder.encode(frames, settings);
    }

    @Override
    public void close() {
        producer.close();
    }
}
