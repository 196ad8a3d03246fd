package io.kinora.service.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.JobState;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** {@code /v1/videos}: the generation jobs of the cluster as OpenAI's clients see them. Blocks. */
final class Videos {
    private static final int PERCENT = 100;
    private static final int THUMBNAIL_SIDE = 320;
    private static final int SHEET_COLUMNS = 4;
    private static final int JPEG_QUALITY = 85;
    private static final int DEFAULT_PAGE = 20;
    private static final int LARGEST_PAGE = 100;
    private static final String POLL_AFTER = "openai-poll-after-ms";
    private static final String POLL_MILLIS = "500";
    private static final ContentType MP4 = ContentTypes.create(MediaTypes.VIDEO_MP4);
    private static final ContentType JPEG = ContentTypes.create(MediaTypes.IMAGE_JPEG);

    private final JobBook jobs;
    private final CheckpointCard card;

    Videos(JobBook jobs, CheckpointCard card) {
        this.jobs = jobs;
        this.card = card;
    }

    HttpResponse create(JsonNode json, Tenant tenant) {
        JsonFields body = JsonFields.body(json);
        body.text("model").filter(model -> !model.equals(card.name())).ifPresent(model -> {
            throw Models.unknown(model, card.name());
        });
        String id = "video_" + UUID.randomUUID().toString().replace("-", "");
        JobState state = jobs.create(VideoRequestReader.read(body, id, owner(tenant)));
        return Replies.json(describe(state)).addHeader(RawHeader.create(POLL_AFTER, POLL_MILLIS));
    }

    HttpResponse get(String id, Tenant tenant) {
        return Replies.json(describe(job(id, tenant))).addHeader(RawHeader.create(POLL_AFTER, POLL_MILLIS));
    }

    /** A page of jobs, newest first unless {@code order} says otherwise. */
    HttpResponse list(Tenant tenant, Optional<String> limit, Optional<String> after, Optional<String> order) {
        List<JobState> all = new ArrayList<>(
                jobs.all().stream().filter(job -> mayUse(tenant, job)).toList());
        if (!order.orElse("desc").equals("asc")) {
            Collections.reverse(all);
        }
        int from = after.map(id -> 1 + indexOf(all, id)).orElse(0);
        int to = Math.min(all.size(), from + pageSize(limit));
        List<JobState> page = all.subList(from, to);
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        page.forEach(job -> data.add(describe(job)));
        list.put("first_id", page.isEmpty() ? null : page.get(0).jobId());
        list.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1).jobId());
        return Replies.json(list.put("has_more", to < all.size()));
    }

    private static int pageSize(Optional<String> limit) {
        try {
            int size = limit.map(Integer::parseInt).orElse(DEFAULT_PAGE);
            if (size < 0 || size > LARGEST_PAGE) {
                throw ApiException.invalid("limit", "limit has to be 0 to %d, got %d".formatted(LARGEST_PAGE, size));
            }
            return size;
        } catch (NumberFormatException e) {
            throw ApiException.invalid("limit", "limit has to be a whole number, got " + limit.orElse(""));
        }
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
        return Replies.json(describe(job));
    }

    /** The video, or a picture of it. */
    HttpResponse content(String id, Tenant tenant, Optional<String> variant) {
        JobState job = job(id, tenant);
        if (job.result().isEmpty()) {
            throw ApiException.of(
                    ApiException.Kind.INVALID,
                    "video_not_ready",
                    "video %s is %s: there is nothing to download"
                            .formatted(id, describe(job).path("status").asText()));
        }
        Blob video;
        try {
            video = jobs.result(job.result().get());
        } catch (ClipGoneException e) {
            throw ApiException.of(ApiException.Kind.NOT_FOUND, "video_gone", String.valueOf(e.getMessage()));
        }
        return switch (variant.orElse("video")) {
            case "video" -> entity(MP4, video.bytes());
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

    private static boolean mayUse(Tenant tenant, JobState job) {
        return tenant.equals(Tenant.ANYBODY) || job.request().order().tenant().equals(tenant.name());
    }

    private static String owner(Tenant tenant) {
        return tenant.equals(Tenant.ANYBODY) ? JobOrder.NO_TENANT : tenant.name();
    }

    private static ApiException unknown(String id) {
        return ApiException.of(ApiException.Kind.NOT_FOUND, "video_not_found", "there is no video '%s'".formatted(id));
    }

    /** The video object: every key is always there. */
    private ObjectNode describe(JobState job) {
        GenerationSettings settings = job.request().settings();
        ObjectNode video = Json.MAPPER
                .createObjectNode()
                .put("id", job.jobId())
                .put("object", "video")
                .put("model", card.name())
                .put("status", status(job))
                .put("progress", progress(job))
                .put("created_at", job.createdAt().getEpochSecond());
        video.put(
                "completed_at", job.status().isFinal() ? (Long) job.updatedAt().getEpochSecond() : null);
        video.put(
                "expires_at",
                job.expiresAt().map(at -> (Long) at.getEpochSecond()).orElse(null));
        video.put("prompt", job.request().text());
        video.put(
                "size",
                settings.width().isPresent() && settings.height().isPresent()
                        ? settings.width().getAsInt() + "x" + settings.height().getAsInt()
                        : "auto");
        video.put("seconds", seconds(settings));
        video.putNull("remixed_from_video_id");
        error(video, job);
        ObjectNode more = video.putObject("kinora");
        more.put("seed", settings.seed()).put("frames", settings.frames()).put("fps", settings.fps());
        job.progress().ifPresent(progress -> {
            more.put("step", progress.step()).put("steps", progress.total());
            progress.preview().ifPresent(preview -> more.put("preview", preview));
        });
        job.result().ifPresent(place -> more.put("clip", place.toString()));
        return video;
    }

    private static void error(ObjectNode video, JobState job) {
        if (job.status() == JobState.Status.CANCELLED) {
            video.putObject("error").put("code", "cancelled").put("message", "it was cancelled");
        } else if (job.error().isPresent()) {
            video.putObject("error")
                    .put("code", job.error().get().code())
                    .put("message", job.error().get().message());
        } else {
            video.putNull("error");
        }
    }

    private static String status(JobState job) {
        return switch (job.status()) {
            case QUEUED -> "queued";
            case RUNNING -> "in_progress";
            case SUCCEEDED -> "completed";
            case FAILED, CANCELLED -> "failed";
        };
    }

    private static int progress(JobState job) {
        if (job.status() == JobState.Status.SUCCEEDED) {
            return PERCENT;
        }
        return job.progress()
                .map(progress -> PERCENT * progress.step() / progress.total())
                .orElse(0);
    }

    private static String seconds(GenerationSettings settings) {
        return settings.frames() % settings.fps() == 0
                ? Integer.toString(settings.frames() / settings.fps())
                : Double.toString((double) settings.frames() / settings.fps());
    }
}
