package io.kinora.tensor.libtorch;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.conformance.MemoryConformance;
import org.bytedeco.javacpp.Pointer;

final class LibtorchMemoryTest extends MemoryConformance {
    @Override
    protected Engine open() {
        return new LibtorchProvider(1).open(Device.CPU);
    }

    @Override
    protected long residentBytes() {
        return Pointer.physicalBytes();
    }
}
