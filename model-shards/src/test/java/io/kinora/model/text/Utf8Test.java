package io.kinora.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Utf8Test {
    @ParameterizedTest
    @CsvSource({
        "41, A",
        "c3 a9, é",
        "f0 9f 99 82, 🙂",
        "c0 af, \uFFFD\uFFFD", // overlong
        "e0 80 af, \uFFFD\uFFFD\uFFFD",
        "ed a0 80, \uFFFD\uFFFD\uFFFD", // surrogate
        "f4 90 80 80, \uFFFD\uFFFD\uFFFD\uFFFD", // beyond U+10FFFF
        "e6 97 41, \uFFFD\uFFFDA",
        "e6 97, \uFFFD\uFFFD",
        "80 c3 a9 c3, \uFFFDé\uFFFD",
    })
    void bytesBecomeCharactersOrOneReplacementEach(String hex, String expected) {
        Utf8 utf8 = new Utf8(Utf8.Replacement.EACH_BYTE);
        StringBuilder out = new StringBuilder();
        for (byte b : HexFormat.ofDelimiter(" ").parseHex(hex)) {
            utf8.append(b & 0xff, out);
        }
        utf8.finish(out);

        assertThat(out.toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "e6 97, \uFFFD",
        "e6 97 41, \uFFFDA",
        "f0 9f 99 c3 a9, \uFFFDé",
        "ed a0 80, \uFFFD\uFFFD\uFFFD",
        "c0 af, \uFFFD\uFFFD",
        "ff 41 80, \uFFFDA\uFFFD",
    })
    void orOneReplacementForEachBeginningOfACharacter(String hex, String expected) {
        assertThat(Utf8.decode(HexFormat.ofDelimiter(" ").parseHex(hex), Utf8.Replacement.EACH_BEGINNING))
                .isEqualTo(expected);
    }

    @Property
    void everyTextComesBackFromItsBytes(@ForAll @NotEmpty String text) {
        Utf8 utf8 = new Utf8(Utf8.Replacement.EACH_BYTE);
        StringBuilder out = new StringBuilder();
        for (byte b : Utf8.bytes(text)) {
            utf8.append(b & 0xff, out);
        }
        utf8.finish(out);

        StringBuilder repaired = new StringBuilder();
        text.codePoints()
                .map(c -> Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c)
                .forEach(repaired::appendCodePoint);
        assertThat(out.toString()).isEqualTo(repaired.toString());
    }
}
