package io.kinora.model.emu2.prompt;

import java.util.List;
import java.util.Optional;

/**
 * A conversation with Emu2-Chat, up to the question to be answered.
 *
 * @param system text before the first question; absent means the template's own
 * @param messages question, answer, question …; the first and the last are the user's
 * @param grounding whether places are asked for: the answer then holds coordinates
 */
public record Chat(Optional<String> system, List<Message> messages, boolean grounding) {
    /** The authors' system message for conversation. */
    public static final String THOROUGH =
            "You are a helpful assistant, dedicated to delivering comprehensive and meticulous responses.";

    /** The authors' system message for grounding and for short answers. */
    public static final String CONCISE =
            "You are a helpful assistant, dedicated to provide concise and efficient answers.";

    /** Who speaks. */
    public enum Role {
        USER,
        ASSISTANT
    }

    /** What one of the two said; the parts follow each other without separator. */
    public record Message(Role role, List<PromptPart> parts) {
        /** Copies the list. */
        public Message {
            parts = List.copyOf(parts);
        }

        /** A question. */
        public static Message user(PromptPart... parts) {
            return new Message(Role.USER, List.of(parts));
        }

        /** An earlier answer. */
        public static Message assistant(String answer) {
            return new Message(Role.ASSISTANT, List.of(new PromptPart.Text(answer)));
        }
    }

    /** Which of the two released templates is filled in. */
    public enum Template {
        /** The authors' own: with a system message unless another is given, {@code [ASSISTANT]} after a blank. */
        NATIVE,
        /**
         * That of the Hugging Face model class: no system message unless one is given, no blank before {@code [ASSISTANT]}.
         */
        HUGGING_FACE
    }

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if the messages do not alternate, or the last is not the user's
     */
    public Chat {
        messages = List.copyOf(messages);
        if (messages.size() % 2 == 0) {
            throw new IllegalArgumentException(
                    "a chat has an odd number of messages, the first and last the user's, got " + messages.size());
        }
        for (int i = 0; i < messages.size(); i++) {
            Role expected = i % 2 == 0 ? Role.USER : Role.ASSISTANT;
            if (messages.get(i).role() != expected) {
                throw new IllegalArgumentException("message %d of a chat is the %s's, got %s"
                        .formatted(i, expected, messages.get(i).role()));
            }
        }
    }

    /** One question with the template's own system message. */
    public static Chat question(PromptPart... parts) {
        return new Chat(Optional.empty(), List.of(Message.user(parts)), false);
    }

    /** This chat with another system message. */
    public Chat withSystem(String text) {
        return new Chat(Optional.of(text), messages, grounding);
    }

    /** This chat, asking for places. */
    public Chat withGrounding() {
        return new Chat(system, messages, true);
    }
}
