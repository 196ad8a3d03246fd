package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import java.util.Optional;

/** Jobs as the video objects of OpenAI's API. Thread-safe. */
final class VideoWriter {
    private static final int PERCENT = 100;

    private final String model;
    private final JobBook jobs;

    VideoWriter(String model, JobBook jobs) {
        this.model = model;
        this.jobs = jobs;
    }

    /** The video object: every key is always there. */
    ObjectNode describe(JobState job) {
        GenerationSettings settings = job.request().settings();
        ObjectNode video = Json.MAPPER
                .createObjectNode()
                .put("id", job.jobId())
                .put("object", "video")
                .put("model", model)
                .put("status", status(job))
                .put("progress", progress(job))
                .put("created_at", job.createdAt().getEpochSecond());
        video.put(
                "completed_at", job.status().isFinal() ? (Long) job.updatedAt().getEpochSecond() : null);
        video.put(
                "expires_at",
                job.expiresAt().map(at -> (Long) at.getEpochSecond()).orElse(null));
        video.put("prompt", job.request().text());
        video.put("size", Images.size(settings));
        video.put("seconds", seconds(settings));
        video.put("remixed_from_video_id", remixedFrom(job).orElse(null));
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

    /** The job whose result this one began with, as long as it is kept. */
    private Optional<String> remixedFrom(JobState job) {
        return job.request()
                .source()
                .map(Prompt.Source::clip)
                .filter(ClipTarget.At.class::isInstance)
                .flatMap(clip -> jobs.madeAt(((ClipTarget.At) clip).reference()))
                .map(JobState::jobId);
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

    static String status(JobState job) {
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
