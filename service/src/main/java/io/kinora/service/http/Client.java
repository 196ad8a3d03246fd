package io.kinora.service.http;

import akka.http.javadsl.model.AttributeKey;
import akka.http.javadsl.model.HttpRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whoever is at the other end of a connection. What is done for them can be given up once they are gone: a connection that breaks does not end the work
 * that its requests began. Thread-safe.
 */
final class Client {
    private static final AttributeKey<Client> KEY = AttributeKey.create("kinora-client", Client.class);

    private final Set<Runnable> onGone = new LinkedHashSet<>();
    private volatile boolean last;
    private boolean gone;

    /** The client of a request. */
    static Client of(HttpRequest request) {
        return request.getAttribute(KEY)
                .orElseThrow(() -> new IllegalStateException("a request came over no connection of ours"));
    }

    /** The request, from which its client can be told. */
    HttpRequest mark(HttpRequest request) {
        last = request.getHeader("connection")
                .map(header -> header.value().toLowerCase(Locale.ROOT).contains("close"))
                .orElse(false);
        return request.addAttribute(KEY, this);
    }

    /** Runs something once, as soon as the client is gone; at once if it is. */
    void whenGone(Runnable giveUp) {
        synchronized (this) {
            if (!gone) {
                onGone.add(giveUp);
                return;
            }
        }
        giveUp.run();
    }

    /** What was to run is over. */
    synchronized void forget(Runnable giveUp) {
        onGone.remove(giveUp);
    }

    /** No further request comes: the client closed the connection, unless it had said that the last one was the last. */
    void sendsNoMore() {
        if (!last) {
            leave();
        }
    }

    /** The connection is closed. */
    void leave() {
        List<Runnable> all;
        synchronized (this) {
            gone = true;
            all = List.copyOf(onGone);
            onGone.clear();
        }
        all.forEach(Runnable::run);
    }
}
