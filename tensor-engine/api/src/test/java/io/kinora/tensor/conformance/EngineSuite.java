package io.kinora.tensor.conformance;

import io.kinora.tensor.Engine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Opens the engine under test once for all tests of a class. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class EngineSuite {
    private Engine engine;

    /** Opens the engine under test. */
    protected abstract Engine open();

    @BeforeAll
    final void openEngine() {
        engine = open();
    }

    @AfterAll
    final void closeEngine() {
        engine.close();
    }

    /** The engine under test. */
    protected final Engine engine() {
        return engine;
    }
}
