package io.kinora.model.modaverse.imagebind;

import io.kinora.model.audio.Waveform;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityException;
import io.kinora.tensor.parity.ParityOutputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parity component {@code imagebind.audio}: bands or raw samples in, the mean of the pieces' embeddings out. */
public final class AudioComponent implements ParityComponent {
    @Override
    public String name() {
        return "imagebind.audio";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        Tensor mel = mel(parityCase, engine); // (B, S, 1, 128, 204)
        outputs.put("mel", mel);
        ImageBindFile file = file(parityCase);
        try (Checkpoint checkpoint = file.openAudio(engine);
                AudioEncoder encoder =
                        checkpoint.load(weights -> new AudioEncoder(weights, file.config(), Optional.empty()))) {
            long B = mel.dim(0);
            Tensor pieces = encoder.forward(mel.reshape(-1, 1, SoundClips.BANDS, SoundClips.FRAMES)); // (B·S, E)
            outputs.put("view_embeddings", pieces);
            outputs.put("embeddings", pieces.reshape(B, -1, pieces.dim(1)).mean(1));
        }
    }

    private static Tensor mel(ParityCase parityCase, Engine engine) {
        if (parityCase.hasInput("mel")) {
            Tensor mel = parityCase.tensor("mel", engine);
            return mel.rank() == 4 ? mel.unsqueeze(1) : mel;
        }
        int rate = parityCase.required("sampling_rate").asInt();
        return new SoundClips()
                .mel(waveform(parityCase.tensor("waveform", engine), rate), engine)
                .unsqueeze(0);
    }

    /** Samples {@code [channels, n]}, or {@code [n]} of one channel. */
    public static Waveform waveform(Tensor samples, int rate) {
        if (samples.rank() == 1) {
            return Waveform.of(List.of(samples.toFloats()), rate);
        }
        if (samples.rank() != 2) {
            throw new ParityException("a waveform is [channels, n], got " + samples.shape());
        }
        List<float[]> channels = new ArrayList<>();
        for (long channel = 0; channel < samples.dim(0); channel++) {
            channels.add(samples.select(0, channel).toFloats());
        }
        return Waveform.of(channels, rate);
    }

    /** The ImageBind of a case, in single precision, with the numbers of heads that the case gives. */
    public static ImageBindFile file(ParityCase parityCase) {
        Path folder = parityCase.checkpoint();
        return ImageBindFile.at(
                parityCase.weights().map(folder::resolve).orElse(folder),
                Optional.of(DType.F32),
                parityCase.config().path("vision_heads").asInt(ImageBindConfig.VISION_HEADS),
                parityCase.config().path("audio_heads").asInt(ImageBindConfig.AUDIO_HEADS));
    }
}
