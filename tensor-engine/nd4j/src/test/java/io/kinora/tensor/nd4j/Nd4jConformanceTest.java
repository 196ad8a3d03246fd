package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.EngineConformance;

final class Nd4jConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new Nd4jProvider().open(Device.CPU);
    }
}
