package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.VideoFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code POST /v1/images/generations}: pictures, each a job as videos are, which the client waits for. Who goes away gives the jobs up. */
final class Images {
    private static final int MOST_AT_ONCE = 8;
    private static final int MOST_PARTIALS = 3;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

    private final JobBook jobs;
    private final ServedModel model;
    private final Executor blocking;
    private final Duration keepAlive;

    /**
     * @param blocking where results are read
     * @param keepAlive quiet time after which a stream gets a comment
     */
    Images(JobBook jobs, ServedModel model, Executor blocking, Duration keepAlive) {
        this.keepAlive = keepAlive;
        this.jobs = jobs;
        this.model = model;
        this.blocking = blocking;
    }

    CompletionStage<HttpResponse> create(JsonNode json, Endpoint.Call call) {
        JsonFields body = JsonFields.body(json);
        model.requirePictures(body);
        refuseUnsupported(body);
        if (body.flag("stream").orElse(false)) {
            return CompletableFuture.completedFuture(stream(body, call));
        }
        boolean asUrl = asUrl(body);
        List<CompletableFuture<JobState>> ended = new ArrayList<>();
        List<Prompt.Generate> prompts = prompts(body, call.tenant(), false);
        Runnable giveUp = () -> prompts.forEach(prompt -> jobs.cancel(prompt.jobId()));
        for (Prompt.Generate prompt : prompts) {
            ended.add(jobs.whenEnded(prompt.jobId()));
            jobs.create(prompt, call.trace());
        }
        call.client().whenGone(giveUp);
        return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        done -> {
                            call.client().forget(giveUp);
                            return Replies.json(answer(
                                    ended.stream().map(CompletableFuture::join).toList(), asUrl));
                        },
                        blocking);
    }

    private HttpResponse stream(JsonFields body, Endpoint.Call call) {
        if (body.integer("n", 1, MOST_AT_ONCE).orElse(1) > 1) {
            throw body.refused("n", "1 where the picture is streamed");
        }
        int partials = body.integer("partial_images", 0, MOST_PARTIALS).orElse(0);
        Prompt.Generate prompt = prompts(body, call.tenant(), partials > 0).get(0);
        jobs.create(prompt, call.trace());
        return new ImageStream(prompt, partials, jobs, this::picture, blocking).response(call.client(), keepAlive);
    }

    private static void refuseUnsupported(JsonFields body) {
        String background = body.text("background").orElse("auto");
        if (!background.equals("auto") && !background.equals("opaque")) {
            throw body.refused("background", "auto or opaque");
        }
    }

    private static boolean asUrl(JsonFields body) {
        return switch (body.text("response_format").orElse("b64_json")) {
            case "b64_json" -> false;
            case "url" -> true;
            default -> throw body.refused("response_format", "b64_json or url");
        };
    }

    private static VideoFormat format(JsonFields body) {
        return switch (body.text("output_format").orElse("png")) {
            case "png" -> VideoFormat.PNG;
            case "jpeg" -> VideoFormat.JPEG;
            default -> throw body.refused("output_format", "png or jpeg");
        };
    }

    private static List<Prompt.Generate> prompts(JsonFields body, Tenant tenant, boolean previews) {
        String text = body.requiredText("prompt");
        VideoFormat format = format(body);
        OptionalInt width = OptionalInt.empty();
        OptionalInt height = OptionalInt.empty();
        String size = body.text("size").orElse("auto");
        if (!size.equals("auto")) {
            Matcher sides = SIZE.matcher(size);
            if (!sides.matches()) {
                throw body.refused("size", "auto or WIDTHxHEIGHT, for example 512x512");
            }
            width = OptionalInt.of(Integer.parseInt(sides.group(1)));
            height = OptionalInt.of(Integer.parseInt(sides.group(2)));
        }
        List<Prompt.Generate> prompts = new ArrayList<>();
        try {
            for (int i = 0; i < body.integer("n", 1, MOST_AT_ONCE).orElse(1); i++) {
                String id = "image_" + UUID.randomUUID().toString().replace("-", "");
                GenerationSettings defaults = Prompt.Generate.of(id, text).settings();
                long seed = body.longInteger("seed", 0, Long.MAX_VALUE - MOST_AT_ONCE)
                        .orElse(defaults.seed() & (Long.MAX_VALUE >> 1));
                prompts.add(new Prompt.Generate(
                        id,
                        text,
                        body.text("negative_prompt").orElse(""),
                        Optional.empty(),
                        new GenerationSettings(
                                1,
                                width,
                                height,
                                defaults.fps(),
                                body.integer("num_inference_steps", 1, RequestLimits.DEFAULT.maxSteps()),
                                body.number("guidance_scale", -Double.MAX_VALUE, Double.MAX_VALUE),
                                defaults.guidanceRescale(),
                                seed + i,
                                body.text("sampler"),
                                format,
                                previews),
                        new JobOrder(Videos.owner(tenant), 0, Optional.empty())));
            }
        } catch (IllegalArgumentException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "invalid_value", String.valueOf(e.getMessage()));
        }
        return prompts;
    }

    /** The pictures; their jobs are forgotten, since nobody knows their ids. */
    private ObjectNode answer(List<JobState> ended, boolean asUrl) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.put("created", ended.get(0).createdAt().getEpochSecond());
        ArrayNode data = answer.putArray("data");
        for (JobState job : ended) {
            String base64 = Base64.getEncoder().encodeToString(result(job));
            String type = job.request().settings().format().mediaType();
            data.addObject()
                    .put(asUrl ? "url" : "b64_json", asUrl ? "data:%s;base64,%s".formatted(type, base64) : base64)
                    .putNull("revised_prompt")
                    .put("seed", job.request().settings().seed());
            answer.put("output_format", type.substring(type.indexOf('/') + 1));
        }
        putUsage(answer);
        ended.forEach(job -> jobs.delete(job.jobId()));
        return answer;
    }

    /** Reads a picture and forgets its job. */
    private byte[] picture(JobState job) {
        byte[] bytes = result(job);
        jobs.delete(job.jobId());
        return bytes;
    }

    private byte[] result(JobState job) {
        if (job.error().isPresent()) {
            String message = job.error().get().message();
            throw job.error().get().code().equals("request.invalid")
                    ? ApiException.of(ApiException.Kind.INVALID, "invalid_value", message)
                    : ApiException.of(
                            ApiException.Kind.INTERNAL, job.error().get().code(), message);
        }
        return jobs.result(job.result()
                        .orElseThrow(() ->
                                ApiException.of(ApiException.Kind.INTERNAL, "cancelled", "the picture was given up")))
                .bytes();
    }

    static String size(GenerationSettings settings) {
        return settings.width().isPresent() && settings.height().isPresent()
                ? settings.width().getAsInt() + "x" + settings.height().getAsInt()
                : "auto";
    }

    /** Clients expect it; pictures are not counted in tokens here, so all of it is nought. */
    static void putUsage(ObjectNode node) {
        node.putObject("usage")
                .put("total_tokens", 0)
                .put("input_tokens", 0)
                .put("output_tokens", 0)
                .putObject("input_tokens_details")
                .put("text_tokens", 0)
                .put("image_tokens", 0);
    }
}
