package io.kinora.model.modaverse.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.llm.grammar.TokenConstraint;
import io.kinora.model.modaverse.meta.MetaResponse.Invoked;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.TokenizerOptions;
import io.kinora.model.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetaResponseFormTest {
    @TempDir
    private static Path folder;

    private static Tokenizer tokenizer;
    private static TokenConstraint.Vocabulary vocabulary;

    @BeforeAll
    static void openTokenizer() throws IOException {
        Path shapes = folder.resolve("shapes");
        ShapesTokenizer.writeTo(shapes);
        Path own = Files.createDirectory(folder.resolve("own")); // without the tokens that Emu2 adds
        Files.copy(shapes.resolve("tokenizer.model"), own.resolve("tokenizer.model"));
        List<String> added = new ArrayList<>(List.of("<Media>", "</Media>"));
        Modality.ALL.forEach(modality -> added.add(modality.flag()));
        tokenizer = Tokenizers.open(own, TokenizerOptions.NATIVE.withOrdinaryTokens(added));
        vocabulary = new TokenConstraint.Vocabulary(tokenizer);
    }

    @Test
    void whateverIsDrawnIsAMetaResponseOfWhatWasAllowed() {
        TokenConstraint form = vocabulary.compile(MetaResponseForm.of(Set.of(Modality.IMAGE, Modality.AUDIO), 2));

        for (int seed = 0; seed < 30; seed++) {
            String answer = drawn(form, seed);
            assertThat(MetaResponseParser.parse(answer))
                    .as(answer)
                    .isInstanceOfSatisfying(Invoked.class, response -> assertThat(response.invocations())
                            .hasSizeBetween(1, 2)
                            .allMatch(invocation -> invocation.modality() == Modality.IMAGE
                                    || invocation.modality() == Modality.AUDIO));
        }
    }

    /** Draws at random, and takes the end mark from the tenth token of a prompt on, wherever it may come. */
    private static String drawn(TokenConstraint form, long seed) {
        Random random = new Random(seed);
        TokenConstraint.Run run = form.start();
        List<Integer> tokens = new ArrayList<>();
        int[] end = tokenizer.encode("###");
        while (!run.isOver() && !(run.isWhole() && random.nextBoolean())) {
            int[] allowed = run.allowed().stream().toArray();
            int token = allowed[random.nextInt(allowed.length)];
            boolean ending = tokens.size() % 16 >= 10;
            if (ending && run.allowed().get(end[0])) {
                token = end[0];
            }
            run.accept(token);
            tokens.add(token);
            assertThat(tokens).hasSizeLessThan(2000);
        }
        return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray());
    }
}
