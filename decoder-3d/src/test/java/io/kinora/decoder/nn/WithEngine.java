package io.kinora.decoder.nn;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests that compute: one engine for the class, one scope for each test. */
public abstract class WithEngine {
    private static Engine engine;

    private Scope scope;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void openScope() {
        scope = engine.scope();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** The engine of the test. */
    protected static Engine engine() {
        return engine;
    }
}
