package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.EngineUnavailableException;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/** A device that was found to be there, with libtorch's own words for it. Immutable. */
final class NativeDevice {
    private final Device device;

    private NativeDevice(Device device) {
        this.device = device;
    }

    /**
     * Checks that the device can be used.
     *
     * @throws EngineUnavailableException if libtorch is the CPU build, or there is no such card
     */
    static NativeDevice open(Device device) {
        if (device.kind() == Device.Kind.CUDA) {
            requireCuda(device);
        }
        return new NativeDevice(device);
    }

    private static void requireCuda(Device device) {
        if (!torch.hasCUDA()) {
            throw new EngineUnavailableException(
                    "%s needs the GPU build of libtorch and an NVIDIA driver; here is the CPU build (build with -Pcuda), or no driver"
                            .formatted(device));
        }
        int count = torch.cuda_device_count();
        if (device.index() >= count) {
            throw new EngineUnavailableException("there is no %s: the driver shows %d CUDA device%s"
                    .formatted(device, count, count == 1 ? "" : "s"));
        }
    }

    Device device() {
        return device;
    }

    boolean isCpu() {
        return device.kind() == Device.Kind.CPU;
    }

    /** For use inside a call: options that make a tensor of this type on this device. */
    TensorOptions options(DType dtype) {
        return new TensorOptions(ScalarTypes.of(dtype)).device(new DeviceOptional(nativeDevice()));
    }

    /** For use inside a call: this device as libtorch names it. */
    org.bytedeco.pytorch.Device nativeDevice() {
        return isCpu()
                ? new org.bytedeco.pytorch.Device(DeviceType.CPU)
                : new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index());
    }

    /** Bytes that could still be allocated. */
    long freeBytes() {
        if (isCpu()) {
            return HostMemory.availableBytes();
        }
        try (SizeTPair freeAndTotal = torch.getMemoryInfo((byte) device.index())) {
            return freeAndTotal.first();
        }
    }

    /** Gives memory that libtorch keeps for reuse back to the device. */
    void releaseCached() {
        if (!isCpu()) {
            torch.emptyCache();
        }
    }
}
