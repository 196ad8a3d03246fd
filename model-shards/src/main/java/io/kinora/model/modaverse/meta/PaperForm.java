package io.kinora.model.modaverse.meta;

import io.kinora.model.modaverse.meta.MetaResponse.Fault;
import io.kinora.model.modaverse.meta.MetaResponse.Malformed;
import io.kinora.model.modaverse.meta.MetaResponseParser.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of the paper (figure 3, section 3.3): an object with a model and its prompts, or an object whose {@code invocation} lists pairs
 * of model and prompt. JSON, or nearly: names may stand without quotes, and pairs in parentheses.
 */
final class PaperForm {
    private static final Pattern FENCE = Pattern.compile("(?s)\\A```\\w*\\s*(?<inside>.*?)(?:```.*)?\\z");
    private static final Pattern BEGINNING =
            Pattern.compile("(?s)\\A[{(\\[].*(?:\\btext-to-|\\bmodel\\b|\\binvocation\\b|\\bmodality\\b).*");
    private static final Pattern FLAG = Pattern.compile("\\A\\[(?:TEXT|IMAGE|AUDIO|VIDEO)\\]");

    private PaperForm() {}

    /** True if the answer begins as this form does. */
    static boolean isMeant(String answer) {
        String text = unfenced(answer);
        return BEGINNING.matcher(text).matches() && !FLAG.matcher(text).find();
    }

    static MetaResponse parse(String raw, String answer) {
        Optional<LooseValue> value = LooseReader.read(unfenced(answer));
        if (value.isEmpty()) {
            return new Malformed(
                    raw,
                    Fault.UNREADABLE,
                    "the answer is neither JSON nor the released form; expected {\"model\": \"text-to-image\", \"prompts\": \"…\"}");
        }
        List<Draft> drafts = new ArrayList<>();
        return collect(value.get(), drafts)
                .map(fault -> (MetaResponse) new Malformed(raw, fault.fault(), fault.message()))
                .orElseGet(() -> drafts.isEmpty()
                        ? new Malformed(
                                raw, Fault.NO_PROMPT, "the answer invokes nothing; expected a model and its prompts")
                        : MetaResponseParser.invoked(raw, drafts));
    }

    private static String unfenced(String answer) {
        Matcher fence = FENCE.matcher(answer);
        return fence.matches() ? fence.group("inside").strip() : answer;
    }

    /** What is wrong with a part. */
    private record Trouble(Fault fault, String message) {}

    /** Adds what a part invokes, and says what is wrong with it, if something is. */
    private static Optional<Trouble> collect(LooseValue value, List<Draft> drafts) {
        if (value instanceof LooseValue.Fields fields) {
            Optional<LooseValue> list = fields.at("invocation", "invocations");
            if (list.isPresent()) {
                return collect(list.get(), drafts);
            }
            return invocation(fields.at("model", "modality"), fields.at("prompts", "prompt"), drafts);
        }
        if (value instanceof LooseValue.Items items) {
            List<LooseValue> parts = items.values();
            boolean pair = parts.size() == 2 && parts.get(0) instanceof LooseValue.Word;
            if (pair) {
                return invocation(Optional.of(parts.get(0)), Optional.of(parts.get(1)), drafts);
            }
            for (LooseValue part : parts) {
                Optional<Trouble> trouble = collect(part, drafts);
                if (trouble.isPresent()) {
                    return trouble;
                }
            }
            return Optional.empty();
        }
        return Optional.of(
                new Trouble(Fault.NO_PROMPT, "the answer has a word where a model with its prompts is expected"));
    }

    private static Optional<Trouble> invocation(
            Optional<LooseValue> model, Optional<LooseValue> prompts, List<Draft> drafts) {
        if (prompts.isEmpty()) {
            return Optional.of(new Trouble(Fault.NO_PROMPT, "an invocation has no prompt"));
        }
        if (!(model.orElse(new LooseValue.Word("text")) instanceof LooseValue.Word name)) {
            return Optional.of(new Trouble(Fault.UNKNOWN_MODEL, "a model is named by a word"));
        }
        Optional<Modality> modality = Modality.ofModel(name.text());
        if (modality.isEmpty()) {
            return Optional.of(new Trouble(
                    Fault.UNKNOWN_MODEL,
                    "there is no model '%s'; there are text-to-image, text-to-audio, text-to-video and text"
                            .formatted(name.text())));
        }
        List<LooseValue> all =
                prompts.get() instanceof LooseValue.Items items ? items.values() : List.of(prompts.get());
        for (LooseValue prompt : all) {
            if (!(prompt instanceof LooseValue.Word text)) {
                return Optional.of(new Trouble(Fault.NO_PROMPT, "a prompt is text"));
            }
            drafts.add(new Draft(modality.get(), text.text().strip()));
        }
        return Optional.empty();
    }
}
