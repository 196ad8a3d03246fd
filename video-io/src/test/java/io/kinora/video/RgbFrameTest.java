package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class RgbFrameTest {
    @Test
    void aCopyOfABorrowedBufferOutlivesIt() {
        ByteBuffer borrowed = ByteBuffer.allocateDirect(2 * 16);
        for (int i = 0; i < borrowed.limit(); i++) {
            borrowed.put(i, (byte) i);
        }
        RgbFrame frame = RgbFrame.copyOf(borrowed, 3, 2, 16);
        for (int i = 0; i < borrowed.limit(); i++) {
            borrowed.put(i, (byte) 99);
        }
        assertThat(frame.toByteArray()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 21, 22, 23, 24);
        assertThat(frame.sample(2, 1, 1)).isEqualTo(23);
    }

    @Test
    void noFrameIsMadeOfTheWrongNumberOfBytes() {
        assertThatThrownBy(() -> RgbFrame.of(3, 2, new byte[17])).hasMessageContaining("17 bytes, expected");
        assertThatThrownBy(() -> RgbFrame.of(0, 2, new byte[0])).hasMessageContaining("at least 1×1");
        assertThatThrownBy(() -> RgbFrame.of(1 << 20, 1 << 20, new byte[0])).hasMessageContaining("at most 2 GiB");
        assertThatThrownBy(() -> RgbFrame.copyOf(ByteBuffer.allocate(24), 3, 2, 16))
                .hasMessageContaining("hold no 3×2 frame");
        assertThatThrownBy(() -> RgbFrame.copyOf(ByteBuffer.allocate(100), 3, 2, 8))
                .hasMessageContaining("rows 8 bytes apart");
    }

    @Test
    void nobodyCanChangeAFrame() {
        byte[] pixels = new byte[12];
        RgbFrame frame = RgbFrame.of(2, 2, pixels);
        pixels[0] = 1;
        frame.toByteArray()[1] = 1;
        assertThatThrownBy(() -> frame.pixels().put(0, (byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
        assertThat(frame.toByteArray()).containsOnly(0);
    }

    @Test
    void framesOfTheSamePixelsAreEqual() {
        assertThat(RgbFrame.of(2, 2, new byte[12]))
                .isEqualTo(RgbFrame.of(2, 2, new byte[12]))
                .hasSameHashCodeAs(RgbFrame.of(2, 2, new byte[12]))
                .isNotEqualTo(RgbFrame.of(4, 1, new byte[12]));
    }

    @Test
    void cropsOutsideAreRefused() {
        RgbFrame frame = RgbFrame.of(4, 3, new byte[36]);
        assertThat(FrameSize.of(frame.crop(1, 1, 3, 2))).isEqualTo(new FrameSize(3, 2));
        assertThatThrownBy(() -> frame.crop(2, 0, 3, 1)).hasMessageContaining("does not fit a 4×3 frame");
        assertThatThrownBy(() -> frame.centerCrop(5, 3)).isInstanceOf(IllegalArgumentException.class);
    }
}
