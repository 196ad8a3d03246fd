package io.kinora.decoder.unet;

import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.nn.Upsample2d;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** One level on the way up: every unit reads the hidden state joined with the newest skip. */
record UpBlock(List<UNetUnit> units, Optional<Upsample2d> upsampler) {
    UNetState forward(UNetState state, TimeStep time, Conditioning conditioning) {
        UNetState at = state;
        for (UNetUnit unit : units) {
            at = forward(unit, at, time, conditioning);
        }
        if (upsampler.isPresent()) {
            // Twice the size, but for sizes that did not halve evenly: the next level's skip has the exact one.
            Tensor next = at.newestSkip();
            Tensor larger = upsampler.get().forward(at.hidden(), at.frames(), next.dim(2), next.dim(3));
            at.freeHidden();
            at = at.with(larger);
        }
        return at;
    }

    private static UNetState forward(UNetUnit unit, UNetState at, TimeStep time, Conditioning conditioning) {
        try (Scope scope = at.hidden().engine().scope()) {
            Tensor skip = at.newestSkip();
            Tensor joined = at.hidden().engine().cat(List.of(at.hidden(), skip), 1); // x first, then skip
            at.freeHidden();
            skip.close();
            Tensor out = unit.forward(joined, at.frames(), time, conditioning);
            joined.close();
            return at.withoutNewestSkip(scope.keep(out));
        }
    }
}
