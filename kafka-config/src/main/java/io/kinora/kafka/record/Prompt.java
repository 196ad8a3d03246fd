package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/** What is asked of the generating side: a video, or that a job be given up, or forgotten. */
public sealed interface Prompt {

    /** The job's id, and the record's key. */
    String jobId();

    /** The body that {@link PromptBody#resolve} turns back into this request. */
    PromptBody toBody();

    /**
     * Asks for a video or picture.
     *
     * @param text what it shows, at most {@value Generate#MAX_TEXT_LENGTH} characters; blank only where it is made from a clip
     * @param negativePrompt what it must not show; may be empty
     * @param source a clip that it is made from
     * @param settings how it is to be made
     * @param order whose it is, and when it is wanted
     */
    record Generate(
            String jobId,
            String text,
            String negativePrompt,
            Optional<Source> source,
            GenerationSettings settings,
            JobOrder order)
            implements Prompt {
        public static final int MAX_TEXT_LENGTH = 16_384;

        public Generate {
            Checks.id("jobId", jobId);
            if (source.isEmpty() || !text.isEmpty()) {
                Checks.text("prompt", text, MAX_TEXT_LENGTH);
            }
            if (negativePrompt.length() > MAX_TEXT_LENGTH) {
                throw new IllegalArgumentException("negativePrompt has %d characters, allowed are at most %d"
                        .formatted(negativePrompt.length(), MAX_TEXT_LENGTH));
            }
            Objects.requireNonNull(settings);
            Objects.requireNonNull(order);
        }

        /** A request with everything at its default; its seed follows from the job's id. */
        public static Generate of(String jobId, String text) {
            return of(jobId, text, GenerationSettings.withSeed(Sha256.seedOf(jobId)));
        }

        /** A request for what words say, in no particular order. */
        public static Generate of(String jobId, String text, GenerationSettings settings) {
            return new Generate(jobId, text, "", Optional.empty(), settings, JobOrder.DEFAULT);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Generate read(PromptBody body) {
            String id = body.jobId().orElseThrow(() -> new IllegalArgumentException("jobId is missing"));
            Prompt prompt = body.resolve(id, Optional.empty());
            if (prompt instanceof Generate generate) {
                return generate;
            }
            throw new IllegalArgumentException("action is no generate");
        }

        @JsonValue
        @Override
        public PromptBody toBody() {
            return PromptBody.of(this);
        }
    }

    /**
     * A clip that a video is made from.
     *
     * @param clip which one
     * @param strength share of the denoising steps that are run on its frames, above 0 to 1; empty: it is seen, where the checkpoint can see
     */
    record Source(ClipTarget clip, OptionalDouble strength) {
        public Source {
            Objects.requireNonNull(clip);
            strength.ifPresent(share -> {
                if (!(share > 0 && share <= 1)) {
                    throw new IllegalArgumentException("strength is %s, allowed is above 0 to 1".formatted(share));
                }
            });
        }
    }

    /**
     * Gives a job up. A job that has ended stays as it is.
     *
     * @param reason for people; may be empty
     */
    record Cancel(String jobId, String reason) implements Prompt {
        public Cancel {
            Checks.id("jobId", jobId);
            if (reason.length() > 1_024) {
                throw new IllegalArgumentException(
                        "reason has %d characters, allowed are at most 1024".formatted(reason.length()));
            }
        }

        @JsonValue
        @Override
        public PromptBody toBody() {
            return PromptBody.of(Action.CANCEL, jobId, reason);
        }
    }

    /** Gives a job up, and forgets it: its state is gone; its video stays as long as its topic keeps it. */
    record Delete(String jobId) implements Prompt {
        public Delete {
            Checks.id("jobId", jobId);
        }

        @JsonValue
        @Override
        public PromptBody toBody() {
            return PromptBody.of(Action.DELETE, jobId, "");
        }
    }

    /** What a prompt record wants. */
    enum Action {
        @JsonProperty("generate")
        GENERATE,
        @JsonProperty("cancel")
        CANCEL,
        @JsonProperty("delete")
        DELETE
    }
}
