package io.kinora.actors.compose;

import io.kinora.actors.render.RenderRequest;
import io.kinora.model.modaverse.meta.Invocation;
import io.kinora.model.modaverse.meta.MetaResponse;
import io.kinora.model.modaverse.meta.Modality;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides who makes what a meta-response asks for: the generator of its modality, given the user's own picture or clip where that is to be changed
 * instead of made anew. Immutable and thread-safe.
 */
final class Router {
    private final String model;
    private final String revision;
    private final Generators generators;

    /** For what a model of this name and revision writes. */
    Router(String model, String revision, Generators generators) {
        this.model = model;
        this.revision = revision;
        this.generators = generators;
    }

    /** A route for each thing, in the order of the meta-response. */
    List<Route> routes(ComposeRequest request, MetaResponse.Invoked response) {
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < response.invocations().size(); i++) {
            routes.add(route(request, i, response.invocations().get(i), response.raw()));
        }
        return routes;
    }

    private Route route(ComposeRequest request, int index, Invocation invocation, String raw) {
        if (invocation.modality() == Modality.TEXT) {
            Lineage lineage = lineage(request, index, invocation, raw, model, Optional.empty());
            return new Route.Say(index, invocation.prompt(), lineage);
        }
        Optional<Generator> generator = generators.of(invocation.modality());
        if (generator.isEmpty()) {
            return new Route.Unserved(index, invocation.modality());
        }
        Optional<Double> strength = request.strength().or(() -> generator.get().strength());
        Optional<Material> changed =
                strength.flatMap(given -> changed(request, invocation.modality(), generator.get()));
        Lineage lineage =
                lineage(request, index, invocation, raw, generator.get().name(), changed.map(Material::sha256));
        return new Route.Make(
                index,
                generator.get(),
                new Generator.Order(
                        "%s-%d".formatted(request.id(), index),
                        invocation.modality(),
                        invocation.prompt(),
                        lineage.seed(),
                        changed.map(material -> start(material, strength.orElseThrow()))),
                lineage);
    }

    /** The first medium of the kind that is asked for, where the generator can start from one. */
    private static Optional<Material> changed(ComposeRequest request, Modality modality, Generator generator) {
        if (!generator.changes(modality)) {
            return Optional.empty();
        }
        return request.media().stream()
                .filter(medium -> (modality == Modality.IMAGE && medium instanceof Material.Picture)
                        || (modality == Modality.VIDEO && medium instanceof Material.Clip))
                .findFirst();
    }

    private static Generator.Start start(Material material, double strength) {
        RenderRequest.Medium source = material instanceof Material.Picture picture
                ? new RenderRequest.Still(picture.source(), picture.sha256(), picture.limits())
                : new RenderRequest.Clip(material.source(), material.sha256(), ((Material.Clip) material).limits());
        return new Generator.Start(source, strength);
    }

    private Lineage lineage(
            ComposeRequest request,
            int index,
            Invocation invocation,
            String raw,
            String generator,
            Optional<String> changed) {
        return new Lineage(
                request.id(),
                "%s@%s".formatted(model, revision),
                raw,
                invocation.modality().label(),
                invocation.prompt(),
                generator,
                request.seed() + index,
                request.media().stream().map(Material::sha256).toList(),
                changed);
    }
}
