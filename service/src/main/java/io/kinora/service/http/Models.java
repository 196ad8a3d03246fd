package io.kinora.service.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.adapter.CheckpointCard;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** {@code /v1/models}: the checkpoints that are served. */
final class Models {
    private final List<CheckpointCard> cards;
    private final Instant started;

    Models(List<CheckpointCard> cards, Instant started) {
        this.cards = List.copyOf(cards);
        this.started = started;
    }

    ObjectNode list() {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        cards.forEach(card -> data.add(model(card)));
        return list;
    }

    ObjectNode get(String id) {
        return cards.stream()
                .filter(card -> card.name().equals(id))
                .findFirst()
                .map(this::model)
                .orElseThrow(() ->
                        unknown(id, cards.stream().map(CheckpointCard::name).collect(Collectors.joining(" and "))));
    }

    private ObjectNode model(CheckpointCard card) {
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
