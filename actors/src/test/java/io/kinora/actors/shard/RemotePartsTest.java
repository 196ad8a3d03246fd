package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.receptionist.Receptionist;
import akka.util.ByteString;
import io.kinora.actors.UntrainedModel;
import io.kinora.actors.adapter.PipelineClipDecoder;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encoders and decoders that are found, lost and found again; where they are makes no difference to who asks. */
class RemotePartsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int WIDTH = 64;

    @TempDir
    static Path folder;

    private static UntrainedModel model;

    @BeforeAll
    static void open() throws IOException {
        model = UntrainedModel.in(folder);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void aJobWaitsForADecoderAndBeginsAnewOnAnotherWhenItsOwnIsLost() {
        ActorRef<DecoderHost.Command> remote =
                model.kit().spawn(RemoteDecoder.create(RemoteDecoder.key("waits"), 32, Clock.systemUTC()));
        TestProbe<DecoderHost.Event> undisturbed = model.kit().createTestProbe();
        remote.tell(new DecoderHost.Render(job("undisturbed", 30, Optional.empty()), undisturbed.ref()));
        ActorRef<DecoderHost.Command> first = decoder("waits");
        ByteString expected = rendered(undisturbed);

        TestProbe<DecoderHost.Event> lost = model.kit().createTestProbe();
        remote.tell(new DecoderHost.Render(job("lost", 30, Optional.empty()), lost.ref()));
        assertThat(lost.expectMessageClass(DecoderHost.Stepped.class, PATIENCE).done())
                .isEqualTo(1);
        model.kit().stop(first);
        ActorRef<DecoderHost.Command> second = decoder("waits");
        assertThat(rendered(lost)).isEqualTo(expected);
        model.kit().stop(second);
    }

    @Test
    void whatWaitsForADecoderIsCancelledLateOrRefusedWithTheReason() {
        ActorRef<DecoderHost.Command> remote =
                model.kit().spawn(RemoteDecoder.create(RemoteDecoder.key("never"), 2, Clock.systemUTC()));
        TestProbe<DecoderHost.Event> cancelled = model.kit().createTestProbe();
        TestProbe<DecoderHost.Event> late = model.kit().createTestProbe();
        TestProbe<DecoderHost.Event> tooMany = model.kit().createTestProbe();
        remote.tell(new DecoderHost.Render(job("cancelled", 2, Optional.empty()), cancelled.ref()));
        remote.tell(
                new DecoderHost.Render(job("late", 2, Optional.of(Instant.now().plusMillis(50))), late.ref()));
        assertThat(failure(late)).isEqualTo(DecoderHost.Failure.LATE);
        remote.tell(new DecoderHost.Cancel("cancelled"));
        assertThat(failure(cancelled)).isEqualTo(DecoderHost.Failure.CANCELLED);

        List<TestProbe<DecoderHost.Event>> waiting =
                List.of(model.kit().createTestProbe(), model.kit().createTestProbe());
        for (int i = 0; i < waiting.size(); i++) {
            remote.tell(new DecoderHost.Render(
                    job("waits-" + i, 2, Optional.empty()), waiting.get(i).ref()));
        }
        remote.tell(new DecoderHost.Render(job("too many", 2, Optional.empty()), tooMany.ref()));
        DecoderHost.NotRendered refused = tooMany.expectMessageClass(DecoderHost.NotRendered.class, PATIENCE);
        assertThat(refused.failure()).isEqualTo(DecoderHost.Failure.BUSY);
        assertThat(refused.reason()).contains("no node of the role decoder");
    }

    @Test
    void aVideoThatIsTooLargeToBeSentIsRefusedWithItsSize() {
        ActorRef<DecoderHost.Command> remote =
                model.kit().spawn(RemoteDecoder.create(RemoteDecoder.key("large"), 32, Clock.systemUTC()));
        ActorRef<DecoderHost.Command> decoder = decoder("large", 100);
        TestProbe<DecoderHost.Event> asker = model.kit().createTestProbe();
        remote.tell(new DecoderHost.Render(job("large", 1, Optional.empty()), asker.ref()));
        asker.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        DecoderHost.NotRendered refused = asker.expectMessageClass(DecoderHost.NotRendered.class, PATIENCE);
        assertThat(refused.failure()).isEqualTo(DecoderHost.Failure.TOO_LARGE);
        assertThat(refused.reason()).contains("at most 100");
        model.kit().stop(decoder);
    }

    @Test
    void framesAreAskedForAgainWhenTheEncoderIsLostThatHadThem() {
        ActorRef<EncoderHost.Command> remote =
                model.kit().spawn(RemoteEncoder.create(RemoteEncoder.key("lost"), model.metrics()));
        TestProbe<EncoderHost.Reply> asker = model.kit().createTestProbe();
        remote.tell(new EncoderHost.Find("clip", asker.ref()));
        TestProbe<EncoderHost.Command> silent = model.kit().createTestProbe();
        model.kit().system().receptionist().tell(Receptionist.register(RemoteEncoder.key("lost"), silent.ref()));
        EncoderHost.Find found = silent.expectMessageClass(EncoderHost.Find.class, PATIENCE);
        found.replyTo().tell(new EncoderHost.NotKept("clip"));
        asker.expectMessageClass(EncoderHost.NotKept.class, PATIENCE);
        remote.tell(frames(asker));
        silent.expectMessageClass(EncoderHost.Encode.class, PATIENCE).frames().close();

        silent.stop();
        ActorRef<EncoderHost.Command> other = encoder("lost");
        asker.expectMessageClass(EncoderHost.NotKept.class, PATIENCE);
        remote.tell(frames(asker));
        EncoderHost.Encoded encoded = asker.expectMessageClass(EncoderHost.Encoded.class, PATIENCE);
        assertThat(encoded.reused()).isFalse();
        encoded.embeddings().close();
        remote.tell(new EncoderHost.Find("clip", asker.ref()));
        encoded = asker.expectMessageClass(EncoderHost.Encoded.class, PATIENCE);
        assertThat(encoded.reused()).isTrue();
        encoded.embeddings().close();
        model.kit().stop(other);
    }

    @Test
    void theSameClipIsLookedForAtTheSameEncoderWhoeverAsks() {
        List<ActorRef<EncoderHost.Command>> encoders = List.of(encoder("same"), encoder("same"), encoder("same"));
        TestProbe<Receptionist.Listing> listings = model.kit().createTestProbe();
        model.kit().system().receptionist().tell(Receptionist.subscribe(RemoteEncoder.key("same"), listings.ref()));
        Receptionist.Listing listing = listings.receiveMessage(PATIENCE);
        while (listing.getServiceInstances(RemoteEncoder.key("same")).size() < encoders.size()) {
            listing = listings.receiveMessage(PATIENCE);
        }
        ActorRef<EncoderHost.Command> one =
                model.kit().spawn(RemoteEncoder.create(RemoteEncoder.key("same"), model.metrics()));
        ActorRef<EncoderHost.Command> two =
                model.kit().spawn(RemoteEncoder.create(RemoteEncoder.key("same"), model.metrics()));
        TestProbe<EncoderHost.Reply> asker = model.kit().createTestProbe();
        one.tell(new EncoderHost.Find("clip", asker.ref()));
        asker.expectMessageClass(EncoderHost.NotKept.class, PATIENCE);
        one.tell(frames(asker));
        asker.expectMessageClass(EncoderHost.Encoded.class, PATIENCE)
                .embeddings()
                .close();
        two.tell(new EncoderHost.Find("clip", asker.ref()));
        asker.expectMessageClass(EncoderHost.Encoded.class, PATIENCE)
                .embeddings()
                .close();
        encoders.forEach(model.kit()::stop);
    }

    private static EncoderHost.Encode frames(TestProbe<EncoderHost.Reply> asker) {
        Tensor frames = model.engine().zeros(DType.U8, 2, 4, 4, 3);
        return new EncoderHost.Encode(
                "clip", EncoderHost.Kind.FRAMES, frames, List.of(Duration.ZERO, Duration.ofSeconds(1)), asker.ref());
    }

    private static DecoderHost.Failure failure(TestProbe<DecoderHost.Event> probe) {
        return probe.expectMessageClass(DecoderHost.NotRendered.class, PATIENCE).failure();
    }

    private static ByteString rendered(TestProbe<DecoderHost.Event> probe) {
        DecoderHost.Event event = probe.receiveMessage(PATIENCE);
        while (event instanceof DecoderHost.Stepped) {
            event = probe.receiveMessage(PATIENCE);
        }
        return ((DecoderHost.Rendered) event).files().get(0);
    }

    private static ActorRef<EncoderHost.Command> encoder(String key) {
        ActorRef<EncoderHost.Command> encoder =
                model.kit().spawn(EncoderHost.create(Pixels::new, 1 << 20, model.metrics()));
        model.kit().system().receptionist().tell(Receptionist.register(RemoteEncoder.key(key), encoder));
        return encoder;
    }

    private static ActorRef<DecoderHost.Command> decoder(String key) {
        return decoder(key, Long.MAX_VALUE);
    }

    private static ActorRef<DecoderHost.Command> decoder(String key, long resultBytes) {
        ActorRef<DecoderHost.Command> decoder = model.kit()
                .spawn(DecoderHost.create(
                        () -> new PipelineClipDecoder(
                                Pipelines.open(model.checkpoint(), model.engine()),
                                model.engine(),
                                Optional.empty(),
                                RequestLimits.NONE,
                                folder.resolve("scratch"),
                                model.kit()
                                        .system()
                                        .dispatchers()
                                        .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"))),
                        new DecoderHost.Bounds(32, 1, resultBytes),
                        DispatcherSelector.fromConfig("kinora.dispatchers.compute"),
                        Clock.systemUTC(),
                        model.metrics()));
        model.kit().system().receptionist().tell(Receptionist.register(RemoteDecoder.key(key), decoder));
        return decoder;
    }

    private static RenderJob job(String id, int steps, Optional<Instant> deadline) {
        float[] values = new float[64 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.cos(0.1 * i);
        }
        return new RenderJob(
                id,
                new RenderJob.Visual(model.engine().of(values, 64, WIDTH), Optional.empty()),
                Optional.empty(),
                RenderSettings.DEFAULT
                        .withFrames(8, new RenderSettings.Size(WIDTH, 48))
                        .withSteps(steps, 1)
                        .withSeed(7),
                0,
                deadline);
    }

    /** The simplest encoder that there is: a frame's embedding is its pixels. */
    private static final class Pixels implements FrameEncoder {
        @Override
        public Engine engine() {
            return model.engine();
        }

        @Override
        public Tensor encodeFrames(Tensor frames) {
            return frames.to(DType.F32).reshape(frames.dim(0), 1, frames.shape().elements() / frames.dim(0));
        }

        @Override
        public Tensor encodeStills(Tensor stills) {
            return encodeFrames(stills);
        }

        @Override
        public Tensor encodeNothing() {
            return model.engine().zeros(DType.F32, 1, 1, 48);
        }

        @Override
        public void close() {}
    }
}
