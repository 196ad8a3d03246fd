package io.kinora.service.http;

import akka.NotUsed;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** {@code /v1/videos}: the generation jobs of the cluster as OpenAI's clients see them. Blocks. */
final class Videos {
    private static final String ID_PREFIX = "video_";
    private static final String REFERENCE = "input_reference";
    private static final int THUMBNAIL_SIDE = 320;
    private static final int SHEET_COLUMNS = 4;
    private static final int JPEG_QUALITY = 85;
    private static final int DEFAULT_PAGE = 20;
    private static final int LARGEST_PAGE = 100;
    private static final String POLL_AFTER = "openai-poll-after-ms";
    private static final String POLL_MILLIS = "500";
    private static final ContentType JPEG = ContentTypes.create(MediaTypes.IMAGE_JPEG);

    private final JobBook jobs;
    private final ServedModel model;
    private final VideoWriter writer;
    private final Uploads uploads;
    private final MediaReader media;
    private final Duration keepAlive;

    Videos(JobBook jobs, ServedModel model, Uploads uploads, MediaReader media, Duration keepAlive) {
        this.jobs = jobs;
        this.model = model;
        this.writer = new VideoWriter(model.card().name(), jobs);
        this.uploads = uploads;
        this.media = media;
        this.keepAlive = keepAlive;
    }

    /** Asks for a video, of words or of what {@code input_reference} shows. */
    HttpResponse create(JsonNode json, Endpoint.Call call) {
        JsonFields body = JsonFields.body(json);
        return create(body, call, reference(body, call.tenant()));
    }

    /** {@link #create(JsonNode, Endpoint.Call)} of a form, which may bring the reference along. */
    HttpResponse create(MultipartForm form, Endpoint.Call call) {
        JsonFields body = JsonFields.body(VideoRequestReader.json(form.texts()));
        Optional<MultipartForm.Upload> upload = form.upload(REFERENCE);
        return create(
                body,
                call,
                upload.isPresent()
                        ? Optional.of(uploads.put(media.bytes(upload.get().content(), REFERENCE)))
                        : reference(body, call.tenant()));
    }

    private HttpResponse create(JsonFields body, Endpoint.Call call, Optional<ClipReference> reference) {
        model.requireVideos(body);
        return queue(VideoRequestReader.read(body, newId(), owner(call.tenant()), reference), call);
    }

    /** Makes another video of one that was made, as other words say. */
    HttpResponse remix(String id, JsonNode json, Endpoint.Call call) {
        JsonFields body = JsonFields.body(json);
        model.requireVideos(body);
        ClipReference made = finished(job(id, call.tenant()));
        return queue(VideoRequestReader.read(body, newId(), owner(call.tenant()), Optional.of(made)), call);
    }

    private Optional<ClipReference> reference(JsonFields body, Tenant tenant) {
        Optional<String> url = VideoRequestReader.reference(body);
        if (url.isPresent() && url.get().startsWith(ID_PREFIX)) {
            return Optional.of(finished(job(url.get(), tenant)));
        }
        return url.map(address ->
                ClipReference.parseIfReference(address).orElseGet(() -> uploads.put(media.bytes(address, REFERENCE))));
    }

    private HttpResponse queue(Prompt.Generate prompt, Endpoint.Call call) {
        return Replies.json(writer.describe(jobs.create(prompt, call.trace())))
                .addHeader(RawHeader.create(POLL_AFTER, POLL_MILLIS));
    }

    private static String newId() {
        return ID_PREFIX + UUID.randomUUID().toString().replace("-", "");
    }

    /** The states of a job as they come, or of all jobs of a tenant. */
    HttpResponse events(Optional<String> id, Tenant tenant) {
        Source<JobState, NotUsed> mine;
        if (id.isPresent()) {
            mine = jobs.states(job(id.get(), tenant).jobId());
        } else {
            Source<JobState, NotUsed> states = ServerSentEvents.heard(jobs::listen);
            mine = states.filter(job -> mayUse(tenant, job));
        }
        return ServerSentEvents.response(
                mine.map(job -> ServerSentEvents.event("video", writer.describe(job))), keepAlive);
    }

    HttpResponse get(String id, Tenant tenant) {
        return Replies.json(writer.describe(job(id, tenant))).addHeader(RawHeader.create(POLL_AFTER, POLL_MILLIS));
    }

    /** A page of jobs, newest first unless {@code order} says otherwise. */
    HttpResponse list(Tenant tenant, Optional<String> limit, Optional<String> after, Optional<String> order) {
        List<JobState> all = new ArrayList<>(
                jobs.all().stream().filter(job -> mayUse(tenant, job)).toList());
        if (!order.orElse("desc").equals("asc")) {
            Collections.reverse(all);
        }
        int from = after.map(id -> 1 + indexOf(all, id)).orElse(0);
        int to = Math.min(all.size(), from + QueryNumber.read("limit", limit, DEFAULT_PAGE, 0, LARGEST_PAGE));
        List<JobState> page = all.subList(from, to);
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        page.forEach(job -> data.add(writer.describe(job)));
        list.put("first_id", page.isEmpty() ? null : page.get(0).jobId());
        list.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1).jobId());
        return Replies.json(list.put("has_more", to < all.size()));
    }

    private static int indexOf(List<JobState> jobs, String id) {
        for (int i = 0; i < jobs.size(); i++) {
            if (jobs.get(i).jobId().equals(id)) {
                return i;
            }
        }
        throw unknown(id).about("after");
    }

    HttpResponse delete(String id, Tenant tenant) {
        jobs.delete(job(id, tenant).jobId());
        return Replies.json(Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", "video.deleted")
                .put("deleted", true));
    }

    HttpResponse cancel(String id, Tenant tenant) {
        JobState job = job(id, tenant);
        jobs.cancel(job.jobId());
        return Replies.json(writer.describe(job));
    }

    /** The video, or a picture of it. */
    HttpResponse content(String id, Tenant tenant, Optional<String> variant) {
        JobState job = job(id, tenant);
        ClipReference place = finished(job);
        Blob video;
        try {
            video = jobs.result(place);
        } catch (ClipGoneException e) {
            throw ApiException.of(ApiException.Kind.NOT_FOUND, "video_gone", String.valueOf(e.getMessage()));
        }
        return switch (variant.orElse("video")) {
            case "video" ->
                entity(ContentTypes.parse(job.request().settings().format().mediaType()), video.bytes());
            case "thumbnail" ->
                entity(
                        JPEG,
                        StillImage.jpeg(
                                StillImage.thumbnail(frames(video, 1).get(0), THUMBNAIL_SIDE, THUMBNAIL_SIDE),
                                JPEG_QUALITY));
            case "spritesheet" ->
                entity(
                        JPEG,
                        StillImage.jpeg(
                                StillImage.contactSheet(
                                        frames(video, job.request().settings().frames()),
                                        SHEET_COLUMNS,
                                        THUMBNAIL_SIDE / 2),
                                JPEG_QUALITY));
            default ->
                throw ApiException.invalid(
                        "variant", "variant has to be video, thumbnail or spritesheet, got " + variant.orElse(""));
        };
    }

    private static ClipReference finished(JobState job) {
        return job.result()
                .orElseThrow(() -> ApiException.of(
                        ApiException.Kind.INVALID,
                        "video_not_ready",
                        "video %s is %s: there is nothing to download"
                                .formatted(job.jobId(), VideoWriter.status(job))));
    }

    private static List<RgbFrame> frames(Blob video, int count) {
        return FrameSampler.uniform(count)
                .sample(VideoSource.bytes(video.bytes()), DecodeLimits.defaults())
                .frames()
                .stream()
                .map(ClipFrame::image)
                .toList();
    }

    private static HttpResponse entity(ContentType type, byte[] bytes) {
        return HttpResponse.create().withEntity(HttpEntities.create(type, ByteString.fromArray(bytes)));
    }

    /** A job of the tenant's; those of others are as unknown as those that never were. */
    private JobState job(String id, Tenant tenant) {
        return jobs.find(id).filter(job -> mayUse(tenant, job)).orElseThrow(() -> unknown(id));
    }

    static boolean mayUse(Tenant tenant, JobState job) {
        return tenant.equals(Tenant.ANYBODY) || job.request().order().tenant().equals(tenant.name());
    }

    static String owner(Tenant tenant) {
        return tenant.equals(Tenant.ANYBODY) ? JobOrder.NO_TENANT : tenant.name();
    }

    private static ApiException unknown(String id) {
        return ApiException.of(ApiException.Kind.NOT_FOUND, "video_not_found", "there is no video '%s'".formatted(id));
    }
}
