package io.kinora.model.llm.grammar;

import io.kinora.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The tokens of a vocabulary by the bytes they add to a text: which of them may come is found for all that begin alike at once. Immutable
 * and thread-safe.
 */
final class PieceTrie {
    private final Node root = new Node(0);

    /** With the bytes that tokens add in the middle of a text, or at its beginning. */
    static PieceTrie of(Tokenizer tokenizer, boolean first) {
        PieceTrie trie = new PieceTrie();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            byte[] bytes = bytes(tokenizer, id, first);
            if (bytes.length > 0) {
                trie.add(bytes, id);
            }
        }
        return trie;
    }

    /** None for a token that is no text, or adds none. */
    static byte[] bytes(Tokenizer tokenizer, int id, boolean first) {
        if (!tokenizer.isOrdinary(id)) {
            return new byte[0];
        }
        byte[] bytes = tokenizer.surface(id);
        boolean dropsBlank = first && tokenizer.dropsFirstBlank() && bytes.length > 0 && bytes[0] == ' ';
        return dropsBlank ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static final class Node {
        private final int value;
        private final List<Node> children = new ArrayList<>();
        private final List<Integer> ids = new ArrayList<>();

        Node(int value) {
            this.value = value;
        }

        Node child(int wanted) {
            for (Node child : children) {
                if (child.value == wanted) {
                    return child;
                }
            }
            Node made = new Node(wanted);
            children.add(made);
            return made;
        }
    }

    private void add(byte[] bytes, int id) {
        Node node = root;
        for (byte b : bytes) {
            node = node.child(b & 0xff);
        }
        node.ids.add(id);
    }

    /** The tokens that a state can read whole. */
    BitSet readable(Automaton.State state) {
        BitSet ids = new BitSet();
        collect(root, state, ids);
        return ids;
    }

    private static void collect(Node node, Automaton.State state, BitSet ids) {
        node.ids.forEach(ids::set);
        for (Node child : node.children) {
            Automaton.State next = state.read(child.value);
            if (!next.isDead()) {
                collect(child, next, ids);
            }
        }
    }
}
