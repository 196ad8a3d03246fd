package io.kinora.examples;

import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;

/** Asks about a clip with LangChain4j: ADDRESS KEY CLIP QUESTION, where CLIP is what a video_url may be. */
public final class LangChain4jExample {
    private LangChain4jExample() {}

    public static void main(String... args) {
        String address = args[0] + "/v1";
        String model = OpenAiModelCatalog.builder()
                .baseUrl(address)
                .apiKey(args[1])
                .build()
                .listModels()
                .get(0)
                .name();
        OpenAiChatModel kinora = OpenAiChatModel.builder()
                .baseUrl(address)
                .apiKey(args[1])
                .modelName(model)
                .build();
        System.out.println(kinora.chat(UserMessage.from(VideoContent.from(args[2]), TextContent.from(args[3])))
                .aiMessage()
                .text());
    }
}
