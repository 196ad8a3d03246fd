package io.kinora.tensor.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The table of contents of a safetensors file, checked: every tensor's bytes follow the one before without gap or overlap and fill the
 * file, their number is what type and shape say, and no name stands twice.
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    private static final int MAX_RANK = 64;
    private static final JsonFactory JSON = JsonFactory.builder()
            // Names come from outside: no table that keeps them, and none that clashing hashes could slow down.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNumberLength(32)
                    .maxStringLength(SafetensorsFile.MAX_HEADER_BYTES)
                    .build())
            .build();

    SafetensorsHeader {
        tensors = Collections.unmodifiableMap(tensors);
        metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads the JSON of a header.
     *
     * @param dataAt position in the file of the first tensor's bytes
     * @param fileBytes where the last tensor's bytes must end
     */
    static SafetensorsHeader parse(byte[] json, long dataAt, long fileBytes) {
        if (json.length == 0 || json[0] != '{') {
            throw new SafetensorsException("the header does not begin with '{'");
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(decode(json))) {
            parser.nextToken();
            boolean metadataSeen = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals(METADATA)) {
                    refuse(metadataSeen, METADATA + " stands twice");
                    metadataSeen = true;
                    readMetadata(parser, metadata);
                } else {
                    refuse(entries.put(name, readEntry(name, parser)) != null, "tensor %s stands twice", name);
                }
            }
            refuse(parser.nextToken() != null, "there is more after the header's closing brace");
        } catch (IOException e) {
            throw new SafetensorsException("the header is not the JSON of a safetensors file: " + e.getMessage(), e);
        }
        return new SafetensorsHeader(lay(entries, dataAt, fileBytes), metadata);
    }

    private static String decode(byte[] json) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    }

    private static void readMetadata(JsonParser parser, Map<String, String> metadata) throws IOException {
        refuse(parser.currentToken() != JsonToken.START_OBJECT, METADATA + " is not an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            refuse(parser.nextToken() != JsonToken.VALUE_STRING, "%s.%s is not a string", METADATA, key);
            refuse(metadata.put(key, parser.getText()) != null, "%s.%s stands twice", METADATA, key);
        }
    }

    /** One tensor as the header has it: offsets count from the end of the header. */
    private record Entry(DType dtype, Shape shape, long begin, long end) {}

    private static Entry readEntry(String name, JsonParser parser) throws IOException {
        refuse(parser.currentToken() != JsonToken.START_OBJECT, "%s is not an object", name);
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "dtype" -> {
                    refuse(dtype != null, "%s.dtype stands twice", name);
                    refuse(parser.currentToken() != JsonToken.VALUE_STRING, "%s.dtype is not a string", name);
                    dtype = parser.getText();
                }
                case "shape" -> {
                    refuse(shape != null, "%s.shape stands twice", name);
                    shape = readSizes(name + ".shape", parser, MAX_RANK);
                }
                case "data_offsets" -> {
                    refuse(offsets != null, "%s.data_offsets stands twice", name);
                    offsets = readSizes(name + ".data_offsets", parser, 2);
                }
                default -> parser.skipChildren();
            }
        }
        refuse(dtype == null, "%s has no dtype", name);
        refuse(shape == null, "%s has no shape", name);
        refuse(offsets == null || offsets.length != 2, "%s.data_offsets are not two numbers", name);
        return new Entry(dtype(name, dtype), Shape.of(shape), offsets[0], offsets[1]);
    }

    private static long[] readSizes(String what, JsonParser parser, int most) throws IOException {
        refuse(parser.currentToken() != JsonToken.START_ARRAY, "%s is not an array", what);
        long[] sizes = new long[most];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            refuse(parser.currentToken() != JsonToken.VALUE_NUMBER_INT, "%s holds %s", what, parser.getText());
            refuse(count == most, "%s has more than %d numbers", what, most);
            long size = parser.getLongValue();
            refuse(size < 0, "%s holds %d", what, size);
            sizes[count++] = size;
        }
        return Arrays.copyOf(sizes, count);
    }

    private static DType dtype(String name, String dtype) {
        return Arrays.stream(DType.values())
                .filter(known -> known.name().equals(dtype))
                .findFirst()
                .orElseThrow(() -> new SafetensorsException("%s has dtype %s, which is none of %s"
                        .formatted(
                                name,
                                dtype,
                                Arrays.stream(DType.values()).map(DType::name).collect(Collectors.joining(", ")))));
    }

    private static Map<String, TensorInfo> lay(Map<String, Entry> entries, long dataAt, long fileBytes) {
        List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(entries.entrySet());
        byOffset.sort(Comparator.<Map.Entry<String, Entry>>comparingLong(
                        e -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        long dataBytes = fileBytes - dataAt;
        long end = 0;
        for (Map.Entry<String, Entry> named : byOffset) {
            String name = named.getKey();
            Entry entry = named.getValue();
            refuse(
                    entry.begin() != end,
                    "%s begins at %d of the data, where the tensors before it end at %d",
                    name,
                    entry.begin(),
                    end);
            refuse(
                    entry.end() < entry.begin() || entry.end() > dataBytes,
                    "%s lies at %d to %d of the data, which has %d bytes",
                    name,
                    entry.begin(),
                    entry.end(),
                    dataBytes);
            tensors.put(name, info(name, entry, dataAt));
            end = entry.end();
        }
        refuse(end != dataBytes, "the tensors end at %d of the data, which has %d bytes", end, dataBytes);
        return tensors;
    }

    private static TensorInfo info(String name, Entry entry, long dataAt) {
        TensorInfo info;
        try {
            info = new TensorInfo(entry.dtype(), entry.shape(), dataAt + entry.begin());
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(name + ": " + e.getMessage(), e);
        }
        refuse(
                info.bytes() != entry.end() - entry.begin(),
                "%s %s %s has %d bytes, and the header gives it %d",
                name,
                entry.dtype(),
                entry.shape(),
                info.bytes(),
                entry.end() - entry.begin());
        return info;
    }

    private static void refuse(boolean broken, String message, Object... arguments) {
        if (broken) {
            throw new SafetensorsException(arguments.length == 0 ? message : message.formatted(shortened(arguments)));
        }
    }

    /** Names in a hostile header may be megabytes long. */
    private static Object[] shortened(Object... arguments) {
        return IntStream.range(0, arguments.length)
                .mapToObj(i -> arguments[i] instanceof String text && text.length() > 200
                        ? text.substring(0, 200) + "…"
                        : arguments[i])
                .toArray();
    }
}
