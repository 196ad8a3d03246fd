package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import java.util.Optional;

/**
 * A model that makes clips, as its parts in actors.
 *
 * @param decoder the diffusion decoder
 * @param imagination turns words into embeddings; absent where the decoder has a text encoder of its own
 */
public record VideoModel(ActorRef<DecoderHost.Command> decoder, Optional<Imagination> imagination) {
    /**
     * A language model that regresses the visual embeddings of a picture from words.
     *
     * @param prompts the model's prompts
     * @param embeddings how many make a picture
     */
    public record Imagination(ActorRef<LanguageModel.Command> languageModel, Emu2Prompts prompts, int embeddings) {}
}
