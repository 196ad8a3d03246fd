package io.kinora.model.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The vocabulary and rules of a SentencePiece {@code tokenizer.model} of the BPE kind.
 *
 * <p>Only what changes ids is read: pieces with score and type, and the flags of the normalizer. What this class does not
 * implement (unigram models, character maps, blanks as suffix) is refused when the file is read.
 */
final class SentencePieceModel {
    /** U+2581, which stands for a blank inside pieces. */
    static final char BLANK = '\u2581';

    /** Kinds of pieces, with their numbers in the file. */
    enum PieceType {
        NORMAL(1),
        UNKNOWN(2),
        CONTROL(3),
        USER_DEFINED(4),
        UNUSED(5),
        BYTE(6);

        private final int number;

        PieceType(int number) {
            this.number = number;
        }

        static Optional<PieceType> of(int number) {
            return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
        }
    }

    /** A piece of the vocabulary; a higher score is merged first. */
    record Piece(String text, float score, PieceType type) {}

    private static final int BPE = 2;
    private static final Pattern EXTRA_BLANKS = Pattern.compile("^ +| +$|(?<= ) +");
    private static final int BYTE_VALUES = 256;

    private final List<Piece> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, Integer> mergeable = new HashMap<>();
    private final int[] byteIds = new int[BYTE_VALUES];
    private final int unknownId;
    private final boolean byteFallback;
    private final boolean dummyPrefix;
    private final boolean removeExtraBlanks;
    private final boolean escapeBlanks;
    private final String unknownSurface;

    /** What a piece stands for: its text with blanks for their marks, or the one byte that its name says. */
    static byte[] bytes(String piece, boolean isByte) {
        return isByte
                ? new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)}
                : Utf8.bytes(piece.replace(BLANK, ' '));
    }

    private SentencePieceModel(String source, Fields fields) {
        if (fields.modelType != BPE) {
            throw new TokenizerException(
                    "%s holds a model of type %d; only BPE (2) is supported".formatted(source, fields.modelType));
        }
        if (fields.charsmapBytes > 0) {
            throw new TokenizerException("%s normalises text by the character map '%s'; only identity is supported"
                    .formatted(source, fields.normalizerName));
        }
        if (fields.blankAsSuffix) {
            throw new TokenizerException("%s treats blanks as suffixes, which is not supported".formatted(source));
        }
        this.pieces = List.copyOf(fields.pieces);
        this.byteFallback = fields.byteFallback;
        this.dummyPrefix = fields.dummyPrefix;
        this.removeExtraBlanks = fields.removeExtraBlanks;
        this.escapeBlanks = fields.escapeBlanks;
        this.unknownSurface = fields.unknownSurface;
        int unknown = -1;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            if (ids.put(piece.text(), id) != null) {
                throw new TokenizerException("%s holds the piece '%s' twice".formatted(source, piece.text()));
            }
            switch (piece.type()) {
                case NORMAL, USER_DEFINED, UNUSED -> mergeable.put(piece.text(), id);
                case UNKNOWN -> unknown = id;
                case BYTE, CONTROL -> {}
            }
        }
        if (unknown < 0) {
            throw new TokenizerException("%s holds no unknown piece".formatted(source));
        }
        this.unknownId = unknown;
        for (int value = 0; value < BYTE_VALUES; value++) {
            int id = ids.getOrDefault("<0x%02X>".formatted(value), -1);
            if (byteFallback && (id < 0 || pieces.get(id).type() != PieceType.BYTE)) {
                throw new TokenizerException(
                        "%s falls back to bytes but has no piece for byte %d".formatted(source, value));
            }
            byteIds[value] = id;
        }
    }

    /**
     * Reads a {@code tokenizer.model}.
     *
     * @throws TokenizerException if it cannot be read, or uses what is not supported
     */
    static SentencePieceModel read(Path file) {
        try {
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new TokenizerException("%s cannot be read".formatted(file), e);
        }
    }

    static SentencePieceModel parse(String source, byte[] bytes) {
        return new SentencePieceModel(source, Fields.read(source, new ProtoReader(source, bytes)));
    }

    int size() {
        return pieces.size();
    }

    Piece piece(int id) {
        return pieces.get(id);
    }

    /** True for a piece that text is spelled with. */
    boolean isText(int id) {
        return switch (piece(id).type()) {
            case NORMAL, USER_DEFINED, UNUSED, BYTE -> true;
            case UNKNOWN, CONTROL -> false;
        };
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** The id of a piece of any type. */
    OptionalInt id(String piece) {
        Integer id = ids.get(piece);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The id of a piece that text may become (normal, user-defined or unused), or -1. */
    int mergeableId(String piece) {
        return mergeable.getOrDefault(piece, -1);
    }

    int byteId(int value) {
        return byteIds[value];
    }

    int unknownId() {
        return unknownId;
    }

    /** What the unknown piece looks like in decoded text. */
    String unknownSurface() {
        return unknownSurface;
    }

    boolean byteFallback() {
        return byteFallback;
    }

    boolean stripsLeadingBlank() {
        return dummyPrefix || removeExtraBlanks;
    }

    boolean removesExtraBlanks() {
        return removeExtraBlanks;
    }

    /**
     * Text as the merges see it: blanks escaped, with a blank in front where the model asks for one; empty text stays empty.
     */
    String normalize(String text) {
        String kept = removeExtraBlanks ? EXTRA_BLANKS.matcher(text).replaceAll("") : text;
        if (kept.isEmpty()) {
            return "";
        }
        String prefixed = dummyPrefix ? " " + kept : kept;
        return escapeBlanks ? prefixed.replace(' ', BLANK) : prefixed;
    }

    /** The stored fields, with the defaults that the format gives to absent ones. */
    private static final class Fields {
        private final List<Piece> pieces = new ArrayList<>();
        private int modelType = 1;
        private boolean byteFallback;
        private boolean blankAsSuffix;
        private String unknownSurface = " \u2047 ";
        private String normalizerName = "";
        private int charsmapBytes;
        private boolean dummyPrefix = true;
        private boolean removeExtraBlanks = true;
        private boolean escapeBlanks = true;

        static Fields read(String source, ProtoReader model) {
            Fields fields = new Fields();
            while (model.next()) {
                switch (model.field()) {
                    case 1 -> fields.pieces.add(piece(source, model.message()));
                    case 2 -> fields.readTrainer(model.message());
                    case 3 -> fields.readNormalizer(model.message());
                    default -> model.skip();
                }
            }
            return fields;
        }

        private static Piece piece(String source, ProtoReader piece) {
            String text = "";
            float score = 0;
            int type = 1;
            while (piece.next()) {
                switch (piece.field()) {
                    case 1 -> text = piece.string();
                    case 2 -> score = piece.fixedFloat();
                    case 3 -> type = piece.varint();
                    default -> piece.skip();
                }
            }
            int number = type;
            String name = text;
            PieceType known = PieceType.of(number)
                    .orElseThrow(() -> new TokenizerException(
                            "%s: the piece '%s' has the unknown type %d".formatted(source, name, number)));
            return new Piece(text, score, known);
        }

        private void readTrainer(ProtoReader trainer) {
            while (trainer.next()) {
                switch (trainer.field()) {
                    case 3 -> modelType = trainer.varint();
                    case 24 -> blankAsSuffix = trainer.bool();
                    case 35 -> byteFallback = trainer.bool();
                    case 44 -> unknownSurface = trainer.string();
                    default -> trainer.skip();
                }
            }
        }

        private void readNormalizer(ProtoReader normalizer) {
            while (normalizer.next()) {
                switch (normalizer.field()) {
                    case 1 -> normalizerName = normalizer.string();
                    case 2 -> charsmapBytes = normalizer.length();
                    case 3 -> dummyPrefix = normalizer.bool();
                    case 4 -> removeExtraBlanks = normalizer.bool();
                    case 5 -> escapeBlanks = normalizer.bool();
                    default -> normalizer.skip();
                }
            }
        }
    }
}
