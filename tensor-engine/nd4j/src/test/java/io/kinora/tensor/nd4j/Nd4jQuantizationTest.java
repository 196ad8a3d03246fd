package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.QuantizationConformance;

final class Nd4jQuantizationTest extends QuantizationConformance {
    @Override
    protected Engine open() {
        return new Nd4jProvider().open(Device.CPU);
    }
}
