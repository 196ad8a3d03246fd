package io.kinora.actors.compose;

import io.kinora.actors.shard.AnswerForm;
import io.kinora.actors.shard.TextOptions;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.model.modaverse.meta.Modality;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An instruction with media, to be answered in whatever modality it asks for.
 *
 * @param id chosen by the asker, unique among the requests in progress
 * @param instruction what is wanted; names of tokens and paths in it are only text
 * @param media in the order in which the model sees them
 * @param options of the meta-response's text
 * @param form what the meta-response is held to; empty leaves the model free
 * @param seed of what is made; the n-th thing of an answer has this seed plus n
 * @param strength how far a picture or clip that is given may be left behind where one of its kind is asked for, above 0 to 1; empty makes
 *     everything anew
 * @param priority higher is served first
 * @param deadline when the answer is no longer wanted
 * @param trace that the answer belongs to
 */
public record ComposeRequest(
        String id,
        String instruction,
        List<Material> media,
        TextOptions options,
        Optional<AnswerForm> form,
        long seed,
        Optional<Double> strength,
        int priority,
        Optional<Instant> deadline,
        RequestTrace trace) {
    /** Checks that there is something to answer. */
    public ComposeRequest {
        media = List.copyOf(media);
        Objects.requireNonNull(options);
        if (instruction.isBlank()) {
            throw new IllegalArgumentException("an instruction has at least one character that is no blank");
        }
        strength.filter(share -> !(share > 0 && share <= 1)).ifPresent(share -> {
            throw new IllegalArgumentException("strength is %s, allowed is above 0 to 1".formatted(share));
        });
    }

    /** A request that nobody traces. */
    public ComposeRequest(
            String id,
            String instruction,
            List<Material> media,
            TextOptions options,
            Optional<AnswerForm> form,
            long seed,
            Optional<Double> strength,
            int priority,
            Optional<Instant> deadline) {
        this(id, instruction, media, options, form, seed, strength, priority, deadline, RequestTrace.NONE);
    }

    /** The same in a trace. */
    public ComposeRequest within(RequestTrace asked) {
        return new ComposeRequest(id, instruction, media, options, form, seed, strength, priority, deadline, asked);
    }

    /**
     * What a meta-response is held to.
     *
     * @param constrained whether it has to be well formed
     * @param modalities the only ones that it may ask for, by their labels, if there are any; holds it to the form, too
     * @return empty where the model is free
     */
    public static Optional<AnswerForm> form(boolean constrained, List<String> modalities) {
        if (modalities.isEmpty() && !constrained) {
            return Optional.empty();
        }
        List<String> all = Modality.ALL.stream().map(Modality::label).toList();
        return Optional.of(new AnswerForm.MetaResponses(modalities.isEmpty() ? all : modalities, 1));
    }
}
