package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.tensor.Engine;
import java.util.Optional;

/**
 * A model that makes clips, as its parts in actors.
 *
 * @param decoder the diffusion decoder
 * @param imagination turns words and frames into embeddings; absent where the decoder has a text encoder of its own
 * @param host where frames are packed for it
 * @param limits of what may be asked for
 */
public record VideoModel(
        ActorRef<DecoderHost.Command> decoder, Optional<Imagination> imagination, Engine host, RequestLimits limits) {
    /**
     * An encoder that sees, and a language model that regresses the visual embeddings of a picture from words.
     *
     * @param revision of the weights, part of the keys that embeddings are kept under
     * @param prompts the model's prompts
     * @param embeddings how many make a picture
     * @param imageSize pixels that the encoder takes, in each direction
     */
    public record Imagination(
            String revision,
            ActorRef<EncoderHost.Command> encoder,
            ActorRef<LanguageModel.Command> languageModel,
            Emu2Prompts prompts,
            int embeddings,
            int imageSize) {}
}
