package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.schedule.SamplerKind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a request may hold, and in which words it is refused. */
final class GenerationRequestTest {
    @Test
    void whatIsNotSaidIsLeftToTheCheckpoint() {
        GenerationRequest request = GenerationRequest.of(Prompt.of("a cat")).build();
        assertThat(request.frames()).isEmpty();
        assertThat(request.size()).isEmpty();
        assertThat(request.steps()).isEmpty();
        assertThat(request.guidance()).isEmpty();
        assertThat(request.sampler()).isEmpty();
        assertThat(request.format()).isEqualTo(OutputFormat.MP4);

        GenerationDefaults defaults = new GenerationDefaults(16, new FrameSize(256, 256), 50, 9, 15);
        Job job = defaults.resolve(request);
        assertThat(job.frames()).isEqualTo(16);
        assertThat(job.size()).isEqualTo(new FrameSize(256, 256));
        assertThat(job.steps()).isEqualTo(50);
        assertThat(job.guidance().scale()).isEqualTo(9);
        assertThat(job.firstStep()).isZero();
    }

    @Test
    void everyFieldIsKept() {
        GenerationRequest request = GenerationRequest.of(Prompt.of("a cat"))
                .frames(8)
                .size(576, 320)
                .fps(12)
                .steps(25)
                .guidance(7.5)
                .guidanceRescale(0.5)
                .eta(0.25)
                .seed(42)
                .sampler(SamplerKind.EULER)
                .format(OutputFormat.WEBM)
                .stepCache(new StepCache(3, 1))
                .framing(new Framing(300, 400, 10, 20))
                .build();
        assertThat(request.frames()).hasValue(8);
        assertThat(request.size()).contains(new FrameSize(576, 320));
        assertThat(request.fps()).isEqualTo(12);
        assertThat(request.steps()).hasValue(25);
        assertThat(request.guidance()).hasValue(7.5);
        assertThat(request.guidanceRescale()).isEqualTo(0.5);
        assertThat(request.eta()).isEqualTo(0.25);
        assertThat(request.seed()).isEqualTo(42);
        assertThat(request.sampler()).contains(SamplerKind.EULER);
        assertThat(request.format()).isEqualTo(OutputFormat.WEBM);
        assertThat(request.stepCache()).contains(new StepCache(3, 1));
        assertThat(request.framing()).contains(new Framing(300, 400, 10, 20));
    }

    @Test
    void refusalsNameTheFieldTheValueAndWhatIsAllowed() {
        assertRefused(() -> request().frames(0).build(), "frames", "frames is 0, allowed is 1 or more");
        assertRefused(
                () -> request().size(250, 256).build(), "width", "width is 250, allowed is a multiple of 8 from 8 on");
        assertRefused(
                () -> request().size(256, 0).build(), "height", "height is 0, allowed is a multiple of 8 from 8 on");
        assertRefused(() -> request().fps(0).build(), "fps", "fps is 0.0, allowed is above 0 to 240");
        assertRefused(() -> request().steps(0).build(), "steps", "steps is 0, allowed is 1 or more");
        assertRefused(() -> request().guidance(Double.NaN).build(), "guidance", "guidance is NaN, allowed is 0 to 100");
        assertRefused(
                () -> request().guidanceRescale(1.5).build(),
                "guidance rescale",
                "guidance rescale is 1.5, allowed is 0 to 1");
        assertRefused(() -> request().eta(-1).build(), "eta", "eta is -1.0, allowed is 0 to 1");
        assertRefused(
                () -> new StepCache(1, 1), "step cache interval", "step cache interval is 1, allowed is 2 or more");
        assertRefused(
                () -> new SourceClip(List.of(), 0.5), "source frames", "source frames is 0, allowed is at least 1");
        assertRefused(
                () -> new SourceClip(List.of(frame(8, 8)), 0), "strength", "strength is 0.0, allowed is above 0 to 1");
        assertRefused(
                () -> new SourceClip(List.of(frame(8, 8), frame(16, 8)), 1),
                "source frames",
                "source frames is 8 x 8 and 16 x 8, allowed is one size for all");
    }

    @Test
    void aSourceDecidesSizeAndFrames() {
        SourceClip source = new SourceClip(List.of(frame(16, 8), frame(16, 8)), 0.6);
        GenerationRequest request = request().source(source).steps(10).build();
        Job job = new GenerationDefaults(16, new FrameSize(256, 256), 50, 9, 15).resolve(request);
        assertThat(job.size()).isEqualTo(new FrameSize(16, 8));
        assertThat(job.frames()).isEqualTo(2);
        assertThat(job.guidance().scale()).isEqualTo(15);
        assertThat(job.firstStep()).isEqualTo(4);
        assertRefused(
                () -> request().source(source).size(8, 8).build(),
                "size",
                "size is 8x8, allowed is 16x8 as the source");
        assertRefused(
                () -> request().source(source).frames(3).build(), "frames", "frames is 3, allowed is 2 as the source");
        Job tooWeak = new GenerationDefaults(16, new FrameSize(256, 256), 1, 9, 15)
                .resolve(request().source(source).build());
        assertRefused(tooWeak::firstStep, "strength", "strength is 0.6, allowed is at least 1.0 with 1 steps");
    }

    @Test
    void limitsOfAServiceHoldForClipsAndStills() {
        RequestLimits limits = RequestLimits.DEFAULT;
        assertThat(limits.check(request().frames(8).build())).isNotNull();
        assertRefused(() -> limits.check(request().frames(7).build()), "frames", "frames is 7, allowed is 8 to 24");
        assertRefused(() -> limits.check(request().frames(25).build()), "frames", "frames is 25, allowed is 8 to 24");
        assertThat(limits.check(request().frames(1).format(OutputFormat.PNG).build()))
                .isNotNull();
        assertRefused(() -> limits.check(request().steps(500).build()), "steps", "steps is 500, allowed is 1 to 200");
        assertRefused(
                () -> limits.check(request().size(2048, 1024).build()),
                "size",
                "size is 2048 x 1024, allowed is up to 1,048,576 pixels");
        SourceClip one = new SourceClip(List.of(frame(8, 8)), 1);
        assertRefused(
                () -> limits.check(request().source(one).build()),
                "source frames",
                "source frames is 1, allowed is 8 to 24");
        assertThat(RequestLimits.NONE.check(request().source(one).build())).isNotNull();
    }

    @Test
    void framesOfTheWrongNumberOfBytesAreRefused() {
        assertRefused(
                () -> PixelFrame.of(2, 2, ByteBuffer.allocate(11)),
                "frame",
                "frame is 11 bytes for 2 x 2 pixels, allowed is 12 bytes");
        assertThat(frame(8, 8))
                .isEqualTo(frame(8, 8))
                .hasSameHashCodeAs(frame(8, 8))
                .isNotEqualTo(frame(16, 8));
    }

    private static void assertRefused(ThrowingCallable call, String field, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(InvalidRequestException.class, refused -> assertThat(refused.field())
                        .isEqualTo(field))
                .hasMessage(message);
    }

    private static GenerationRequest.Builder request() {
        return GenerationRequest.of(new Prompt.Text("a cat", Optional.empty()));
    }

    private static PixelFrame frame(int width, int height) {
        return PixelFrame.of(width, height, ByteBuffer.allocate(width * height * 3));
    }
}
