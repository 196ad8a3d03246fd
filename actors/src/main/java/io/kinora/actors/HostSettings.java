package io.kinora.actors;

import com.typesafe.config.Config;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.shard.LanguageModelSettings;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.tensor.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Bounds of a checkpoint's hosts.
 *
 * @param stages parts of the language model where no devices are given
 * @param devices what an Emu2 may take of each device: it is laid on them by plan; empty for one device and no plan
 * @param maxSequences sequences that are computed side by side
 * @param maxWaiting requests that wait for the language model
 * @param maxWaitingTokens tokens of the requests that wait for the language model, their answers at most
 * @param stepRows most rows of one step of the language model
 * @param maxPrefixes beginnings of prompts that are kept
 * @param languageModelWeights in how many bits the language model's matrices are kept; empty for as they are stored
 * @param keepReduced whether matrices in fewer bits are kept beside the checkpoint for the next start
 * @param languageModelCacheBytes keys and values of each stage, where no plan says how many
 * @param encoderCacheBytes embeddings that are kept
 * @param jobsWaiting jobs that wait for the decoder
 * @param jobsTogether most jobs that the decoder moves on in one call; 0 is what suits the device
 * @param guidanceDevice where the unconditional half of guidance is computed, if not beside the other
 * @param unetDevices of the parts that the decoder's U-Net is cut into, first to last; empty leaves it whole on the decoder's own
 * @param cluster how parts of the checkpoint are on other nodes; empty for all of them here
 * @param scratch folder for files in the making
 */
public record HostSettings(
        int stages,
        List<DeviceBudget> devices,
        int maxSequences,
        int maxWaiting,
        long maxWaitingTokens,
        int stepRows,
        int maxPrefixes,
        Optional<WeightBits> languageModelWeights,
        boolean keepReduced,
        long languageModelCacheBytes,
        long encoderCacheBytes,
        int jobsWaiting,
        int jobsTogether,
        Optional<Device> guidanceDevice,
        List<Device> unetDevices,
        Optional<ClusterSettings> cluster,
        Path scratch) {
    private static final int GPU_JOBS_TOGETHER = 4;
    private static final long ENVELOPE = 64L << 10;

    private static final String AS_STORED = "stored";

    /** Checks that the decoder is not told two ways to use more than one device. */
    public HostSettings {
        devices = List.copyOf(devices);
        unetDevices = List.copyOf(unetDevices);
        if (guidanceDevice.isPresent() && !unetDevices.isEmpty()) {
            throw new IllegalArgumentException(
                    "kinora.decoder.guidance-device is %s and kinora.decoder.unet-devices is %s: only one of the two can be set"
                            .formatted(guidanceDevice.get(), unetDevices));
        }
    }

    /**
     * Reads {@code kinora}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     * @throws IllegalArgumentException when weights are asked for in bits that there are none of, devices cannot be read,
     *     or two settings exclude each other
     */
    public static HostSettings from(Config root) {
        Config kinora = root.getConfig("kinora");
        Config languageModel = kinora.getConfig("language-model");
        return new HostSettings(
                languageModel.getInt("stages"),
                devices(languageModel.getString("devices")),
                languageModel.getInt("max-sequences"),
                languageModel.getInt("max-waiting"),
                languageModel.getLong("max-waiting-tokens"),
                languageModel.getInt("step-rows"),
                languageModel.getInt("max-prefixes"),
                weights(languageModel.getString("weights")),
                languageModel.getBoolean("keep-reduced"),
                languageModel.getBytes("cache-size"),
                kinora.getBytes("encoder.cache-size"),
                kinora.getInt("decoder.max-waiting"),
                kinora.getInt("decoder.max-together"),
                Optional.of(kinora.getString("decoder.guidance-device"))
                        .filter(name -> !name.isEmpty())
                        .map(Device::parse),
                kinora.getStringList("decoder.unet-devices").stream()
                        .map(Device::parse)
                        .toList(),
                Optional.of(ClusterSettings.from(root)).filter(ClusterSettings::enabled),
                Path.of(kinora.getString("data-dir")).resolve("scratch"));
    }

    /** The same for hosts that stay on this node, whatever there is of a cluster. */
    HostSettings alone() {
        return new HostSettings(
                stages,
                devices,
                maxSequences,
                maxWaiting,
                maxWaitingTokens,
                stepRows,
                maxPrefixes,
                languageModelWeights,
                keepReduced,
                languageModelCacheBytes,
                encoderCacheBytes,
                jobsWaiting,
                jobsTogether,
                guidanceDevice,
                unetDevices,
                Optional.empty(),
                scratch);
    }

    /** What a plan makes room for: every sequence that may be computed, as long as the model allows. */
    Emu2Workload workload(int maxPositions, int imagesAtOnce) {
        return new Emu2Workload(maxSequences, maxPositions, stepRows, imagesAtOnce);
    }

    /** Most jobs that a decoder on a device moves on in one call: on a processor several are no faster than one after the other. */
    int jobsTogether(Device device) {
        int suiting = device.kind() == Device.Kind.CPU ? 1 : GPU_JOBS_TOGETHER;
        return jobsTogether > 0 ? jobsTogether : suiting;
    }

    /** Most bytes of what a decoder makes: where it may have to be sent to another node, those of a message and what is around them. */
    long resultBytes() {
        return cluster.map(settings -> settings.largestMessage() - ENVELOPE).orElse(Long.MAX_VALUE);
    }

    private static List<DeviceBudget> devices(String list) {
        return list.isBlank() ? List.of() : DeviceBudget.parse(list);
    }

    private static Optional<WeightBits> weights(String name) {
        return name.equals(AS_STORED) ? Optional.empty() : Optional.of(WeightBits.named(name));
    }

    LanguageModelSettings languageModel(int maxPositions) {
        return new LanguageModelSettings(
                maxSequences, maxWaiting, maxWaitingTokens, stepRows, maxPositions, maxPrefixes);
    }
}
