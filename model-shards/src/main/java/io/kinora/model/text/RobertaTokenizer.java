package io.kinora.model.text;

import io.kinora.model.text.SpecialTokensConfig.Described;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * The tokenizer of RoBERTa text encoders (CLAP's, in AudioLDM), from {@code vocab.json} and {@code merges.txt}: GPT-2's
 * byte-level merges between {@code <s>} and {@code </s>}.
 *
 * <p>Liu et al., 2019 (arXiv:1907.11692), after transformers' {@code RobertaTokenizer}.
 */
final class RobertaTokenizer extends ByteLevelTokenizer {
    private static final int MAX_LENGTH = 512;

    private final boolean blankInFront;

    private RobertaTokenizer(BytePairs pairs, Specials specials, int maxLength, boolean blankInFront) {
        super(pairs, specials, maxLength);
        this.blankInFront = blankInFront;
    }

    /**
     * Opens a folder.
     *
     * @throws TokenizerException if a file cannot be used
     */
    static RobertaTokenizer open(Path folder) {
        SpecialTokensConfig config = SpecialTokensConfig.read(folder);
        BytePairs pairs = new BytePairs(folder, "", "");
        Specials specials = new Specials(folder, config, pairs);
        specials.role("bos_token", Described.exact("<s>"));
        specials.role("eos_token", Described.exact("</s>"));
        specials.role("unk_token", Described.exact("<unk>"));
        specials.role("pad_token", Described.exact("<pad>"));
        specials.role("mask_token", new Described("<mask>", true, false, false, false));
        return new RobertaTokenizer(
                pairs,
                specials,
                config.setting("model_max_length").asInt(MAX_LENGTH),
                config.setting("add_prefix_space").asBoolean(false));
    }

    @Override
    void encodeText(String text, IntStream.Builder ids) {
        boolean prefixed = blankInFront && !text.startsWith(" ");
        encodeWords(GPT2_WORDS, prefixed ? " " + text : text, ids);
    }
}
