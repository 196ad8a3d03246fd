package io.kinora.actors.adapter;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.modaverse.imagebind.AudioComponent;
import io.kinora.model.modaverse.imagebind.ClipPixels;
import io.kinora.model.modaverse.imagebind.FramePair;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.imagebind.VisionEncoder;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityException;
import io.kinora.tensor.parity.ParityOutputs;
import io.kinora.video.RgbFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The parity component {@code imagebind.vision}: normalised pixels, raw pictures of any sizes, or the frames of a clip in; embeddings out.
 */
public final class ImageBindVisionComponent implements ParityComponent {
    @Override
    public String name() {
        return "imagebind.vision";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        ImageBindFile file = AudioComponent.file(parityCase);
        try (Checkpoint checkpoint = file.openVision(engine);
                VisionEncoder encoder =
                        checkpoint.load(weights -> new VisionEncoder(weights, file.config(), Optional.empty()))) {
            if (parityCase.hasInput("pixel_values")) {
                outputs.put("embeddings", reduced(encoder, parityCase.tensor("pixel_values", engine)));
            } else if (parityCase.hasInput("frames")) {
                clip(parityCase, engine, encoder, outputs);
            } else {
                pictures(parityCase, engine, encoder, outputs);
            }
        }
    }

    /** Five axes or more have one for views before the colours: their embeddings are averaged. */
    private static Tensor reduced(VisionEncoder encoder, Tensor pixels) {
        if (pixels.rank() == 4) {
            return encoder.forward(pixels);
        }
        long B = pixels.dim(0);
        long[] view = pixels.shape().toArray();
        long[] folded = new long[view.length - 1];
        System.arraycopy(view, 1, folded, 0, folded.length);
        folded[0] = B * view[1];
        Tensor views = encoder.forward(pixels.reshape(folded)); // (B·S, E)
        return views.reshape(B, -1, views.dim(1)).mean(1);
    }

    private static void pictures(ParityCase parityCase, Engine engine, VisionEncoder encoder, ParityOutputs outputs) {
        List<Tensor> pictures = new ArrayList<>();
        if (parityCase.hasInput("pixels")) {
            pictures.add(pixels(parityCase, "pixels", engine));
        }
        for (int i = 0; parityCase.hasInput("pixels_" + i); i++) {
            pictures.add(pixels(parityCase, "pixels_" + i, engine));
        }
        if (pictures.isEmpty()) {
            throw new ParityException(
                    "%s has neither pixel_values nor pixels_0 nor frames".formatted(parityCase.folder()));
        }
        for (int i = 0; i < pictures.size(); i++) {
            outputs.put("pixel_values_" + i, pictures.get(i));
        }
        outputs.put("pixel_values", engine.cat(pictures, 0));
        outputs.put("embeddings", encoder.forward(engine.cat(pictures, 0)));
    }

    private static Tensor pixels(ParityCase parityCase, String input, Engine engine) {
        return ImageBindPixels.of(picture(parityCase.tensor(input, engine)), engine, DType.F32);
    }

    /** A picture {@code [height, width, 3]} of bytes. */
    static RgbFrame picture(Tensor pixels) {
        if (pixels.rank() != 3 || pixels.dim(2) != 3 || pixels.dtype() != DType.U8) {
            throw new ParityException("a picture is bytes [height, width, 3], got " + pixels.shape());
        }
        return RgbFrame.of((int) pixels.dim(1), (int) pixels.dim(0), pixels.toBytes());
    }

    private static void clip(ParityCase parityCase, Engine engine, VisionEncoder encoder, ParityOutputs outputs) {
        Tensor frames = parityCase.tensor("frames", engine); // (n, h, w, 3)
        List<FramePair> pairs =
                FramePair.of((int) frames.dim(0), parityCase.required("fps").asDouble());
        Tensor views = views(frames, pairs);
        Tensor embeddings = encoder.forward(views);
        long[] indices = pairs.stream()
                .flatMapToLong(pair -> LongStream.of(pair.first(), pair.last()))
                .toArray();
        outputs.put("frame_indices", indices, pairs.size(), 2);
        outputs.put("pixel_values", views.unsqueeze(0));
        outputs.put("pixel_values_0", views.unsqueeze(0));
        outputs.put("view_embeddings", embeddings);
        outputs.put("embeddings", embeddings.mean(0).unsqueeze(0));
    }

    /** The views of a clip's frames {@code [n, h, w, 3]}. */
    static Tensor views(Tensor frames, List<FramePair> pairs) {
        Engine engine = frames.engine();
        List<Tensor> seen = new ArrayList<>();
        for (FramePair pair : pairs) {
            seen.add(frames.select(0, pair.first()));
            seen.add(frames.select(0, pair.last()));
        }
        return new ClipPixels(DType.F32).views(engine.stack(seen, 0));
    }
}
