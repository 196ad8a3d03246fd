package io.kinora.model.modaverse.meta;

import io.kinora.model.modaverse.meta.MetaResponse.Fault;
import io.kinora.model.modaverse.meta.MetaResponse.Invoked;
import io.kinora.model.modaverse.meta.MetaResponse.Malformed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an answer of ModaVerse's language model.
 *
 * <p>The released form is {@code Modality: [IMAGE] Prompt: a photo of a cat ###}; several may follow each other, each with a prompt of its
 * own, and several flags may share one. The paper's form is {@code {"model": "text-to-image", "prompts": "a photo of a cat"}}, or pairs
 * of both in a list. What is neither is plain text, unless it began as one of them.
 *
 * <p>Where the released parser ({@link ReleasedParser}) fails or mixes prompts up, this one tells them apart or says what is wrong.
 * Stateless and thread-safe.
 */
public final class MetaResponseParser {
    private static final String FLAG = "\\[(?:TEXT|IMAGE|AUDIO|VIDEO)\\]";
    private static final Pattern FLAGS = Pattern.compile(FLAG);
    private static final Pattern PROMPT = Pattern.compile("\\bPrompt:");
    private static final Pattern HEADER =
            Pattern.compile("\\bModality:\\s*+(?<flags>(?:" + FLAG + "[\\s,;]*+)++)Prompt:");
    private static final Pattern TRACE = Pattern.compile("\\bModality:|" + FLAG);
    private static final String END = "###";

    private MetaResponseParser() {}

    /** What the answer says; anything is accepted. */
    public static MetaResponse parse(String raw) {
        String answer = raw.strip();
        if (answer.isEmpty()) {
            return new Malformed(raw, Fault.EMPTY, "the model said nothing");
        }
        Matcher prompt = PROMPT.matcher(answer);
        if (prompt.find()) {
            return invoked(raw, invocations(answer, prompt));
        }
        if (PaperForm.isMeant(answer)) {
            return PaperForm.parse(raw, answer);
        }
        if (TRACE.matcher(answer).find()) {
            return new Malformed(
                    raw,
                    Fault.NO_PROMPT,
                    "the model named a modality but no prompt; expected 'Modality: [IMAGE] Prompt: …'");
        }
        return invoked(raw, List.of(new Draft(Modality.TEXT, beforeEnd(answer))));
    }

    /** An invocation whose prompt may yet be empty. */
    record Draft(Modality modality, String prompt) {}

    static MetaResponse invoked(String raw, List<Draft> drafts) {
        Optional<Draft> empty =
                drafts.stream().filter(draft -> draft.prompt().isBlank()).findFirst();
        if (empty.isPresent()) {
            return new Malformed(
                    raw,
                    Fault.EMPTY_PROMPT,
                    "the prompt for %s is empty"
                            .formatted(empty.get().modality().label()));
        }
        return new Invoked(
                raw,
                drafts.stream()
                        .map(draft -> new Invocation(draft.modality(), draft.prompt()))
                        .toList());
    }

    /** The first prompt has whatever flags stand before it, further ones need the whole header. */
    private static List<Draft> invocations(String answer, Matcher prompt) {
        List<Draft> drafts = new ArrayList<>();
        Set<Modality> modalities = flags(answer.substring(0, prompt.start()));
        int from = prompt.end();
        while (true) {
            String rest = answer.substring(from);
            Matcher next = HEADER.matcher(rest);
            int end = rest.indexOf(END);
            boolean another = next.find()
                    && (end < 0
                            || next.start() < end
                            || rest.substring(end + END.length(), next.start()).isBlank());
            int cut = another ? next.start() : rest.length();
            String text = beforeEnd(rest.substring(0, cut));
            for (Modality modality : modalities.isEmpty() ? Set.of(Modality.TEXT) : modalities) {
                drafts.add(new Draft(modality, text));
            }
            if (!another) {
                return drafts;
            }
            modalities = flags(next.group("flags"));
            from += next.end();
        }
    }

    private static Set<Modality> flags(String text) {
        Set<Modality> found = new LinkedHashSet<>();
        Matcher flag = FLAGS.matcher(text);
        while (flag.find()) {
            found.add(Modality.valueOf(flag.group().substring(1, flag.group().length() - 1)));
        }
        return found;
    }

    private static String beforeEnd(String text) {
        int end = text.indexOf(END);
        return (end < 0 ? text : text.substring(0, end)).strip();
    }
}
