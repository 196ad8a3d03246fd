package io.kinora.service.http;

import akka.NotUsed;
import akka.http.javadsl.model.HttpResponse;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** One picture as it comes: what it is going to look like, a few times, then the picture. A stream's state; not thread-safe. */
final class ImageStream {
    private static final String JPEG = "data:image/jpeg;base64,";

    private final Prompt.Generate prompt;
    private final int partials;
    private final JobBook jobs;
    private final Function<JobState, byte[]> picture;
    private final Executor blocking;
    private int sent;

    /**
     * @param partials most previews
     * @param picture reads a finished job's, and forgets the job; throws what its client is told where there is none
     */
    ImageStream(
            Prompt.Generate prompt, int partials, JobBook jobs, Function<JobState, byte[]> picture, Executor blocking) {
        this.prompt = prompt;
        this.partials = partials;
        this.jobs = jobs;
        this.picture = picture;
        this.blocking = blocking;
    }

    /** The stream of a job that is asked for already; whoever leaves it gives the job up. */
    HttpResponse response(Client client, Duration keepAlive) {
        Runnable giveUp = () -> jobs.cancel(prompt.jobId());
        client.whenGone(giveUp);
        Source<ByteString, NotUsed> events = jobs.states(prompt.jobId())
                .mapConcat(this::partial)
                .mapAsync(1, this::event)
                .watchTermination((ignored, ended) -> {
                    ended.whenComplete((done, failure) -> client.forget(giveUp));
                    return NotUsed.getInstance();
                });
        return ServerSentEvents.response(events, keepAlive);
    }

    /** States that say something to the client: the last one, and those whose preview is due. */
    private List<JobState> partial(JobState state) {
        boolean due = sent < partials
                && state.progress()
                        .filter(progress -> progress.preview().isPresent()
                                && progress.step() * (partials + 1) >= progress.total() * (sent + 1))
                        .isPresent();
        return due || state.status().isFinal() ? List.of(state) : List.of();
    }

    private CompletableFuture<ByteString> event(JobState state) {
        if (state.status().isFinal()) {
            return CompletableFuture.supplyAsync(() -> last(state), blocking);
        }
        String preview = state.progress().orElseThrow().preview().orElseThrow();
        ObjectNode event = event("image_generation.partial_image", preview.substring(JPEG.length()), "jpeg");
        event.put("partial_image_index", sent);
        sent++;
        return CompletableFuture.completedFuture(ServerSentEvents.event("image_generation.partial_image", event));
    }

    private ByteString last(JobState state) {
        try {
            return completed(picture.apply(state));
        } catch (ApiException e) {
            return ServerSentEvents.error(e);
        }
    }

    private ByteString completed(byte... bytes) {
        String type = prompt.settings().format().mediaType();
        ObjectNode event = event(
                "image_generation.completed",
                Base64.getEncoder().encodeToString(bytes),
                type.substring(type.indexOf('/') + 1));
        event.put("seed", prompt.settings().seed());
        Images.putUsage(event);
        return ServerSentEvents.event("image_generation.completed", event);
    }

    private ObjectNode event(String kind, String base64, String format) {
        return Json.MAPPER
                .createObjectNode()
                .put("type", kind)
                .put("b64_json", base64)
                .put("created_at", jobs.now().getEpochSecond())
                .put("size", Images.size(prompt.settings()))
                .put("quality", "auto")
                .put("background", "opaque")
                .put("output_format", format);
    }
}
