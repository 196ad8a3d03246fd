package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.TypeConformance;

final class Nd4jTypesTest extends TypeConformance {
    @Override
    protected Engine open() {
        return new Nd4jProvider().open(Device.CPU);
    }
}
