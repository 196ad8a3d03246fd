package io.kinora.actors.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.prompt.Chat;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.tensor.parity.ParityCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The messages of a parity case as a prompt: turns in the chat template, a plain list (or a base model's turns) one after the other. */
final class Emu2Messages {
    private Emu2Messages() {}

    static Emu2PromptIds prompt(ParityCase parityCase, Emu2Case emu2) {
        JsonNode messages = parityCase.required("messages");
        boolean turns = messages.path(0).isArray();
        if (!turns) {
            return emu2.prompts().interleaved(emu2.parts(messages));
        }
        List<Chat.Message> chat = new ArrayList<>();
        for (JsonNode turn : messages) {
            Chat.Role role = chat.size() % 2 == 0 ? Chat.Role.USER : Chat.Role.ASSISTANT;
            chat.add(new Chat.Message(role, emu2.parts(turn)));
        }
        if (emu2.config().variant() == Emu2Config.Variant.BASE) {
            List<PromptPart> parts =
                    chat.stream().flatMap(message -> message.parts().stream()).toList();
            return emu2.prompts().interleaved(parts);
        }
        boolean grounding = parityCase.input("is_grounding").asBoolean(false);
        return emu2.prompts().chat(new Chat(Optional.empty(), chat, grounding));
    }
}
