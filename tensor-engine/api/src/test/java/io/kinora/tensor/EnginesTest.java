package io.kinora.tensor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where no engine is on the class path. */
class EnginesTest {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @BeforeEach
    void hideEngines() {
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], null));
    }

    @AfterEach
    void showEngines() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Test
    void theEngineThatTheOrdinaryBuildLeavesOutIsNamedWithTheWayToGetIt() {
        assertThatThrownBy(() -> Engines.open("nd4j", Device.CPU))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessage("no engine 'nd4j' on the class path; there is none; nd4j is built in by"
                        + " KINORA_PROFILES=nd4j ./kinora, or mvn -Pnd4j");
    }

    @Test
    void aNameThatNoEngineHasIsSaidWithTheNamesThereAre() {
        assertThatThrownBy(() -> Engines.open("abacus", Device.CPU))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessage("no engine 'abacus' on the class path; there is none");
    }
}
