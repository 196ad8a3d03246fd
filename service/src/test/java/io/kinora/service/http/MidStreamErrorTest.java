package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.SseException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A model that fails while it answers: what has been said was said, so the stream has to tell it, and clients have to hear it. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class MidStreamErrorTest {
    private final RunningKinora kinora;
    private HttpFace face;

    MidStreamErrorTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @BeforeEach
    void serveADeskWhoseAnswersBreakOff() {
        face = BreakingFace.start(kinora);
    }

    @AfterEach
    void stop() {
        face.close();
    }

    @Test
    void openaisClientThrowsAfterWhatCame() {
        StringBuilder heard = new StringBuilder();
        OpenAIClient openai = RunningKinora.openai(face.address());
        try {
            assertThatThrownBy(() -> {
                        try (StreamResponse<ChatCompletionChunk> chunks = openai.chat()
                                .completions()
                                .createStreaming(kinora.question("What moves?").build())) {
                            chunks.stream().forEach(chunk -> chunk.choices()
                                    .forEach(choice -> choice.delta().content().ifPresent(heard::append)));
                        }
                    })
                    .isInstanceOf(SseException.class)
                    .hasMessageContaining("a stage broke");
        } finally {
            openai.close();
        }
        assertThat(heard).hasToString("A red");
    }

    @Test
    void langchain4jHearsOfTheError() throws Exception {
        OpenAiStreamingChatModel langchain = OpenAiStreamingChatModel.builder()
                .baseUrl(face.address() + "/v1")
                .apiKey(RunningKinora.KEY)
                .modelName(kinora.model())
                .build();
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        langchain.chat(List.of(UserMessage.from("What moves?")), new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String token) {
                assertThat(token).isEqualTo("A red");
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                failed.completeExceptionally(new AssertionError("it took a broken answer for a whole one"));
            }

            @Override
            public void onError(Throwable failure) {
                failed.complete(failure);
            }
        });
        assertThat(failed.get(10, TimeUnit.MINUTES)).hasMessageContaining("a stage broke");
    }

    @Test
    void theStreamEndsWithAnEventNamedErrorAndWithoutDone() throws Exception {
        HttpResponse<String> stream = kinora.http()
                .send(
                        HttpRequest.newBuilder(URI.create(face.address() + "/v1/chat/completions"))
                                .header("authorization", "Bearer " + RunningKinora.KEY)
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        kinora.words("What moves?", "\"stream\": true")))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.body())
                .contains("\"A red\"")
                .contains("event: error\ndata: {\"error\":{\"message\":\"a stage broke\",\"type\":\"server_error\"")
                .doesNotContain("[DONE]");
    }
}
