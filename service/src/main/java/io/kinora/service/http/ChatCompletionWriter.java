package io.kinora.service.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.answer.AnswerCost;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.shard.TextEnd;
import io.kinora.actors.shard.TokenScore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Writes answers as chat completions, whole or in chunks. */
final class ChatCompletionWriter {
    private static final double NANOS = 1e9;

    private final String id;
    private final long created;
    private final CheckpointCard card;

    ChatCompletionWriter(String id, long created, CheckpointCard card) {
        this.id = id;
        this.created = created;
        this.card = card;
    }

    String id() {
        return id;
    }

    /** A complete answer, with the probabilities of its tokens where they were asked for. */
    record Answer(AnswerEvent.Answered answered, List<TokenScore> scores) {
        /** Takes a copy. */
        Answer {
            scores = List.copyOf(scores);
        }
    }

    /** All answers at once. */
    ObjectNode completion(List<Answer> answers) {
        ObjectNode completion = head("chat.completion");
        completion.put("service_tier", "default");
        ArrayNode choices = completion.putArray("choices");
        for (int i = 0; i < answers.size(); i++) {
            AnswerEvent.Answered answer = answers.get(i).answered();
            ObjectNode choice = choices.addObject().put("index", i);
            choice.putObject("message")
                    .put("role", "assistant")
                    .put("content", answer.text())
                    .putNull("refusal");
            choice.set("logprobs", logprobs(answers.get(i).scores()));
            choice.put("finish_reason", reason(answer.end()));
        }
        List<AnswerEvent.Answered> answered =
                answers.stream().map(Answer::answered).toList();
        completion.set("usage", usage(answered));
        completion.set("kinora", facts(answered));
        return completion;
    }

    /** A stream of that many answers. */
    Stream stream(int choices, boolean usage) {
        return new Stream(choices, usage);
    }

    /** The chunks of a stream, in their order. Not thread-safe. */
    final class Stream {
        private final int choices;
        private final boolean usage;
        private final List<AnswerEvent.Answered> ended = new ArrayList<>();

        private Stream(int choices, boolean usage) {
            this.choices = choices;
            this.usage = usage;
        }

        /** What every answer begins with. */
        List<ObjectNode> roles() {
            return IntStream.range(0, choices)
                    .mapToObj(index -> {
                        ObjectNode chunk = chunk();
                        delta(chunk, index).put("role", "assistant").put("content", "");
                        return chunk;
                    })
                    .toList();
        }

        /** The chunks for an event of one of the answers. */
        List<ObjectNode> chunks(int index, AnswerEvent event) {
            List<ObjectNode> chunks = new ArrayList<>();
            if (event instanceof AnswerEvent.Piece piece
                    && (!piece.text().isEmpty() || piece.score().isPresent())) {
                ObjectNode chunk = chunk();
                delta(chunk, index).put("content", piece.text());
                choice(chunk).set("logprobs", logprobs(piece.score().stream().toList()));
                chunks.add(chunk);
            } else if (event instanceof AnswerEvent.Answered answered) {
                ended.add(answered);
                ObjectNode chunk = chunk();
                delta(chunk, index);
                choice(chunk).put("finish_reason", reason(answered.end()));
                if (isComplete()) {
                    chunk.set("kinora", facts(ended));
                }
                chunks.add(chunk);
                if (isComplete() && usage) {
                    ObjectNode last = head("chat.completion.chunk");
                    last.putArray("choices");
                    last.set("usage", usage(ended));
                    chunks.add(last);
                }
            }
            return chunks;
        }

        /** Whether every answer has ended. */
        boolean isComplete() {
            return ended.size() == choices;
        }

        private ObjectNode chunk() {
            ObjectNode chunk = head("chat.completion.chunk");
            if (usage) {
                chunk.putNull("usage");
            }
            return chunk;
        }

        private static ObjectNode choice(ObjectNode chunk) {
            return (ObjectNode) chunk.path("choices").path(0);
        }

        private ObjectNode delta(ObjectNode chunk, int index) {
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
            ObjectNode delta = choice.putObject("delta");
            choice.putNull("logprobs").putNull("finish_reason");
            return delta;
        }
    }

    private ObjectNode head(String object) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", card.name())
                .put("system_fingerprint", "fp_" + card.revision());
    }

    /** Null where no probabilities were asked for. */
    private static JsonNode logprobs(List<TokenScore> scores) {
        if (scores.isEmpty()) {
            return Json.MAPPER.nullNode();
        }
        ObjectNode logprobs = Json.MAPPER.createObjectNode();
        ArrayNode content = logprobs.putArray("content");
        for (TokenScore score : scores) {
            ObjectNode token = put(content.addObject(), score.chosen());
            ArrayNode best = token.putArray("top_logprobs");
            score.best().forEach(other -> put(best.addObject(), other));
        }
        return logprobs.putNull("refusal");
    }

    private static ObjectNode put(ObjectNode node, TokenScore.Scored scored) {
        node.put("token", scored.text()).put("logprob", scored.logprob());
        ArrayNode bytes = node.putArray("bytes");
        scored.bytes().forEach(bytes::add);
        return node;
    }

    private static String reason(TextEnd end) {
        return end == TextEnd.LENGTH ? "length" : "stop";
    }

    private static ObjectNode usage(List<AnswerEvent.Answered> answers) {
        int prompt = answers.get(0).cost().promptTokens();
        int cached = answers.get(0).cost().reusedTokens();
        int completion =
                answers.stream().mapToInt(answer -> answer.cost().newTokens()).sum();
        ObjectNode usage = Json.MAPPER
                .createObjectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cached).put("audio_tokens", 0);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", 0).put("audio_tokens", 0);
        return usage;
    }

    /** What OpenAI's API has no words for: what was looked at, what it took, what was reused. */
    private ObjectNode facts(List<AnswerEvent.Answered> answers) {
        AnswerEvent.Answered answer = answers.get(0);
        AnswerCost cost = answer.cost();
        ObjectNode facts = Json.MAPPER.createObjectNode();
        ArrayNode frames = facts.putArray("frame_seconds");
        answer.timestamps().forEach(timestamp -> frames.add(seconds(timestamp)));
        if (!answer.choices().isEmpty()) {
            ArrayNode choices = facts.putArray("choice_probabilities");
            answer.choices().forEach(choices::add);
        }
        facts.put("media_reused", cost.clipReused());
        facts.put("untrained", card.untrained());
        facts.putObject("seconds")
                .put("decode", seconds(cost.decode()))
                .put("encode", seconds(cost.encode()))
                .put("queued", seconds(cost.queued()))
                .put("prefill", seconds(cost.prefill()))
                .put("generate", seconds(cost.generate()))
                .put("first_token", seconds(cost.firstToken()));
        return facts;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
