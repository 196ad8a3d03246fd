package io.kinora.decoder.schedule;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** The latest model outputs of a run, newest first; the oldest is freed when there are too many. */
final class History {
    private final AbstractRun run;
    private final int capacity;
    private final Deque<Tensor> outputs = new ArrayDeque<>();

    History(AbstractRun run, int capacity) {
        this.run = run;
        this.capacity = capacity;
    }

    /** Takes a tensor that the scope owns. */
    void push(Scope scope, Tensor output) {
        outputs.addFirst(run.remember(scope, output));
        if (outputs.size() > capacity) {
            run.forget(outputs.removeLast());
        }
    }

    int size() {
        return outputs.size();
    }

    /** The output {@code age} evaluations ago. */
    Tensor get(int age) {
        Iterator<Tensor> newestFirst = outputs.iterator();
        for (int i = 0; i < age; i++) {
            newestFirst.next();
        }
        return newestFirst.next();
    }
}
