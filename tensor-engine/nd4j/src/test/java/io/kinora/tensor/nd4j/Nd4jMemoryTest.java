package io.kinora.tensor.nd4j;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.MemoryConformance;
import org.bytedeco.javacpp.Pointer;

final class Nd4jMemoryTest extends MemoryConformance {
    @Override
    protected Engine open() {
        return new Nd4jProvider().open(Device.CPU);
    }

    @Override
    protected long residentBytes() {
        return Pointer.physicalBytes();
    }
}
