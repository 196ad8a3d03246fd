package io.kinora.actors.compose;

import io.kinora.model.modaverse.meta.Modality;

/** Where a thing that a meta-response asks for goes. */
sealed interface Route {
    /** Which thing it is, from 0. */
    int index();

    /** It is words, and said already. */
    record Say(int index, String text, Lineage lineage) implements Route {}

    /** A generator makes it. */
    record Make(int index, Generator generator, Generator.Order order, Lineage lineage) implements Route {}

    /** Nobody makes things of this modality. */
    record Unserved(int index, Modality modality) implements Route {}
}
