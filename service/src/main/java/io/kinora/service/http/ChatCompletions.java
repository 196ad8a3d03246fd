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
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.shard.TokenScore;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.model.llm.sample.SamplingSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** {@code POST /v1/chat/completions}: answers of the checkpoint's language model, whole or as they come. */
final class ChatCompletions {
    /** An event of one of the answers that were asked for. */
    private record Choice(int index, AnswerEvent event) {}

    /** Refusals come early as a rule; what comes later than this is told within the stream. */
    private static final Duration FOR_A_STATUS = Duration.ofSeconds(1);

    private static final Duration SOON = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final ServedModel model;
    private final CheckpointCard card;
    private final Duration keepAlive;
    private final Clock clock;

    ChatCompletions(ActorSystem<?> system, ServedModel model, Duration keepAlive, Clock clock) {
        this.system = system;
        this.model = model;
        this.card = model.card();
        this.keepAlive = keepAlive;
        this.clock = clock;
    }

    /** Answers a request, as long as its client is there. */
    CompletionStage<HttpResponse> complete(ChatCompletionRequest request, Endpoint.Call call) {
        if (!request.model().equals(card.name())) {
            throw Models.unknown(request.model(), card.name());
        }
        ChatCompletionWriter writer = new ChatCompletionWriter(
                "chatcmpl-" + UUID.randomUUID().toString().replace("-", ""),
                clock.instant().getEpochSecond(),
                card);
        model.requireAnswers();
        return request.stream() ? stream(request, writer, call) : whole(request, writer, call);
    }

    private CompletionStage<HttpResponse> whole(
            ChatCompletionRequest request, ChatCompletionWriter writer, Endpoint.Call call) {
        Client client = call.client();
        Pair<UniqueKillSwitch, CompletionStage<List<Choice>>> running = events(request, writer, call)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.seq(), Keep.both())
                .run(system);
        Runnable giveUp = () -> running.first().abort(new CancellationException("the client is gone"));
        client.whenGone(giveUp);
        return running.second().thenApply(events -> {
            client.forget(giveUp);
            List<ChatCompletionWriter.Answer> answers = new ArrayList<>();
            for (int index = 0; index < request.choices(); index++) {
                answers.add(answer(events, index));
            }
            return Replies.json(writer.completion(answers));
        });
    }

    private static ChatCompletionWriter.Answer answer(List<Choice> events, int index) {
        List<TokenScore> scores = new ArrayList<>();
        for (Choice choice : events) {
            if (choice.event() instanceof AnswerEvent.NotAnswered failed) {
                throw refusal(failed);
            }
            if (choice.index() == index && choice.event() instanceof AnswerEvent.Piece piece) {
                piece.score().ifPresent(scores::add);
            }
            if (choice.index() == index && choice.event() instanceof AnswerEvent.Answered answered) {
                return new ChatCompletionWriter.Answer(answered, scores);
            }
        }
        throw new IllegalStateException("answer %d of the stream has no end".formatted(index));
    }

    private CompletionStage<HttpResponse> stream(
            ChatCompletionRequest request, ChatCompletionWriter writer, Endpoint.Call call) {
        Source<Optional<Choice>, NotUsed> events = events(request, writer, call).map(Optional::of);
        // It never completes by itself: the merge ends as soon as one of the two does.
        Source<Optional<Choice>, NotUsed> patience = Source.single(Optional.<Choice>empty())
                .initialDelay(FOR_A_STATUS)
                .concat(Source.maybe());
        return events.merge(patience, true)
                .filter(choice -> choice.isEmpty() || !(choice.get().event() instanceof AnswerEvent.Watched))
                .prefixAndTail(1)
                .runWith(Sink.head(), system)
                .thenApply(begun -> begin(begun, request, writer));
    }

    private HttpResponse begin(
            Pair<List<Optional<Choice>>, Source<Optional<Choice>, NotUsed>> begun,
            ChatCompletionRequest request,
            ChatCompletionWriter writer) {
        for (Optional<Choice> first : begun.first()) {
            if (first.isPresent() && first.get().event() instanceof AnswerEvent.NotAnswered failed) {
                begun.second().runWith(Sink.cancelled(), system);
                throw refusal(failed);
            }
        }
        ChatCompletionWriter.Stream stream = writer.stream(request.choices(), request.usage());
        Source<ByteString, NotUsed> roles = Source.from(stream.roles()).map(ServerSentEvents::data);
        Source<ByteString, NotUsed> tokens = Source.from(begun.first())
                .concat(begun.second())
                .mapConcat(choice -> choice.map(event -> events(event, stream)).orElse(List.of()));
        return ServerSentEvents.response(roles.concat(tokens), keepAlive);
    }

    private static List<ByteString> events(Choice choice, ChatCompletionWriter.Stream stream) {
        if (choice.event() instanceof AnswerEvent.NotAnswered failed) {
            return List.of(ServerSentEvents.error(refusal(failed)));
        }
        List<ByteString> events = new ArrayList<>();
        stream.chunks(choice.index(), choice.event()).forEach(chunk -> events.add(ServerSentEvents.data(chunk)));
        if (stream.isComplete()) {
            events.add(ServerSentEvents.DONE);
        }
        return events;
    }

    /** The events of every answer that is wanted; nothing comes after a refusal. Whoever cancels gives all of them up. */
    private Source<Choice, NotUsed> events(
            ChatCompletionRequest request, ChatCompletionWriter writer, Endpoint.Call call) {
        Source<Choice, NotUsed> all = request.choices() == 1
                ? answer(0, request, writer, call.trace()) // most requests: tokens need no merging
                : Source.from(IntStream.range(0, request.choices()).boxed().toList())
                        .flatMapMerge(request.choices(), index -> answer(index, request, writer, call.trace()));
        return all.map(choice -> spent(choice, call))
                .takeWhile(choice -> !(choice.event() instanceof AnswerEvent.NotAnswered), true);
    }

    /** The prompt is read once for all answers. */
    private static Choice spent(Choice choice, Endpoint.Call call) {
        if (choice.event() instanceof AnswerEvent.Answered answered) {
            int prompt = choice.index() == 0 ? answered.cost().promptTokens() : 0;
            call.spend().accept(prompt + answered.cost().newTokens());
        }
        return choice;
    }

    private Source<Choice, NotUsed> answer(
            int index, ChatCompletionRequest request, ChatCompletionWriter writer, RequestTrace trace) {
        return model.requireAnswers()
                .ask(new AnswerRequest(
                        writer.id() + "-" + index,
                        request.conversation(),
                        reply(request.reply(), index),
                        0,
                        Optional.empty(),
                        trace))
                .map(event -> new Choice(index, event));
    }

    /** Each answer draws for itself. */
    private static AnswerRequest.Reply reply(AnswerRequest.Reply reply, int index) {
        if (reply instanceof AnswerRequest.Formed formed) {
            return new AnswerRequest.Formed(seeded(formed.text(), index), formed.form());
        }
        return reply instanceof AnswerRequest.Free free ? seeded(free, index) : reply;
    }

    private static AnswerRequest.Free seeded(AnswerRequest.Free free, int index) {
        SamplingSettings sampling = free.sampling();
        return new AnswerRequest.Free(
                new SamplingSettings(
                        sampling.temperature(),
                        sampling.topK(),
                        sampling.topP(),
                        sampling.minP(),
                        sampling.repetitionPenalty(),
                        sampling.seed() + index),
                free.maxNewTokens(),
                free.stops(),
                free.topLogprobs());
    }

    private static ApiException refusal(AnswerEvent.NotAnswered failed) {
        return switch (failed.code()) {
            case "clip.limit" -> ApiException.of(ApiException.Kind.TOO_LARGE, "media_too_large", failed.reason());
            case "clip.unreadable" -> ApiException.of(ApiException.Kind.INVALID, "media_unreadable", failed.reason());
            case "prompt.too_long" ->
                ApiException.of(ApiException.Kind.INVALID, "context_length_exceeded", failed.reason())
                        .about("messages");
            case "request.invalid" -> ApiException.invalid("messages", failed.reason());
            case "busy", "late" ->
                ApiException.of(ApiException.Kind.OVERLOADED, "overloaded", failed.reason())
                        .retryAfter(SOON);
            default -> ApiException.of(ApiException.Kind.INTERNAL, failed.code(), failed.reason());
        };
    }
}
