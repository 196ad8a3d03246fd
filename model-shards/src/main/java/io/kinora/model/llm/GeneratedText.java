package io.kinora.model.llm;

import java.util.List;

/** An answer as tokens, without the one that ended it, and why it ended. */
public record GeneratedText(List<GeneratedToken> tokens, FinishReason finish) {
    /** Copies the list. */
    public GeneratedText {
        tokens = List.copyOf(tokens);
    }

    /** The ids. */
    public List<Integer> ids() {
        return tokens.stream().map(GeneratedToken::token).toList();
    }
}
