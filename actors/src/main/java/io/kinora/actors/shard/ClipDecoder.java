package io.kinora.actors.shard;

import akka.util.ByteString;
import java.util.List;
import java.util.function.Supplier;

/** What a {@link DecoderHost} computes: jobs that are moved on step by step, alone or several in one call. Used by one thread at a time. */
public interface ClipDecoder extends AutoCloseable {
    /**
     * Begins a clip, or pictures: everything up to the first step.
     *
     * @param progress told of every denoising step
     * @throws NotRenderedException if there will be none
     */
    Rendering begin(RenderJob job, Progress progress);

    /**
     * How many jobs like this one may be moved on together in the memory that is free now; at least one.
     *
     * @throws NotRenderedException if it is no job that can be made
     */
    int room(RenderJob job);

    /** One step of each that still denoises. One that was stopped or has failed says so when it is finished. */
    void step(List<Rendering> renderings);

    /** A job between two steps. */
    interface Rendering extends AutoCloseable {
        /** Whether there is a step to make. */
        boolean isDenoising();

        /**
         * Decodes and encodes its frames, after the last step.
         *
         * @throws NotRenderedException if there is no result
         */
        Result finish();

        /** Frees what it holds; never fails. */
        @Override
        void close();
    }

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
