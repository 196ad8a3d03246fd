package io.kinora.training.data;

import java.util.ArrayList;
import java.util.List;

/** Comma-separated values as RFC 4180 has them: fields in double quotes may hold commas, line ends, and double quotes written twice. */
final class CsvText {
    private final String text;
    private int at;

    private CsvText(String text) {
        this.text = text;
    }

    /** The records, without empty lines. A quote that is never closed ends with the text. */
    static List<List<String>> records(String text) {
        // Spreadsheets like to begin with a byte order mark.
        CsvText csv = new CsvText(text.startsWith("\ufeff") ? text.substring(1) : text);
        List<List<String>> records = new ArrayList<>();
        while (csv.at < csv.text.length()) {
            List<String> record = csv.record();
            if (!record.equals(List.of(""))) {
                records.add(record);
            }
        }
        return records;
    }

    private List<String> record() {
        List<String> fields = new ArrayList<>();
        fields.add(field());
        while (at < text.length() && text.charAt(at) == ',') {
            at++;
            fields.add(field());
        }
        if (at < text.length() && text.charAt(at) == '\r') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '\n') {
            at++;
        }
        return fields;
    }

    private String field() {
        StringBuilder field = new StringBuilder();
        boolean quoted = at < text.length() && text.charAt(at) == '"';
        if (quoted) {
            at++;
        }
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quoted && c == '"') {
                boolean twice = at + 1 < text.length() && text.charAt(at + 1) == '"';
                at += twice ? 2 : 1;
                if (twice) {
                    field.append('"');
                } else {
                    quoted = false;
                }
            } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
                break;
            } else {
                field.append(c);
                at++;
            }
        }
        return field.toString();
    }
}
