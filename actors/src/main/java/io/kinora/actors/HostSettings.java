package io.kinora.actors;

import com.typesafe.config.Config;
import io.kinora.actors.shard.LanguageModelSettings;
import io.kinora.model.nn.WeightBits;
import io.kinora.tensor.Device;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Bounds of a checkpoint's hosts.
 *
 * @param stages parts of the language model
 * @param maxSequences sequences that are computed side by side
 * @param maxWaiting requests that wait for the language model
 * @param maxWaitingTokens tokens of the requests that wait for the language model, their answers at most
 * @param stepRows most rows of one step of the language model
 * @param maxPrefixes beginnings of prompts that are kept
 * @param languageModelWeights in how many bits the language model's matrices are kept; empty for as they are stored
 * @param languageModelCacheBytes keys and values of each stage
 * @param encoderCacheBytes embeddings that are kept
 * @param jobsWaiting jobs that wait for the decoder
 * @param jobsTogether most jobs that the decoder moves on in one call; 0 is what suits the device
 * @param guidanceDevice where the unconditional half of guidance is computed, if not beside the other
 * @param scratch folder for files in the making
 */
public record HostSettings(
        int stages,
        int maxSequences,
        int maxWaiting,
        long maxWaitingTokens,
        int stepRows,
        int maxPrefixes,
        Optional<WeightBits> languageModelWeights,
        long languageModelCacheBytes,
        long encoderCacheBytes,
        int jobsWaiting,
        int jobsTogether,
        Optional<Device> guidanceDevice,
        Path scratch) {
    private static final int GPU_JOBS_TOGETHER = 4;

    private static final String AS_STORED = "stored";

    /**
     * Reads {@code kinora}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     * @throws IllegalArgumentException when weights are asked for in bits that there are none of
     */
    public static HostSettings from(Config root) {
        Config kinora = root.getConfig("kinora");
        Config languageModel = kinora.getConfig("language-model");
        return new HostSettings(
                languageModel.getInt("stages"),
                languageModel.getInt("max-sequences"),
                languageModel.getInt("max-waiting"),
                languageModel.getLong("max-waiting-tokens"),
                languageModel.getInt("step-rows"),
                languageModel.getInt("max-prefixes"),
                weights(languageModel.getString("weights")),
                languageModel.getBytes("cache-size"),
                kinora.getBytes("encoder.cache-size"),
                kinora.getInt("decoder.max-waiting"),
                kinora.getInt("decoder.max-together"),
                Optional.of(kinora.getString("decoder.guidance-device"))
                        .filter(name -> !name.isEmpty())
                        .map(Device::parse),
                Path.of(kinora.getString("data-dir")).resolve("scratch"));
    }

    /** Most jobs that a decoder on a device moves on in one call: on a processor several are no faster than one after the other. */
    int jobsTogether(Device device) {
        int suiting = device.kind() == Device.Kind.CPU ? 1 : GPU_JOBS_TOGETHER;
        return jobsTogether > 0 ? jobsTogether : suiting;
    }

    private static Optional<WeightBits> weights(String name) {
        return name.equals(AS_STORED) ? Optional.empty() : Optional.of(WeightBits.named(name));
    }

    LanguageModelSettings languageModel(int maxPositions) {
        return new LanguageModelSettings(
                maxSequences, maxWaiting, maxWaitingTokens, stepRows, maxPositions, maxPrefixes);
    }
}
