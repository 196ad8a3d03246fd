package io.kinora.actors;

import io.kinora.actors.serialization.MessageCatalog;
import io.kinora.actors.session.SessionEntity;
import io.kinora.actors.shard.AnswerForm;
import io.kinora.actors.shard.CutUNet;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.GenerationCost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.actors.shard.StageHost;
import io.kinora.actors.shard.StageInput;
import io.kinora.actors.shard.StageOutputs;
import io.kinora.actors.shard.StagePlace;
import io.kinora.actors.shard.StageResult;
import io.kinora.actors.shard.StageRow;
import io.kinora.actors.shard.TextEnd;
import io.kinora.actors.shard.TextOptions;
import io.kinora.actors.shard.TokenScore;
import io.kinora.actors.shard.UNetStageHost;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.unet.UNetTask;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.model.llm.sample.SamplingSettings;
import java.util.List;

/** Every message of Kinora's actors that may cross nodes. Append only: a class's place in the list is its number on the wire. */
public final class RemoteMessages implements MessageCatalog {
    private static final List<Class<?>> TYPES = List.of(
            StageBatch.class,
            StageBatch.Segment.class,
            SamplingSettings.class,
            StageInput.Tokens.class,
            StageInput.Hidden.class,
            StageInput.Visual.class,
            StageOutputs.class,
            StageResult.class,
            StageHost.Run.class,
            StageHost.Fork.class,
            StageHost.Free.class,
            StageHost.Crash.class,
            TextOptions.class,
            TextEnd.class,
            GenerationCost.class,
            LanguageModelRequest.class,
            LanguageModelRequest.Prefix.class,
            LanguageModelRequest.Text.class,
            LanguageModelRequest.Formed.class,
            AnswerForm.MetaResponses.class,
            AnswerForm.JsonSchema.class,
            AnswerForm.JsonObject.class,
            LanguageModelRequest.Embeddings.class,
            LanguageModel.Generate.class,
            LanguageModel.Cancel.class,
            LanguageModel.StageStarted.class,
            LanguageModel.StepDone.class,
            LanguageModel.StepFailed.class,
            LanguageModel.StepFailed.Kind.class,
            LanguageModel.TokenGenerated.class,
            LanguageModel.Ended.class,
            LanguageModel.EmbeddingsGenerated.class,
            LanguageModel.Refused.class,
            LanguageModel.Refusal.class,
            EncoderHost.Find.class,
            EncoderHost.Encode.class,
            EncoderHost.Encoded.class,
            EncoderHost.NotKept.class,
            EncoderHost.EncodeFailed.class,
            RenderJob.class,
            RenderJob.Words.class,
            RenderJob.Visual.class,
            RenderSettings.Size.class,
            RenderSettings.Format.class,
            RenderedAs.class,
            DecoderHost.Render.class,
            DecoderHost.Cancel.class,
            DecoderHost.Ready.class,
            DecoderHost.Done.class,
            DecoderHost.Stepped.class,
            DecoderHost.Rendered.class,
            DecoderHost.NotRendered.class,
            DecoderHost.Failure.class,
            EncoderHost.Kind.class,
            RenderSettings.class,
            RenderedAs.Times.class,
            RenderJob.Watched.class,
            RenderJob.Source.class,
            DecoderHost.Previewed.class,
            EncoderHost.EncodeNothing.class,
            DecoderHost.NotLoaded.class,
            BeamSettings.class,
            TokenScore.class,
            TokenScore.Scored.class,
            LanguageModelRequest.BestText.class,
            LanguageModelRequest.Choices.class,
            LanguageModel.Chosen.class,
            DecoderHost.Began.class,
            UNetPrompt.class,
            UNetPrompt.AddedConditions.class,
            UNetTask.class,
            UNetState.class,
            UNetStageHost.Run.class,
            UNetStageHost.Forget.class,
            UNetStageHost.Crash.class,
            CutUNet.Predict.class,
            CutUNet.Forget.class,
            CutUNet.StageStarted.class,
            CutUNet.CallDone.class,
            CutUNet.CallFailed.class,
            CutUNet.Predicted.class,
            CutUNet.NotPredicted.class,
            TraceContext.class,
            SessionEntity.Ask.class,
            SessionEntity.Forget.class,
            SessionEntity.Expire.class,
            SessionEntity.Stop.class,
            SessionEntity.Answered.class,
            SessionEntity.Forgotten.class,
            SessionEntity.TryAgain.class,
            StagePlace.Host.class,
            StageRow.Hosted.class,
            EncoderHost.Abandoned.class);

    /** Called by the serializer. */
    public RemoteMessages() {}

    @Override
    public List<Class<?>> types() {
        return TYPES;
    }
}
