package io.kinora.actors.serialization;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;

/**
 * The engine of a node's main memory: tensors that arrive from other nodes land here before a stage takes them to its own device. Opened
 * at first use, with the engine that {@code kinora.engine} names.
 */
public final class HostEngine implements Extension {
    private static final ExtensionId<HostEngine> ID = new ExtensionId<>() {
        @Override
        public HostEngine createExtension(ActorSystem<?> system) {
            return new HostEngine(system);
        }
    };

    private final Engine engine;

    private HostEngine(ActorSystem<?> system) {
        this.engine = Engines.open(system.settings().config().getString("kinora.engine"), Device.CPU);
    }

    /** The host engine of an actor system. */
    public static Engine of(ActorSystem<?> system) {
        return ID.apply(system).engine;
    }
}
