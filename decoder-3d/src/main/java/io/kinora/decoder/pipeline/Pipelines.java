package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.decoder.unet.StageRange;
import io.kinora.tensor.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Opens the folder of a released checkpoint as a pipeline.
 *
 * <p>What the folder's {@code model_index.json} names decides, by class name alone:
 *
 * <ul>
 *   <li>{@code UNet3DConditionModel} with a text encoder: text to a clip (ModelScope, Zeroscope and their fine-tunes);
 *   <li>{@code UNet3DConditionModel} or {@code Emu2VideoUNet} without one: embeddings to a clip;
 *   <li>{@code UNet2DConditionModel} with one text encoder: text to stills (Stable Diffusion 1 and 2), with two: SDXL;
 *   <li>{@code UNet2DConditionModel} without one: embeddings to stills (Emu2-Gen, whose {@code multimodal_encoder} is not opened here).
 * </ul>
 */
public final class Pipelines {
    private Pipelines() {}

    /**
     * Whether a folder's network makes clips, as opposed to stills; reads its index alone.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder has no index
     */
    public static boolean makesClips(Path folder) {
        return !ModelIndex.read(folder).className("unet").orElse("").equals("UNet2DConditionModel");
    }

    /**
     * Key frames whose embeddings a folder's network makes a clip or picture from, where a prompt decides them: 1 but for a video network that
     * says otherwise.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder has no index
     */
    public static int keyFrames(Path folder) {
        ModelIndex index = ModelIndex.read(folder);
        return index.className("unet").orElse("").equals("Emu2VideoUNet")
                ? Emu2VideoConfig.read(index.folder("unet")).keyFrameCount()
                : 1;
    }

    /** Opens a folder with what suits the engine's device. */
    public static DiffusionPipeline open(Path folder, Engine engine) {
        return open(folder, engine, PipelineOptions.forDevice(engine.device()));
    }

    /**
     * Opens a folder. The pipeline owns the weights and is closed by the caller; the engine stays the caller's.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if a part is missing, damaged, or of a class or setting that is not
     *     supported
     */
    public static DiffusionPipeline open(Path folder, Engine engine, PipelineOptions options) {
        return open(folder, engine, options, Optional.empty(), PipelineLoader::load);
    }

    /**
     * Opens a folder but for its U-Net, which is computed elsewhere.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException as {@link #open(Path, Engine, PipelineOptions)}
     */
    public static DiffusionPipeline open(Path folder, Engine engine, PipelineOptions options, FarUNet unet) {
        return open(folder, engine, options, Optional.of(unet), PipelineLoader::load);
    }

    /**
     * Opens a run of the stages of a folder's U-Net. The stage owns the weights and is closed by the caller; the engine stays the caller's.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException as {@link #open(Path, Engine, PipelineOptions)}
     */
    public static UNetStage openStage(Path folder, Engine engine, PipelineOptions options, StageRange range) {
        return open(folder, engine, options, Optional.empty(), loader -> loader.stage(range));
    }

    /**
     * Cuts a folder's U-Net into runs of stages such that the one with most bytes of weights has as few as possible; reads headers alone.
     *
     * @throws IllegalArgumentException if it has fewer stages than parts
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder has no U-Net that is known
     */
    public static List<StageRange> cut(Path folder, Engine engine, PipelineOptions options, int parts) {
        try (PipelineLoader loader = new PipelineLoader(ModelIndex.read(folder), engine, options, Optional.empty())) {
            return loader.cut(parts);
        }
    }

    private static <T> T open(
            Path folder,
            Engine engine,
            PipelineOptions options,
            Optional<FarUNet> elsewhere,
            Function<PipelineLoader, T> load) {
        PipelineLoader loader = new PipelineLoader(ModelIndex.read(folder), engine, options, elsewhere);
        try {
            return load.apply(loader);
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }
}
