package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What OpenAI's Java client and LangChain4j do with chats. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class OpenAiClientsTest {
    private final RunningKinora kinora;

    OpenAiClientsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void openaiListsTheModelAndGetsOne() {
        assertThat(kinora.openai().models().list().data())
                .extracting(listed -> listed.id())
                .containsExactly(kinora.model());
        assertThat(kinora.openai().models().retrieve(kinora.model()).ownedBy()).isEqualTo("kinora");
        assertThatThrownBy(() -> kinora.openai().models().retrieve("gpt")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void openaiAsksAboutAClipAndTheStreamedTokensAreTheWholeAnswer() {
        ChatCompletionCreateParams question = kinora.question("What moves?").build();
        ChatCompletion whole = kinora.openai().chat().completions().create(question);
        String text = whole.choices().get(0).message().content().orElseThrow();
        assertThat(whole.usage().orElseThrow().completionTokens()).isEqualTo(12);

        StringBuilder streamed = new StringBuilder();
        StringBuilder reason = new StringBuilder();
        long[] usage = new long[2];
        ChatCompletionCreateParams asked = question.toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> chunks =
                kinora.openai().chat().completions().createStreaming(asked)) {
            chunks.stream().forEach(chunk -> {
                chunk.choices().forEach(choice -> {
                    choice.delta().content().ifPresent(streamed::append);
                    choice.finishReason().ifPresent(reason::append);
                });
                chunk.usage().ifPresent(taken -> {
                    usage[0] = taken.completionTokens();
                    usage[1] = taken.promptTokensDetails()
                            .orElseThrow()
                            .cachedTokens()
                            .orElseThrow();
                });
            });
        }
        assertThat(streamed).hasToString(text);
        assertThat(reason).hasToString("length");
        assertThat(usage[0]).isEqualTo(12);
        assertThat(usage[1]).as("tokens of the clip that were reused").isGreaterThan(100);
    }

    @Test
    void severalAnswersToOneQuestionAreIndexed() {
        ChatCompletion answers = kinora.openai()
                .chat()
                .completions()
                .create(kinora.question("What moves?").n(2).temperature(1).build());
        assertThat(answers.choices()).extracting(ChatCompletion.Choice::index).containsExactly(0L, 1L);
    }

    @Test
    void tokensComeWithTheirProbabilities() {
        ChatCompletion answer = kinora.openai()
                .chat()
                .completions()
                .create(kinora.question("What moves?")
                        .logprobs(true)
                        .topLogprobs(3)
                        .maxCompletionTokens(5)
                        .build());
        ChatCompletion.Choice.Logprobs logprobs =
                answer.choices().get(0).logprobs().orElseThrow();
        assertThat(logprobs.content().orElseThrow()).hasSize(5).allSatisfy(token -> {
            assertThat(token.logprob()).isLessThanOrEqualTo(0);
            assertThat(token.topLogprobs()).hasSize(3);
            assertThat(token.topLogprobs().get(0).token()).isEqualTo(token.token());
        });
    }

    @Test
    void anUnreadableClipIsABadRequestAlsoWhereTheAnswerIsStreamed() {
        ChatCompletionCreateParams broken =
                kinora.question("data:video/mp4;base64,AAAA", "What moves?").build();
        assertThatThrownBy(() -> kinora.openai().chat().completions().create(broken))
                .isInstanceOf(BadRequestException.class);
        assertThatThrownBy(() -> kinora.openai().chat().completions().createStreaming(broken))
                .isInstanceOf(BadRequestException.class);
    }

    @Test
    void langchain4jListsTheModel() {
        OpenAiModelCatalog models = OpenAiModelCatalog.builder()
                .baseUrl(kinora.face().address() + "/v1")
                .apiKey(RunningKinora.KEY)
                .build();
        assertThat(models.listModels()).extracting(ModelDescription::name).containsExactly(kinora.model());
    }

    @Test
    void langchain4jAsksAboutAClip() {
        OpenAiChatModel langchain = OpenAiChatModel.builder()
                .baseUrl(kinora.face().address() + "/v1")
                .apiKey(RunningKinora.KEY)
                .modelName(kinora.model())
                .maxTokens(12)
                .temperature(0.0)
                .maxRetries(0)
                .build();
        ChatResponse response =
                langchain.chat(UserMessage.from(VideoContent.from(kinora.clip()), TextContent.from("What moves?")));
        assertThat(response.aiMessage().text()).isNotBlank();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
        assertThatThrownBy(() -> langchain.chat(UserMessage.from(
                        VideoContent.from("data:video/mp4;base64,AAAA"), TextContent.from("What moves?"))))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void langchain4jStreamsAnAnswerAboutAClip() throws Exception {
        OpenAiStreamingChatModel langchain = OpenAiStreamingChatModel.builder()
                .baseUrl(kinora.face().address() + "/v1")
                .apiKey(RunningKinora.KEY)
                .modelName(kinora.model())
                .maxTokens(12)
                .temperature(0.0)
                .build();
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        StringBuilder streamed = new StringBuilder();
        langchain.chat(
                List.of(UserMessage.from(VideoContent.from(kinora.clip()), TextContent.from("What moves?"))),
                new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String token) {
                        streamed.append(token);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }
                });
        ChatResponse response = answer.get(10, TimeUnit.MINUTES);
        assertThat(response.aiMessage().text()).isEqualTo(streamed.toString()).isNotBlank();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
    }
}
