package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.ScopeConformance;

final class Nd4jScopesTest extends ScopeConformance {
    @Override
    protected Engine open() {
        return new Nd4jProvider().open(Device.CPU);
    }
}
