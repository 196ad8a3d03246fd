package io.kinora.service.cli;

import akka.stream.javadsl.Sink;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.service.KinoraNode;
import io.kinora.training.eval.Answerer;
import io.kinora.training.eval.ClipMaker;
import io.kinora.training.eval.ClipReconstructor;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoClip;
import io.kinora.video.VideoSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A checkpoint as an evaluation meets it: through the actors that serve everyone. */
final class ServedCheckpoint implements Answerer, ClipMaker, ClipReconstructor {
    /** No right answer is longer. */
    private static final int MOST_TOKENS = 32;

    private final KinoraNode node;
    private final int frames;
    private final RenderSettings settings;

    /**
     * The checkpoint of a node.
     *
     * @param frames of a clip that the model looks at
     * @param settings how clips are made; each has a seed of its own
     */
    ServedCheckpoint(KinoraNode node, int frames, RenderSettings settings) {
        this.node = node;
        this.frames = frames;
        this.settings = settings;
    }

    @Override
    public CompletionStage<List<String>> answer(VideoSource clip, List<String> questions) {
        String sha256 = sha256(clip);
        List<CompletableFuture<String>> answers = questions.stream()
                .map(question -> answer(new Conversation.Clip(clip, sha256, frames, DecodeLimits.defaults()), question))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        ignored -> answers.stream().map(CompletableFuture::join).toList());
    }

    private CompletableFuture<String> answer(Conversation.Clip clip, String question) {
        AnswerRequest request = new AnswerRequest(
                UUID.randomUUID().toString(),
                Conversation.aboutClip(clip, question),
                AnswerRequest.Free.greedy(MOST_TOKENS),
                0,
                Optional.empty());
        return node.answers()
                .ask(request)
                .runWith(Sink.last(), node.system())
                .toCompletableFuture()
                .thenApply(ServedCheckpoint::text);
    }

    private static String text(AnswerEvent last) {
        if (last instanceof AnswerEvent.NotAnswered failed) {
            throw new BadInputException(failed.reason());
        }
        return ((AnswerEvent.Answered) last).text();
    }

    @Override
    public CompletionStage<VideoSource> make(String prompt, long seed) {
        return run(Optional.of(prompt), Optional.empty(), seed);
    }

    @Override
    public CompletionStage<VideoSource> reconstruct(VideoSource clip, long seed) {
        return run(
                Optional.empty(),
                Optional.of(new RenderRequest.Clip(clip, sha256(clip), DecodeLimits.defaults())),
                seed);
    }

    private CompletionStage<VideoSource> run(
            Optional<String> prompt, Optional<RenderRequest.Material> material, long seed) {
        RenderRequest request = new RenderRequest(
                UUID.randomUUID().toString(),
                prompt,
                Optional.empty(),
                material,
                Optional.empty(),
                settings.withSeed(seed),
                0,
                Optional.empty());
        return node.renders()
                .render(request)
                .runWith(Sink.last(), node.system())
                .thenApply(ServedCheckpoint::clip);
    }

    private static VideoSource clip(RenderEvent last) {
        if (last instanceof RenderEvent.NotMade failed) {
            throw new BadInputException(failed.reason());
        }
        return VideoSource.bytes(((RenderEvent.Made) last).files().get(0).toArray());
    }

    private static String sha256(VideoSource clip) {
        try (VideoClip opened = VideoClip.open(clip, DecodeLimits.defaults())) {
            return opened.sha256();
        }
    }
}
