package io.kinora.decoder.pipeline;

/** Turns a job's prompt into what a U-Net is conditioned on. Runs once a job; what it makes belongs to the calling thread's scope. */
interface PromptEncoder {
    /**
     * The conditions, for {@code samples} samples alike or one each.
     *
     * @throws InvalidRequestException if this kind of prompt is not what the checkpoint was made for
     */
    Conditions encode(Job job, int samples);
}
