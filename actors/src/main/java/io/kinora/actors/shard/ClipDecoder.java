package io.kinora.actors.shard;

import akka.util.ByteString;
import java.util.List;
import java.util.function.Supplier;

/** What a {@link DecoderHost} computes. */
public interface ClipDecoder extends AutoCloseable {
    /**
     * Makes a clip, or pictures.
     *
     * @param progress told of every denoising step; what it throws ends the job
     * @throws NotRenderedException if there will be none
     */
    Result decode(RenderJob job, Progress progress);

    /**
     * What was made.
     *
     * @param files one clip, or a picture of each frame
     */
    record Result(List<ByteString> files, RenderedAs made) {
        /** Takes a copy. */
        public Result {
            files = List.copyOf(files);
        }
    }

    /** Hears of steps, and says whether to go on. */
    interface Progress {
        /** So many steps of so many are done. */
        void stepped(int done, int total);

        /**
         * What the result is going to look like after so many steps.
         *
         * @param picture JPEG, made when asked for
         */
        void previewed(int done, Supplier<ByteString> picture);

        /** True once the job is to stop. */
        boolean isStopped();
    }

    @Override
    void close();
}
