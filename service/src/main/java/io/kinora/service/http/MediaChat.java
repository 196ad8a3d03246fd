package io.kinora.service.http;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpResponse;
import akka.japi.Pair;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.compose.ComposeClient;
import io.kinora.actors.compose.ComposeEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * {@code POST /v1/chat/completions} of a ModaVerse: an instruction with media in, words and media out. What is made is kept among the uploaded files, where
 * {@code /v1/files} serves it.
 */
final class MediaChat {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final ComposeClient composes;
    private final CheckpointCard card;
    private final MediaReader media;
    private final FileStore files;
    private final Duration keepAlive;
    private final Executor blocking;
    private final Clock clock;

    /** @param blocking where files are written */
    MediaChat(
            ActorSystem<?> system,
            ServedModaVerse model,
            MediaReader media,
            FileStore files,
            Duration keepAlive,
            Executor blocking,
            Clock clock) {
        this.system = system;
        this.composes = model.composes();
        this.card = model.card();
        this.media = media;
        this.files = files;
        this.keepAlive = keepAlive;
        this.blocking = blocking;
        this.clock = clock;
    }

    /** The model's name. */
    String name() {
        return card.name();
    }

    /**
     * Answers a request, as long as its client is there. Blocks while it fetches media.
     *
     * @param base address of this service, as its client calls it
     */
    CompletionStage<HttpResponse> complete(JsonFields body, String base, Endpoint.Call call) {
        String id = "chatcmpl-" + UUID.randomUUID().toString().replace("-", "");
        MediaChatRequest request = MediaChatRequest.read(id, body, media).within(call.trace());
        MediaChatWriter writer = new MediaChatWriter(id, clock.instant().getEpochSecond(), card);
        return request.stream() ? stream(request, writer, base, call) : whole(request, writer, base, call);
    }

    private CompletionStage<HttpResponse> whole(
            MediaChatRequest request, MediaChatWriter writer, String base, Endpoint.Call call) {
        Client client = call.client();
        Pair<UniqueKillSwitch, CompletionStage<List<ComposeEvent>>> running = events(request, call)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.seq(), Keep.both())
                .run(system);
        Runnable giveUp = () -> running.first().abort(new CancellationException("the client is gone"));
        client.whenGone(giveUp);
        return running.second()
                .thenApplyAsync(
                        events -> {
                            client.forget(giveUp);
                            events.forEach(event -> write(event, writer, base));
                            return Replies.json(writer.completion());
                        },
                        blocking);
    }

    /** Parts go out as they are made; a refusal before the first of them gets a status of its own. */
    private CompletionStage<HttpResponse> stream(
            MediaChatRequest request, MediaChatWriter writer, String base, Endpoint.Call call) {
        Source<ComposeEvent, NotUsed> events =
                events(request, call).filter(event -> !(event instanceof ComposeEvent.Perceived));
        return events.prefixAndTail(1).runWith(Sink.head(), system).thenApply(begun -> {
            for (ComposeEvent first : begun.first()) {
                if (first instanceof ComposeEvent.NotUnderstood refused) {
                    begun.second().runWith(Sink.cancelled(), system);
                    throw refusal(refused);
                }
            }
            ObjectNode role =
                    Json.MAPPER.createObjectNode().put("role", "assistant").put("content", "");
            Source<ByteString, NotUsed> chunks = Source.from(begun.first())
                    .concat(begun.second())
                    .mapAsync(
                            1,
                            event ->
                                    CompletableFuture.supplyAsync(() -> chunks(event, request, writer, base), blocking))
                    .mapConcat(all -> all);
            return ServerSentEvents.response(
                    Source.single(ServerSentEvents.data(writer.chunk(role, request.usage())))
                            .concat(chunks),
                    keepAlive);
        });
    }

    private Source<ComposeEvent, NotUsed> events(MediaChatRequest request, Endpoint.Call call) {
        return composes.compose(request.compose()).map(event -> {
            if (event instanceof ComposeEvent.Responded responded) {
                call.spend().accept(responded.promptTokens() + responded.newTokens());
            }
            return event;
        });
    }

    private List<ByteString> chunks(ComposeEvent event, MediaChatRequest request, MediaChatWriter writer, String base) {
        List<ByteString> chunks = new ArrayList<>();
        try {
            write(event, writer, base)
                    .ifPresent(delta -> chunks.add(ServerSentEvents.data(writer.chunk(delta, request.usage()))));
        } catch (ApiException e) {
            return List.of(ServerSentEvents.error(e));
        }
        if (event instanceof ComposeEvent.Finished) {
            writer.end(request.usage()).forEach(chunk -> chunks.add(ServerSentEvents.data(chunk)));
            chunks.add(ServerSentEvents.DONE);
        }
        return chunks;
    }

    /** Takes an event in; gives what a stream says of it. */
    private Optional<ObjectNode> write(ComposeEvent event, MediaChatWriter writer, String base) {
        if (event instanceof ComposeEvent.NotUnderstood refused) {
            throw refusal(refused);
        }
        if (event instanceof ComposeEvent.Finished finished && finished.made() == 0) {
            throw writer.nothingMade();
        }
        if (event instanceof ComposeEvent.Responded responded) {
            writer.responded(responded);
        } else if (event instanceof ComposeEvent.NotMade failed) {
            writer.notMade(failed);
        } else if (event instanceof ComposeEvent.Said said) {
            return Optional.of(writer.said(said));
        } else if (event instanceof ComposeEvent.Made made) {
            return Optional.of(writer.made(made, keep(made, base)));
        }
        return Optional.empty();
    }

    private List<MediaChatWriter.Kept> keep(ComposeEvent.Made made, String base) {
        List<MediaChatWriter.Kept> kept = new ArrayList<>();
        for (int i = 0; i < made.files().size(); i++) {
            String name = "%s-%d-%d%s".formatted(made.id(), made.index(), i, made.suffix());
            FileStore.Stored stored = files.keep(written(made.files().get(i)), name, "generated");
            kept.add(new MediaChatWriter.Kept(stored.id(), "%s/v1/files/%s/content".formatted(base, stored.id())));
        }
        return kept;
    }

    private static Path written(ByteString bytes) {
        try {
            return Files.write(Files.createTempFile("kinora-made", ""), bytes.toArray());
        } catch (IOException e) {
            throw new UncheckedIOException("what was made cannot be written", e);
        }
    }

    private static ApiException refusal(ComposeEvent.NotUnderstood refused) {
        return switch (refused.code()) {
            case "media.limit" ->
                ApiException.of(ApiException.Kind.TOO_LARGE, "media_too_large", refused.reason())
                        .about("messages");
            case "media.unreadable", "media.unusable", "media.no_sound" ->
                ApiException.of(ApiException.Kind.INVALID, refused.code().replace('.', '_'), refused.reason())
                        .about("messages");
            case "prompt.too_long" ->
                ApiException.of(ApiException.Kind.INVALID, "context_length_exceeded", refused.reason())
                        .about("messages");
            case "request.invalid" -> ApiException.invalid("messages", refused.reason());
            case "busy", "late" ->
                ApiException.of(ApiException.Kind.OVERLOADED, "overloaded", refused.reason())
                        .retryAfter(SOON);
            default ->
                ApiException.of(ApiException.Kind.INTERNAL, refused.code().replace('.', '_'), refused.reason());
        };
    }
}
