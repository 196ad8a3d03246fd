package io.kinora.actors.pipeline;

import io.kinora.actors.render.RenderEvent;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.Prompt;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a job has made, as it goes to its topic: the bytes in the record or a claim, with what made them beside. Packing writes files.
 *
 * @param source the clip that it was made from
 */
record ResultPacking(JobTools tools, Prompt.Generate request, Optional<ClipReference> source, RenderEvent.Made made)
        implements Supplier<GeneratedVideo> {
    @Override
    public GeneratedVideo get() {
        ClipPayload payload = tools.payloads()
                .pack(
                        Blob.wrap(made.files().get(0).toArray()),
                        request.settings().format().mediaType());
        return JobWork.video(
                request,
                source,
                tools.model(),
                made.as(),
                payload,
                tools.clock().instant());
    }
}
