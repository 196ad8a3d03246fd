package io.kinora.examples;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonField;
import com.openai.core.JsonValue;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageParam;
import java.util.List;
import java.util.Map;

/** Asks about a clip with OpenAI's client: ADDRESS KEY CLIP QUESTION, where CLIP is what a video_url may be. */
public final class OpenAiJavaExample {
    private OpenAiJavaExample() {}

    public static void main(String... args) {
        OpenAIClient openai = OpenAIOkHttpClient.builder()
                .baseUrl(args[0] + "/v1")
                .apiKey(args[1])
                .build();
        String model = openai.models().list().data().get(0).id();
        System.out.println(openai.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model(model)
                        .messages(aboutAClip(args[2], args[3]))
                        .build())
                .choices()
                .get(0)
                .message()
                .content()
                .orElseThrow());
        openai.close();
    }

    /** The client's types know no clips; it sends as it is what is given to it as JSON. */
    @SuppressWarnings("unchecked")
    private static JsonField<List<ChatCompletionMessageParam>> aboutAClip(String clip, String question) {
        return (JsonField<List<ChatCompletionMessageParam>>) (JsonField<?>) JsonValue.from(List.of(Map.of(
                "role",
                "user",
                "content",
                List.of(
                        Map.of("type", "video_url", "video_url", Map.of("url", clip)),
                        Map.of("type", "text", "text", question)))));
    }
}
