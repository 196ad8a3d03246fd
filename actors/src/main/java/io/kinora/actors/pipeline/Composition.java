package io.kinora.actors.pipeline;

import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Sink;
import io.kinora.actors.compose.ComposeClient;
import io.kinora.actors.compose.ComposeEvent;
import io.kinora.actors.compose.ComposeRequest;
import io.kinora.actors.compose.Lineage;
import io.kinora.actors.compose.Material;
import io.kinora.actors.shard.TextOptions;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.record.AnswerModality;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.Instruction;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.record.Response;
import io.kinora.kafka.record.WireError;
import io.kinora.model.modaverse.meta.Invocation;
import io.kinora.model.modaverse.meta.MetaResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Carries instructions out at a desk, and makes records of what comes of them. Thread-safe. */
final class Composition {
    private final ActorSystem<?> system;
    private final ComposeClient composes;
    private final ModelIdentity model;
    private final ClipPayloads payloads;
    private final Executor blocking;
    private final Clock clock;

    Composition(ActorSystem<?> system, Composing composing, ClipPayloads payloads, Executor blocking, Clock clock) {
        this.system = system;
        this.composes = new ComposeClient(composing.desk());
        this.model = composing.model();
        this.payloads = payloads;
        this.blocking = blocking;
        this.clock = clock;
    }

    /**
     * Carries an instruction out.
     *
     * @param last whether this is the last attempt: then a part that failed is told, where it otherwise fails the attempt if the failure may pass
     * @return fails with {@link InstructionWork.TryAgainException} for what may pass
     */
    CompletionStage<Composed> of(
            Instruction instruction, List<Material> media, Instant started, boolean last, RequestTrace trace) {
        return composes.compose(request(instruction, media).within(trace))
                .runWith(Sink.seq(), system)
                .thenApplyAsync(events -> composed(instruction, media, events, started, last), blocking);
    }

    private static ComposeRequest request(Instruction instruction, List<Material> media) {
        return new ComposeRequest(
                instruction.id(),
                instruction.text(),
                media,
                TextOptions.greedy(instruction.maxNewTokens()),
                ComposeRequest.form(
                        instruction.constrained(),
                        instruction.answer().stream().map(AnswerModality::label).toList()),
                instruction.seed(),
                instruction.strength().isPresent()
                        ? Optional.of(instruction.strength().getAsDouble())
                        : Optional.empty(),
                instruction.priority(),
                instruction.deadline());
    }

    private Composed composed(
            Instruction instruction, List<Material> media, List<ComposeEvent> events, Instant started, boolean last) {
        Optional<MetaResponse> written = Optional.empty();
        List<ComposeEvent> ends = new ArrayList<>();
        for (ComposeEvent event : events) {
            if (event instanceof ComposeEvent.NotUnderstood refused) {
                if (refused.retriable()) {
                    throw new InstructionWork.TryAgainException(refused.code(), refused.reason());
                }
                return refused(
                        instruction,
                        media,
                        written.map(MetaResponse::raw),
                        new WireError(refused.code(), refused.reason()),
                        started);
            }
            if (event instanceof ComposeEvent.NotMade failed && failed.retriable() && !last) {
                throw new InstructionWork.TryAgainException(failed.code(), failed.reason());
            }
            if (event instanceof ComposeEvent.Responded responded) {
                written = Optional.of(responded.response());
            } else {
                ends.add(event);
            }
        }
        MetaResponse.Invoked response = (MetaResponse.Invoked) written.orElseThrow();
        return composed(instruction, media, response, ends, started);
    }

    private Composed composed(
            Instruction instruction,
            List<Material> given,
            MetaResponse.Invoked response,
            List<ComposeEvent> ends,
            Instant started) {
        Instant now = clock.instant();
        Map<Integer, ComposeEvent.Made> made = byIndex(ends, ComposeEvent.Made.class, ComposeEvent.Made::index);
        List<GeneratedMedium> media = new ArrayList<>();
        List<Function<List<ClipReference>, Response.Part>> parts = new ArrayList<>();
        for (int i = 0; i < response.invocations().size(); i++) {
            Invocation invocation = response.invocations().get(i);
            Optional<ComposeEvent.Made> files = Optional.ofNullable(made.get(i));
            int first = media.size();
            files.ifPresent(product -> media.addAll(media(product, now)));
            int end = media.size();
            int index = i;
            parts.add(places -> part(index, invocation, ends, files, places.subList(first, end)));
        }
        return new Composed(
                media,
                places -> response(
                        instruction,
                        given,
                        Optional.of(response.raw()),
                        parts.stream().map(part -> part.apply(places)).toList(),
                        Optional.empty(),
                        started,
                        now));
    }

    private static <E extends ComposeEvent> Map<Integer, E> byIndex(
            List<ComposeEvent> events, Class<E> type, Function<E, Integer> index) {
        return events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .collect(Collectors.toMap(index, Function.identity()));
    }

    private List<GeneratedMedium> media(ComposeEvent.Made made, Instant at) {
        List<GeneratedMedium> media = new ArrayList<>();
        for (int file = 0; file < made.files().size(); file++) {
            Blob bytes = Blob.wrap(made.files().get(file).toArray());
            media.add(new GeneratedMedium(
                    lineage(made.lineage(), made.index(), file),
                    made.contentType(),
                    payloads.pack(bytes, made.contentType()),
                    at));
        }
        return media;
    }

    private GeneratedMedium.Lineage lineage(Lineage lineage, int part, int file) {
        return new GeneratedMedium.Lineage(
                lineage.requestId(),
                part,
                file,
                AnswerModality.labelled(lineage.modality()),
                lineage.metaResponse(),
                lineage.prompt(),
                model,
                lineage.generator(),
                lineage.seed(),
                lineage.media(),
                lineage.changed());
    }

    private static Response.Part part(
            int index,
            Invocation invocation,
            List<ComposeEvent> ends,
            Optional<ComposeEvent.Made> made,
            List<ClipReference> places) {
        Optional<Lineage> lineage = made.map(ComposeEvent.Made::lineage)
                .or(() -> Optional.ofNullable(byIndex(ends, ComposeEvent.Said.class, ComposeEvent.Said::index)
                                .get(index))
                        .map(ComposeEvent.Said::lineage));
        Optional<WireError> error = Optional.ofNullable(
                        byIndex(ends, ComposeEvent.NotMade.class, ComposeEvent.NotMade::index)
                                .get(index))
                .map(failed -> new WireError(failed.code(), failed.reason()));
        return new Response.Part(
                index,
                AnswerModality.labelled(invocation.modality().label()),
                invocation.prompt(),
                places,
                made.map(ComposeEvent.Made::contentType),
                lineage.map(Lineage::generator),
                lineage.map(Lineage::seed),
                lineage.flatMap(Lineage::changed),
                error);
    }

    /** The response that says why there is none. */
    Composed refused(Instruction instruction, List<Material> media, WireError error, Instant started) {
        return refused(instruction, media, Optional.empty(), error, started);
    }

    private Composed refused(
            Instruction instruction,
            List<Material> media,
            Optional<String> metaResponse,
            WireError error,
            Instant started) {
        Response response =
                response(instruction, media, metaResponse, List.of(), Optional.of(error), started, clock.instant());
        return new Composed(List.of(), places -> response);
    }

    private Response response(
            Instruction instruction,
            List<Material> given,
            Optional<String> metaResponse,
            List<Response.Part> parts,
            Optional<WireError> error,
            Instant started,
            Instant now) {
        List<String> hashes = given.stream().map(Material::sha256).toList();
        return new Response(
                Response.idOf(instruction, hashes, model.revision()),
                instruction.id(),
                model,
                metaResponse,
                parts,
                hashes,
                Duration.between(started, now),
                now,
                error);
    }
}
