package io.kinora.actors.compose;

import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.tensor.Engine;

/**
 * A ModaVerse as its parts in actors.
 *
 * @param name of the checkpoint, for lineage
 * @param revision tells two sets of weights apart
 * @param encoder media to rows of the language model
 * @param languageModel the language model
 * @param prompts the model's prompts
 * @param host engine whose memory media are put in
 */
public record MediaModel(
        String name,
        String revision,
        ActorRef<EncoderHost.Command> encoder,
        ActorRef<LanguageModel.Command> languageModel,
        ModaVersePrompts prompts,
        Engine host) {}
