package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Downsample2d;
import io.kinora.decoder.nn.TimeStep;
import java.util.List;
import java.util.Optional;

/** One level on the way down: every unit's result, and the smaller image's, is kept for the way up. */
record DownBlock(List<UNetUnit> units, Optional<Downsample2d> downsampler) {
    UNetState forward(UNetState state, TimeStep time, Conditioning conditioning) {
        UNetState at = state;
        for (UNetUnit unit : units) {
            at = at.push(unit.forward(at.hidden(), at.frames(), time, conditioning));
        }
        if (downsampler.isPresent()) {
            at = at.push(downsampler.get().forward(at.hidden(), at.frames()));
        }
        return at;
    }
}
