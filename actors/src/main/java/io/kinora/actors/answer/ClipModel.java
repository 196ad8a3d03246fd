package io.kinora.actors.answer;

import akka.actor.typed.ActorRef;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.TextOptions;
import io.kinora.model.emu2.prompt.Chat;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.Picture;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.tensor.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that answers questions about clips and pictures, as its parts in actors.
 *
 * @param revision tells two sets of weights apart
 * @param encoder the visual encoder
 * @param languageModel the language model
 * @param prompts the model's prompts
 * @param chat whether the model was tuned for conversation, and wants its template
 * @param imageSize pixels of a side of the encoder's input
 * @param host engine whose memory frames are put in
 * @param metrics hears of clips that were decoded
 */
public record ClipModel(
        String revision,
        ActorRef<EncoderHost.Command> encoder,
        ActorRef<LanguageModel.Command> languageModel,
        Emu2Prompts prompts,
        boolean chat,
        int imageSize,
        Engine host,
        ServingMetrics metrics) {
    /** As the released examples use it: Chat describes, the base model answers in a few words. */
    private static final double CHAT_LENGTH_PENALTY = 2;

    private static final double BASE_LENGTH_PENALTY = -1;

    /**
     * The prompt of a conversation.
     *
     * @throws io.kinora.model.llm.ContextLengthException if it takes more positions than the model has
     * @throws IllegalArgumentException if it does not fit the model's template
     */
    Emu2PromptIds prompt(Conversation conversation) {
        List<Chat.Message> messages = messages(conversation);
        if (chat) {
            return prompts.chat(new Chat(conversation.system(), messages, false));
        }
        List<PromptPart> parts = new ArrayList<>();
        conversation.system().map(PromptPart.Text::new).ifPresent(parts::add);
        messages.forEach(message -> parts.addAll(message.parts()));
        return prompts.interleaved(parts);
    }

    /** Turns of one speaker that follow each other are one message. */
    private static List<Chat.Message> messages(Conversation conversation) {
        List<Chat.Message> messages = new ArrayList<>();
        int pictures = 0;
        for (Conversation.Turn turn : conversation.turns()) {
            Chat.Role role = turn.speaker() == Conversation.Speaker.USER ? Chat.Role.USER : Chat.Role.ASSISTANT;
            List<PromptPart> parts = new ArrayList<>();
            int last = messages.size() - 1;
            if (last >= 0 && messages.get(last).role() == role) {
                parts.addAll(messages.remove(last).parts());
                parts.add(new PromptPart.Text("\n"));
            }
            for (Conversation.Part part : turn.parts()) {
                if (part instanceof Conversation.Clip clip) {
                    parts.add(new PromptPart.Frames(clip.frames()));
                } else if (part instanceof Conversation.Words words) {
                    parts.add(new PromptPart.Text(words.text()));
                } else {
                    parts.add(new PromptPart.Image(new Picture.Given(pictures)));
                    pictures++;
                }
            }
            messages.add(new Chat.Message(role, parts));
        }
        return messages;
    }

    /**
     * What the language model is asked for.
     *
     * @throws IllegalArgumentException if a setting is out of its range
     */
    LanguageModelRequest.Output output(AnswerRequest.Reply reply) {
        if (reply instanceof AnswerRequest.OneOf choice) {
            return new LanguageModelRequest.Choices(choice.choices());
        }
        if (reply instanceof AnswerRequest.Searched search) {
            BeamSettings beams = new BeamSettings(
                    search.beams(),
                    search.lengthPenalty().orElse(chat ? CHAT_LENGTH_PENALTY : BASE_LENGTH_PENALTY),
                    search.repetitionPenalty());
            return new LanguageModelRequest.BestText(beams, search.maxNewTokens(), search.stops());
        }
        if (reply instanceof AnswerRequest.Formed formed) {
            return new LanguageModelRequest.Formed(options(formed.text()), formed.form());
        }
        return new LanguageModelRequest.Text(options((AnswerRequest.Free) reply));
    }

    private static TextOptions options(AnswerRequest.Free free) {
        return new TextOptions(free.sampling(), free.maxNewTokens(), free.stops(), free.topLogprobs());
    }
}
