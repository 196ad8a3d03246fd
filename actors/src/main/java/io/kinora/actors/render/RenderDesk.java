package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes prompts, and gives each a session of its own. */
public final class RenderDesk extends AbstractBehavior<RenderDesk.Command> {
    /** What the desk is asked. */
    public sealed interface Command {}

    /** Makes a clip; its events go to {@code replyTo}. */
    public record Render(RenderRequest request, ActorRef<RenderEvent> replyTo) implements Command {}

    /** Gives a job up, for the one who asked for it; an unknown id, or another's, is no error. */
    public record Cancel(String jobId, ActorRef<RenderEvent> asker) implements Command {}

    private record SessionEnded(String jobId) implements Command {}

    private record Running(ActorRef<RenderSession.Command> session, ActorRef<RenderEvent> asker) {}

    private final VideoModel model;
    private final Optional<ActorRef<ImaginedNothing.Command>> nothing;
    private final Map<String, Running> sessions = new HashMap<>();

    private RenderDesk(ActorContext<Command> context, VideoModel model) {
        super(context);
        this.model = model;
        this.nothing =
                model.imagination().map(imagination -> context.spawn(ImaginedNothing.create(imagination), "nothing"));
    }

    /** A desk whose prompts one model renders. */
    public static Behavior<Command> create(VideoModel model) {
        return Behaviors.setup(context -> new RenderDesk(context, model));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Render.class, this::onRender)
                .onMessage(Cancel.class, this::onCancel)
                .onMessage(SessionEnded.class, this::onSessionEnded)
                .build();
    }

    private Behavior<Command> onRender(Render render) {
        String id = render.request().id();
        if (sessions.containsKey(id)) {
            render.replyTo()
                    .tell(new RenderEvent.NotMade(id, "duplicate", "job %s is in progress".formatted(id), true));
            return this;
        }
        ActorRef<RenderSession.Command> session =
                getContext().spawnAnonymous(RenderSession.create(render.request(), model, nothing, render.replyTo()));
        getContext().watchWith(session, new SessionEnded(id));
        sessions.put(id, new Running(session, render.replyTo()));
        return this;
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        Optional.ofNullable(sessions.get(cancel.jobId()))
                .filter(running -> running.asker().equals(cancel.asker()))
                .ifPresent(running -> running.session().tell(new RenderSession.Cancel()));
        return this;
    }

    private Behavior<Command> onSessionEnded(SessionEnded ended) {
        sessions.remove(ended.jobId());
        return this;
    }
}
