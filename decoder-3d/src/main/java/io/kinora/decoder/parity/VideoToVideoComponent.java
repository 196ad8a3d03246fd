package io.kinora.decoder.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.PixelFrame;
import io.kinora.decoder.pipeline.SourceClip;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** {@code video_to_video}: the frames of a clip, brought to a noise level and denoised from there. */
public final class VideoToVideoComponent implements ParityComponent {
    private static final double OFFICIAL_STRENGTH = 0.6;

    @Override
    public String name() {
        return "video_to_video";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        double strength = parityCase.input("strength").asDouble(OFFICIAL_STRENGTH);
        GenerationRequest request = PipelineInputs.request(parityCase)
                .source(new SourceClip(video(parityCase, engine), strength))
                .build();
        GivenNoise noise = new GivenNoise(parityCase, engine, List.of("vae_noise", "noise"));
        outputs.put(
                "frames",
                new PipelineRun(parityCase, engine)
                        .frames(request, noise, outputs)
                        .unsqueeze(0));
    }

    /** One tensor {@code [F, Y, X, 3]}, with or without an axis of 1 before it, or a list of frames. */
    private static List<PixelFrame> video(ParityCase parityCase, Engine engine) {
        JsonNode node = parityCase.required("video");
        List<PixelFrame> frames = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(frame -> frames.add(frame(parityCase.tensor(frame, engine))));
            return frames;
        }
        Tensor video = parityCase.tensor(node, engine);
        Tensor rows = video.rank() == 5 ? video.squeeze(0) : video;
        for (long f = 0; f < rows.dim(0); f++) {
            frames.add(frame(rows.select(0, f)));
        }
        return frames;
    }

    private static PixelFrame frame(Tensor pixels) {
        ByteBuffer rgb = ByteBuffer.wrap(pixels.contiguous().toBytes());
        return PixelFrame.of((int) pixels.dim(1), (int) pixels.dim(0), rgb);
    }
}
