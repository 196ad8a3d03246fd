package io.kinora.model.text;

import io.kinora.model.text.SentencePieceModel.Piece;
import io.kinora.model.text.SentencePieceModel.PieceType;
import io.kinora.model.text.Tokenizer.SpecialTokens;
import java.util.OptionalInt;

/**
 * Ids to text as the slow {@code LlamaTokenizer} does it.
 *
 * <p>Tokens above the base vocabulary stand apart, joined with blanks to the runs of ordinary tokens between them. A run
 * loses the blank mark of its first piece, and each group of pieces in it (a group ends at a begin, end, unknown or pad
 * token) is decoded by SentencePiece, which drops one leading blank more. A group that is followed by such a token gets a
 * blank in front; in a stream, where that place may have been handed out already, the blank comes at the first place still
 * open.
 */
final class LlamaNativeDecoder implements StreamingDecoder {
    private final Tokenizer tokenizer;
    private final SentencePieceModel model;
    private final AddedTokens added;
    private final SpecialTokens specials;

    private final StringBuilder out = new StringBuilder();
    private final Utf8 bytes = new Utf8(Utf8.Replacement.EACH_BYTE);
    private int handedOut;
    private boolean anyPart;

    private boolean inRun;
    private int runStart; // before the joining blank
    private int runTextStart; // after it
    private int tokensInRun;
    private boolean afterSpecial;

    private int groupStart;
    private boolean leadingBlankTaken;

    LlamaNativeDecoder(Tokenizer tokenizer, SentencePieceModel model, AddedTokens added, SpecialTokens specials) {
        this.tokenizer = tokenizer;
        this.model = model;
        this.added = added;
        this.specials = specials;
    }

    @Override
    public String next(int id) {
        accept(id);
        // A run without text may still vanish, and the blank before it with it.
        return handOut(inRun && out.length() == runTextStart ? runStart : out.length());
    }

    @Override
    public String finish() {
        closeRun(true);
        return handOut(out.length());
    }

    /** The whole text at once. */
    String all(int[] ids) {
        for (int id : ids) {
            accept(id);
        }
        return finish();
    }

    private String handOut(int end) {
        String text = out.substring(handedOut, end);
        handedOut = end;
        return text;
    }

    private void accept(int id) {
        String name = tokenizer.token(id);
        boolean special = added.isSpecial(id);
        if (special && specials == SpecialTokens.SKIPPED) {
            return;
        }
        boolean standsApart = added.byId(id).isPresent() && id >= model.size() && !isPad(id);
        if (standsApart) {
            closeRun(false);
            join();
            out.append(name);
            anyPart = true;
            return;
        }
        if (!inRun) {
            openRun();
        }
        if (special) {
            acceptSpecialInRun(name);
        } else {
            acceptPiece(id, name);
        }
        tokensInRun++;
    }

    private void acceptSpecialInRun(String name) {
        bytes.finish(out);
        if (tokensInRun > 0 && !afterSpecial) {
            out.insert(Math.max(groupStart, handedOut), ' ');
        }
        out.append(name);
        openGroup();
        afterSpecial = true;
    }

    private void acceptPiece(int id, String name) {
        boolean marked = !name.isEmpty() && name.charAt(0) == SentencePieceModel.BLANK;
        if (tokensInRun == 1 && afterSpecial && !marked) {
            out.append(' ');
            openGroup();
        }
        afterSpecial = false;
        if (tokensInRun > 0 || !marked) {
            append(model.piece(id));
            return;
        }
        String unmarked = name.substring(1);
        OptionalInt unmarkedId = model.id(unmarked);
        if (unmarkedId.isPresent()) {
            append(model.piece(unmarkedId.getAsInt()));
        } else {
            out.append(unmarked); // not a piece, so SentencePiece leaves it as it is, blank marks included
        }
    }

    private void append(Piece piece) {
        if (piece.type() == PieceType.BYTE) {
            bytes.append(Integer.parseInt(piece.text().substring(3, 5), 16), out);
            return;
        }
        bytes.finish(out);
        if (piece.type() == PieceType.CONTROL) {
            return;
        }
        if (piece.type() == PieceType.UNKNOWN) {
            out.append(model.unknownSurface());
            return;
        }
        String text = piece.text();
        boolean takesLeadingBlank = model.stripsLeadingBlank()
                && !leadingBlankTaken
                && out.length() == groupStart
                && !text.isEmpty()
                && text.charAt(0) == SentencePieceModel.BLANK;
        if (takesLeadingBlank) {
            text = text.substring(1);
            leadingBlankTaken = !model.removesExtraBlanks();
        }
        out.append(text.replace(SentencePieceModel.BLANK, ' '));
    }

    private void openRun() {
        inRun = true;
        tokensInRun = 0;
        afterSpecial = false;
        runStart = out.length();
        join();
        runTextStart = out.length();
        openGroup();
    }

    private void openGroup() {
        groupStart = out.length();
        leadingBlankTaken = false;
    }

    private void closeRun(boolean last) {
        if (!inRun) {
            return;
        }
        bytes.finish(out);
        if (out.length() == runTextStart && !last) {
            out.setLength(runStart);
        } else {
            anyPart = true;
        }
        inRun = false;
    }

    private void join() {
        if (anyPart) {
            out.append(' ');
        }
    }

    private boolean isPad(int id) {
        OptionalInt pad = tokenizer.padId();
        return pad.isPresent() && pad.getAsInt() == id;
    }
}
