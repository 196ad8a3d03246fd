package io.kinora.tensor.libtorch;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.conformance.ScopeConformance;

final class LibtorchScopesTest extends ScopeConformance {
    @Override
    protected Engine open() {
        return Engines.open(LibtorchProvider.NAME, Device.CPU);
    }
}
