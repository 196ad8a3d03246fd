package io.kinora.model.text;

/**
 * Decodes ids that arrive one by one into pieces of text that are final when handed out: what came before never changes, and
 * no piece ends inside a character. All pieces together are the text that {@link Tokenizer#decode} gives for all ids. (One
 * exception: where special tokens are kept, the official slow LLaMA tokenizer puts a blank in front of all the text before a
 * begin, end or pad token; a stream can only put it where it still may.)
 *
 * <p>Not thread-safe; one decoder per answer.
 */
public interface StreamingDecoder {
    /**
     * The text that has become certain with this id; often empty while the bytes of a character are still arriving.
     *
     * @throws TokenizerException if the id is outside the vocabulary
     */
    String next(int id);

    /** The rest, after the last id: bytes of a character that never became complete appear as U+FFFD. */
    String finish();
}
