package io.kinora.actors.compose;

import akka.util.ByteString;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.model.modaverse.meta.Modality;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Makes things of one modality from prompts. Which one serves a modality is a matter of configuration: {@link Generators}. Thread-safe. */
public interface Generator extends AutoCloseable {
    /** What lineage calls it. */
    String name();

    /** True if it can start from a medium of this modality: a picture for a picture, a clip for a clip. */
    boolean changes(Modality modality);

    /** The strength of changes where a request names none; empty makes everything anew then. */
    Optional<Double> strength();

    /** Makes it. Fails with {@link GenerationFailedException} where the request or the generator is at fault. */
    CompletionStage<Product> generate(Order order);

    /** Frees what it holds. */
    @Override
    void close();

    /**
     * What is to be made.
     *
     * @param start what to start from; only for a generator that {@link #changes}
     * @param trace that it belongs to
     */
    record Order(String id, Modality modality, String prompt, long seed, Optional<Start> start, RequestTrace trace) {
        /** An order that nobody traces. */
        public Order(String id, Modality modality, String prompt, long seed, Optional<Start> start) {
            this(id, modality, prompt, seed, start, RequestTrace.NONE);
        }

        /** The same in a trace. */
        Order within(RequestTrace asked) {
            return new Order(id, modality, prompt, seed, start, asked);
        }
    }

    /** A picture or clip that is changed, by that share of the denoising steps. */
    record Start(RenderRequest.Medium material, double strength) {}

    /** What was made; parameters as of {@link ComposeEvent.Made}. */
    record Product(List<ByteString> files, String contentType, String suffix) {
        /** Takes a copy. */
        public Product {
            files = List.copyOf(files);
        }
    }
}
