package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.follow.TopicSurvey;

/** {@code /v1/topics}: what lies on the topics, and how far those who read them are behind. Blocks. */
final class Topics {
    private final TopicSurvey survey;

    Topics(TopicSurvey survey) {
        this.survey = survey;
    }

    HttpResponse list() {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        survey.look().forEach(state -> {
            ObjectNode topic = data.addObject()
                    .put("id", state.name())
                    .put("object", "topic")
                    .put("partitions", state.partitions())
                    .put("records", state.records());
            ObjectNode lag = topic.putObject("lag");
            state.lag().forEach(lag::put);
        });
        return Replies.json(list);
    }
}
