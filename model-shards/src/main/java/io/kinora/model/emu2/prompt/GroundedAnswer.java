package io.kinora.model.emu2.prompt;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An answer with places, parsed from the text of Emu2-Chat with its special tokens kept.
 *
 * <p>The model writes a place as four {@code <patch_index_NNNN>} tokens, x1 y1 x2 y2 in a picture scaled to 224 × 224, and
 * {@code </delimiter_of_multi_objects/>} between places of one thing. What else stands around them varies, so coordinates are
 * taken in groups of four wherever they stand, and given to the {@code <phrase>} before them.
 *
 * @param text the answer without special tokens
 * @param things what was placed, in the order of the answer
 * @param strayCoordinates coordinates that do not make up a group of four; more than 0 means that the answer is damaged
 */
public record GroundedAnswer(String text, List<Thing> things, int strayCoordinates) {
    /** A thing with its places; the phrase is absent where the answer gives none. */
    public record Thing(Optional<String> phrase, List<NormalizedBox> boxes) {
        /** Copies the list. */
        public Thing {
            boxes = List.copyOf(boxes);
        }
    }

    private static final double UNITS = 224;
    private static final int PER_BOX = 4;
    private static final Pattern MARK = Pattern.compile("<patch_index_(\\d{4})>|<phrase>|</phrase>|<object>|</object>"
            + "|</delimiter_of_multi_objects/>|<REC>|<grounding>|</?s>|\\[/?IMG]|\\[EOC]|\\[PAD]");
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /** Copies the list. */
    public GroundedAnswer {
        things = List.copyOf(things);
    }

    /** Parses an answer; every text is one, perhaps without places. */
    public static GroundedAnswer parse(String answer) {
        Parser parser = new Parser();
        Matcher mark = MARK.matcher(answer);
        int from = 0;
        while (mark.find()) {
            parser.text(answer.substring(from, mark.start()));
            if (mark.group(1) == null) {
                parser.mark(mark.group());
            } else {
                parser.coordinate(Integer.parseInt(mark.group(1)));
            }
            from = mark.end();
        }
        parser.text(answer.substring(from));
        return parser.finish();
    }

    /**
     * As JSON: {@code {"text": …, "things": [{"phrase": …, "boxes": [[left, top, right, bottom], …]}, …]}}, fractions of
     * width and height.
     */
    public String toJson() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("text", text);
        ArrayNode list = root.putArray("things");
        for (Thing thing : things) {
            ObjectNode node = list.addObject();
            thing.phrase().ifPresent(phrase -> node.put("phrase", phrase));
            ArrayNode boxes = node.putArray("boxes");
            thing.boxes().forEach(box -> boxes.addArray()
                    .add(box.left())
                    .add(box.top())
                    .add(box.right())
                    .add(box.bottom()));
        }
        return root.toString();
    }

    /** Collects text, phrases and coordinates from left to right. */
    private static final class Parser {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder phrase = new StringBuilder();
        private final List<Integer> coordinates = new ArrayList<>();
        private final List<NormalizedBox> boxes = new ArrayList<>();
        private final List<Thing> things = new ArrayList<>();
        private boolean inPhrase;
        private int stray;

        void text(String part) {
            text.append(part);
            if (inPhrase) {
                phrase.append(part);
            } else if (!part.isBlank()) {
                closeThing();
            }
        }

        void mark(String mark) {
            text.append(' ');
            closeGroup();
            if (mark.equals("<phrase>")) {
                closeThing();
                inPhrase = true;
            } else {
                inPhrase = false;
            }
        }

        void coordinate(int value) {
            inPhrase = false;
            coordinates.add(value);
            if (coordinates.size() == PER_BOX) {
                boxes.add(box(coordinates.get(0), coordinates.get(1), coordinates.get(2), coordinates.get(3)));
                coordinates.clear();
            }
        }

        GroundedAnswer finish() {
            closeThing();
            String plain = BLANKS.matcher(text).replaceAll(" ").strip();
            return new GroundedAnswer(plain, things, stray);
        }

        private void closeGroup() {
            stray += coordinates.size();
            coordinates.clear();
        }

        /** What was said so far has got all its places. A phrase without any is only text. */
        private void closeThing() {
            closeGroup();
            if (!boxes.isEmpty()) {
                String name = BLANKS.matcher(phrase).replaceAll(" ").strip();
                things.add(new Thing(name.isEmpty() ? Optional.empty() : Optional.of(name), boxes));
                boxes.clear();
            }
            phrase.setLength(0);
        }

        private static NormalizedBox box(int x1, int y1, int x2, int y2) {
            return new NormalizedBox(
                    fraction(Math.min(x1, x2)),
                    fraction(Math.min(y1, y2)),
                    fraction(Math.max(x1, x2)),
                    fraction(Math.max(y1, y2)));
        }

        private static double fraction(int units) {
            return Math.min(1, units / UNITS);
        }
    }
}
