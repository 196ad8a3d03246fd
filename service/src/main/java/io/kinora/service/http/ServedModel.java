package io.kinora.service.http;

import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.answer.AnswerClient;
import java.util.Optional;

/**
 * What is served.
 *
 * @param card which checkpoint
 * @param answers who answers questions with it; absent where it answers none
 * @param makes what it makes
 */
public record ServedModel(CheckpointCard card, Optional<AnswerClient> answers, Makes makes) {
    /** What a checkpoint can make. */
    public enum Makes {
        NOTHING,
        CLIPS,
        PICTURES
    }

    AnswerClient requireAnswers() {
        return answers.orElseThrow(
                () -> unsupported("this checkpoint makes clips or pictures, but answers no questions"));
    }

    /** Refuses a request for a video that cannot be made, or that is asked of another model. */
    void requireVideos(JsonFields body) {
        require(body);
        if (makes == Makes.NOTHING) {
            throw unsupported("this checkpoint answers questions, but has no decoder: it makes no videos");
        }
    }

    /** Refuses a request for a picture that cannot be made, or that is asked of another model. */
    void requirePictures(JsonFields body) {
        require(body);
        if (makes != Makes.PICTURES) {
            throw unsupported("this checkpoint makes %s, but no pictures"
                    .formatted(makes == Makes.CLIPS ? "clips (/v1/videos)" : "answers"));
        }
    }

    private void require(JsonFields body) {
        body.text("model").filter(asked -> !asked.equals(card.name())).ifPresent(asked -> {
            throw Models.unknown(asked, card.name());
        });
    }

    private static ApiException unsupported(String message) {
        return ApiException.of(ApiException.Kind.INVALID, "model_not_supported", message)
                .about("model");
    }
}
