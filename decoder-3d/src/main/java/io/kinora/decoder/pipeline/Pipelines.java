package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.tensor.Engine;
import java.nio.file.Path;

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
        PipelineLoader loader = new PipelineLoader(ModelIndex.read(folder), engine, options);
        try {
            return loader.load();
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }
}
