package io.kinora.training.eval;

import io.kinora.training.eval.GenerateReport.Attribute;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How much of clips survives encoding and decoding.
 *
 * @param clips clips tried
 * @param psnr mean over the clips, in decibels
 * @param ssim mean over the clips, 1 for equal pictures
 * @param survived attributes that the image judge found again
 */
public record AutoencodeReport(int clips, double psnr, double ssim, Map<Attribute, Score> survived) {
    public AutoencodeReport {
        survived = Collections.unmodifiableMap(new EnumMap<>(survived));
    }
}
