package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import java.time.Instant;

/** {@code /v1/models}: the checkpoint that is served. */
final class Models {
    private final CheckpointCard card;
    private final Instant started;

    Models(CheckpointCard card, Instant started) {
        this.card = card;
        this.started = started;
    }

    ObjectNode list() {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        list.putArray("data").add(model());
        return list;
    }

    ObjectNode get(String id) {
        if (!id.equals(card.name())) {
            throw unknown(id, card.name());
        }
        return model();
    }

    private ObjectNode model() {
        return Json.MAPPER
                .createObjectNode()
                .put("id", card.name())
                .put("object", "model")
                .put("created", started.getEpochSecond())
                .put("owned_by", "kinora")
                .putNull("shutdown_date")
                .put("revision", card.revision())
                .put("untrained", card.untrained());
    }

    static ApiException unknown(String asked, String served) {
        return ApiException.of(
                        ApiException.Kind.NOT_FOUND,
                        "model_not_found",
                        "there is no model '%s'; there is %s".formatted(asked, served))
                .about("model");
    }
}
