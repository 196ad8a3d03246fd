package io.kinora.actors.pipeline;

import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * What was made for an instruction, and the response that names it once it has its places.
 *
 * @param media in the order of the meta-response
 * @param naming the response, given the media's places in the same order
 */
record Composed(List<GeneratedMedium> media, Function<List<ClipReference>, Response> naming) {
    Composed {
        media = List.copyOf(media);
    }

    Response response(List<RecordMetadata> places) {
        List<ClipReference> references = new ArrayList<>();
        places.forEach(place -> references.add(new ClipReference(place.topic(), place.partition(), place.offset())));
        return naming.apply(references);
    }
}
