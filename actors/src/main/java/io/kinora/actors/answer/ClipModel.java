package io.kinora.actors.answer;

import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.model.emu2.prompt.Chat;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.tensor.Engine;
import java.util.List;

/**
 * A model that answers questions about clips, as its parts in actors.
 *
 * @param revision tells two sets of weights apart
 * @param encoder the visual encoder
 * @param languageModel the language model
 * @param prompts the model's prompts
 * @param chat whether the model was tuned for conversation, and wants its template
 * @param imageSize pixels of a side of the encoder's input
 * @param host engine whose memory frames are put in
 */
public record ClipModel(
        String revision,
        ActorRef<EncoderHost.Command> encoder,
        ActorRef<LanguageModel.Command> languageModel,
        Emu2Prompts prompts,
        boolean chat,
        int imageSize,
        Engine host) {

    /** The prompt of a question about a clip of that many frames. Errors as {@link Emu2Prompts#interleaved}. */
    Emu2PromptIds prompt(String question, int frames) {
        PromptPart clip = new PromptPart.Frames(frames);
        PromptPart text = new PromptPart.Text(question);
        return chat ? prompts.chat(Chat.question(clip, text)) : prompts.interleaved(List.of(clip, text));
    }
}
