package io.kinora.model.emu2.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class BoxTest {
    /** Rows 6 to 24, columns 6 to 31 of cv2.rectangle(black, (10, 10), (25, 20), 255, 3), OpenCV 5.0.0. */
    private static final String OPENCV = """
            ..........................
            ..........................
            ....################......
            ...##################.....
            ..####################....
            ..####################....
            ..####################....
            ..#####..........#####....
            ..#####..........#####....
            ..#####..........#####....
            ..#####..........#####....
            ..#####..........#####....
            ..####################....
            ..####################....
            ..####################....
            ...##################.....
            ....################......
            ..........................
            ..........................
            """;

    @Test
    void theOutlineIsWhatOpenCvDraws() {
        byte[] rgb = new Box(10, 10, 25, 20).draw();
        StringBuilder drawn = new StringBuilder();
        for (int y = 6; y < 25; y++) {
            for (int x = 6; x < 32; x++) {
                drawn.append(rgb[(y * Box.SIZE + x) * 3] == 0 ? '.' : '#');
            }
            drawn.append('\n');
        }

        assertThat(drawn.toString()).isEqualTo(OPENCV);
    }

    @Test
    void aBoxAtTheEdgeIsDrawnAsFarAsThePictureGoes() {
        byte[] rgb = new Box(0, 0, 448, 448).draw();
        int white = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            assertThat(rgb[i]).isEqualTo(rgb[i + 1]).isEqualTo(rgb[i + 2]);
            white += rgb[i] == 0 ? 0 : 1;
        }

        // three rows at the top and left, two at the bottom and right
        assertThat(white).isEqualTo(448 * 448 - 443 * 443);
    }

    @Test
    void cornersAreOrderedAndBroughtInside() {
        assertThat(Box.between(500, 300, -4, 20)).isEqualTo(new Box(0, 20, 448, 300));
        assertThatThrownBy(() -> new Box(10, 10, 5, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(10, 10)-(5, 20)");
    }
}
