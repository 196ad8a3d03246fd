package io.kinora.actors.adapter;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/**
 * {@code emu2.encode_image}: raw pixels, resized and normalised, to embeddings in the number of a still image and in that of a frame, and
 * the former in the language model's width.
 */
public final class Emu2EncodeImageComponent implements ParityComponent {
    @Override
    public String name() {
        return "emu2.encode_image";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        try (Emu2Case emu2 = Emu2Case.open(parityCase, engine)) {
            Tensor pixels = parityCase.hasInput("pixel_values")
                    ? parityCase.tensor("pixel_values", engine)
                    : emu2.pixelValues(emu2.picturesOf("pixels"));
            Tensor images = emu2.model().vision().encodeImages(pixels);
            outputs.put("pixel_values", pixels);
            outputs.put("image_embeds", images);
            outputs.put("frame_embeds", emu2.model().vision().encodeFrames(pixels));
            outputs.put("projected", emu2.model().projections().up(images));
        }
    }
}
