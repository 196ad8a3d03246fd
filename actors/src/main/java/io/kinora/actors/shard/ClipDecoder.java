package io.kinora.actors.shard;

import akka.util.ByteString;

/** What a {@link DecoderHost} computes. */
public interface ClipDecoder extends AutoCloseable {
    /**
     * Makes a clip.
     *
     * @param progress told of every denoising step; what it throws ends the job
     * @throws NotRenderedException if there will be no clip
     */
    Result decode(RenderJob job, Progress progress);

    /** A finished clip. */
    record Result(ByteString clip, RenderedAs made) {}

    /** Hears of steps, and says whether to go on. */
    interface Progress {
        /** So many steps of so many are done. */
        void stepped(int done, int total);

        /** True once the job is to stop. */
        boolean isStopped();
    }

    @Override
    void close();
}
