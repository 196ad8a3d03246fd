package io.kinora.model.emu2.prompt;

import io.kinora.model.emu2.prompt.Emu2PromptIds.FrameSlot;
import io.kinora.model.emu2.prompt.Emu2PromptIds.ImageSlot;
import io.kinora.model.llm.ContextLengthException;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizer.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Turns prompts into ids, in the templates of the released checkpoints.
 *
 * <p>A picture takes {@code [IMG]}, one {@code <image>} for each of its embeddings, {@code [/IMG]}; a frame takes {@code
 * [IMG]}, {@code [gIMG]}s, {@code [/IMG]}. Thread-safe.
 */
public final class Emu2Prompts {
    private final Tokenizer tokenizer;
    private final Emu2Tokens tokens;
    private final int imageTokens;
    private final int frameTokens;
    private final int maxPositions;

    /**
     * For a checkpoint.
     *
     * @param tokenizer its tokenizer
     * @param imageTokens embeddings of a picture, {@code n_query}
     * @param frameTokens embeddings of a frame, {@code v_query}
     * @param maxPositions positions the language model was made for
     * @throws io.kinora.model.text.TokenizerException if the tokenizer lacks one of Emu2's tokens
     */
    public Emu2Prompts(Tokenizer tokenizer, int imageTokens, int frameTokens, int maxPositions) {
        this.tokenizer = tokenizer;
        this.tokens = Emu2Tokens.of(tokenizer);
        this.imageTokens = imageTokens;
        this.frameTokens = frameTokens;
        this.maxPositions = maxPositions;
    }

    /** The special tokens of this checkpoint. */
    public Emu2Tokens tokens() {
        return tokens;
    }

    /**
     * The parts one after the other, as the base model reads them.
     *
     * @throws ContextLengthException if they take more positions than the model has
     */
    public Emu2PromptIds interleaved(List<PromptPart> parts) {
        Draft draft = new Draft();
        parts.forEach(draft::add);
        return draft.encode(0);
    }

    /**
     * A conversation in the authors' own template.
     *
     * @throws ContextLengthException if it takes more positions than the model has
     * @throws IllegalArgumentException if the checkpoint is not a Chat one
     */
    public Emu2PromptIds chat(Chat chat) {
        return chat(chat, Chat.Template.NATIVE);
    }

    /** A conversation in one of the two released templates. Errors as {@link #chat(Chat)}. */
    public Emu2PromptIds chat(Chat chat, Chat.Template template) {
        if (tokens.user().isEmpty() || tokens.assistant().isEmpty()) {
            throw new IllegalArgumentException(
                    "this checkpoint has no [USER] and [ASSISTANT] tokens: it is not an Emu2-Chat one");
        }
        boolean nativeTemplate = template == Chat.Template.NATIVE;
        String ownSystem = chat.grounding() ? Chat.CONCISE : Chat.THOROUGH;
        String beforeAssistant = nativeTemplate ? " " : "";
        Draft draft = new Draft();
        draft.text(chat.system().orElse(nativeTemplate ? ownSystem : ""));
        draft.markup(nativeTemplate ? " [USER]: " : "[USER]: ");
        for (Chat.Message message : chat.messages()) {
            if (message.role() == Chat.Role.USER) {
                message.parts().forEach(draft::add);
                draft.markup(beforeAssistant + "[ASSISTANT]:");
            } else {
                draft.text(" ");
                message.parts().forEach(draft::add);
                draft.markup("</s>[USER]: ");
            }
        }
        if (chat.grounding()) {
            draft.markup("<grounding>");
        }
        return draft.encode(0);
    }

    /**
     * A prompt after which a picture's embeddings are regressed; it ends with {@code [IMG]}.
     *
     * @throws ContextLengthException if it and the embeddings take more positions than the model has
     */
    public Emu2PromptIds generation(GenerationPrompt.Regressed prompt) {
        Draft draft = new Draft();
        prompt.parts().forEach(draft::add);
        draft.token(tokens.imageStart());
        // The last embedding is read off, and not fed back.
        return draft.encode(imageTokens - 1);
    }

    /** The prompt of the unconditional branch of guidance: no text at all. */
    public Emu2PromptIds unconditional() {
        return generation(new GenerationPrompt.Regressed(List.of(new PromptPart.Text(""))));
    }

    /** Collects segments, and the pictures and frames among them in reading order. */
    private final class Draft {
        private final List<Segment> segments = new ArrayList<>();
        private final List<Picture> pictures = new ArrayList<>();
        private final List<Integer> framesOfClips = new ArrayList<>();

        void add(PromptPart part) {
            if (part instanceof PromptPart.Text text) {
                text(text.text());
            } else if (part instanceof PromptPart.Markup markup) {
                markup(markup.text());
            } else if (part instanceof PromptPart.Image image) {
                pictures.add(image.picture());
                span(tokens.image(), imageTokens);
            } else if (part instanceof PromptPart.Frames frames) {
                framesOfClips.add(frames.count());
                token(tokens.video());
                spans(frames.count());
            } else if (part instanceof PromptPart.MoreFrames frames) {
                int before = framesOfClips.isEmpty() ? 0 : framesOfClips.remove(framesOfClips.size() - 1);
                framesOfClips.add(before + frames.count());
                spans(frames.count());
            }
        }

        private void spans(int frames) {
            IntStream.range(0, frames).forEach(i -> span(tokens.frame(), frameTokens));
        }

        void text(String text) {
            segments.add(new Segment.Text(text));
        }

        void markup(String text) {
            segments.addAll(tokenizer.parse(text));
        }

        void token(int id) {
            segments.add(new Segment.Token(id));
        }

        private void span(int id, int count) {
            token(tokens.imageStart());
            IntStream.range(0, count).forEach(i -> token(id));
            token(tokens.imageEnd());
        }

        Emu2PromptIds encode(int reserved) {
            int[] ids = IntStream.concat(IntStream.of(tokens.begin()), IntStream.of(tokenizer.encode(segments)))
                    .toArray();
            if (ids.length + reserved > maxPositions) {
                throw new ContextLengthException(ids.length + reserved, maxPositions);
            }
            return new Emu2PromptIds(ids, imageSlots(ids), frameSlots(ids));
        }

        private List<ImageSlot> imageSlots(int[] ids) {
            int[] starts = starts(ids, tokens.image(), imageTokens, pictures.size());
            List<ImageSlot> slots = new ArrayList<>();
            for (int i = 0; i < starts.length; i++) {
                slots.add(new ImageSlot(pictures.get(i), starts[i], imageTokens));
            }
            return slots;
        }

        private List<FrameSlot> frameSlots(int[] ids) {
            int count = framesOfClips.stream().mapToInt(Integer::intValue).sum();
            int[] starts = starts(ids, tokens.frame(), frameTokens, count);
            List<FrameSlot> slots = new ArrayList<>();
            for (int clip = 0; clip < framesOfClips.size(); clip++) {
                for (int frame = 0; frame < framesOfClips.get(clip); frame++) {
                    slots.add(new FrameSlot(clip, frame, starts[slots.size()], frameTokens));
                }
            }
            return slots;
        }

        private int[] starts(int[] ids, int id, int length, int count) {
            int[] positions =
                    IntStream.range(0, ids.length).filter(i -> ids[i] == id).toArray();
            if (positions.length != count * length) {
                throw new IllegalArgumentException(
                        "the prompt has %d places for embeddings (%s) but %d of %d each are wanted; markup must not spell them"
                                .formatted(positions.length, tokenizer.token(id), count, length));
            }
            return IntStream.range(0, count).map(i -> positions[i * length]).toArray();
        }
    }
}
