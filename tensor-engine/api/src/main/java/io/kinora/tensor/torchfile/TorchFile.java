package io.kinora.tensor.torchfile;

import io.kinora.tensor.file.MappedFile;
import io.kinora.tensor.file.TensorFile;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.torchfile.PickleValue.Tuple;
import io.kinora.tensor.torchfile.ZipDirectory.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A file of {@code torch.save} ({@code .bin}, {@code .pt}, {@code .pth}): a zip archive with a pickle that describes dictionaries of
 * tensors, and an entry for each storage, stored uncompressed.
 *
 * <p>The pickle is interpreted by a reader that knows tensors, containers and plain values; whatever else it names is refused, and nothing
 * in it is executed. Tensors in nested dictionaries and lists are called by the path to them, joined by dots: {@code
 * module.layers.0.weight}; other values are left out.
 *
 * <p>Thread-safe.
 */
public final class TorchFile implements TensorFile {
    private static final int MAX_PICKLE_BYTES = 64 << 20;
    private static final int MAX_NOTE_BYTES = 64;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME_CHARS = 4096;
    private static final String PICKLE = "/data.pkl";

    private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

    /** The number at the beginning of the first pickle that torch.save wrote before version 1.6. */
    private static final byte[] LEGACY_MAGIC = HexFormat.of().parseHex("6cfc9c46f9206aa85019");

    private static final int LEGACY_MAGIC_BEFORE = 32;
    private static final int TAR_MAGIC_AT = 257;
    private static final byte[] TAR_MAGIC = "ustar".getBytes(StandardCharsets.US_ASCII);

    private final MappedFile file;
    private final Map<String, Located> tensors;
    private final Map<String, TensorInfo> infos;

    private TorchFile(MappedFile file, Map<String, Located> tensors) {
        this.file = file;
        this.tensors = tensors;
        Map<String, TensorInfo> described = new LinkedHashMap<>();
        tensors.forEach((name, located) -> described.put(name, located.info()));
        this.infos = Collections.unmodifiableMap(described);
    }

    /** A tensor and the position of its first element in the file. */
    private record Located(StridedTensor tensor, TensorInfo info) {}

    /** True if a file begins as those of {@code torch.save} do, in today's form or an old one. */
    public static boolean recognises(Path path) throws IOException {
        byte[] head = head(path);
        return startsWith(head, 0, ZIP_MAGIC) || isLegacy(head);
    }

    /**
     * Reads the archive's directory and interprets its pickle; the tensors stay on disk.
     *
     * @throws TorchFileException if it is damaged, of the form before torch 1.6, or holds what is not allowed
     * @throws IOException if it cannot be read
     */
    public static TorchFile open(Path path) throws IOException {
        byte[] head = head(path);
        if (!startsWith(head, 0, ZIP_MAGIC)) {
            throw new TorchFileException(
                    isLegacy(head)
                            ? ("%s has the form torch.save wrote before version 1.6, which is not read. Convert it with Python:"
                                            + " torch.save(torch.load(path, map_location=\"cpu\", weights_only=True), new_path)")
                                    .formatted(path)
                            : "%s is no file of torch.save: it does not begin as a zip archive".formatted(path));
        }
        MappedFile file = MappedFile.open(path);
        try {
            return new TorchFile(file, read(file));
        } catch (TorchFileException e) {
            file.close();
            throw new TorchFileException(path + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static byte[] head(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length);
        }
    }

    private static boolean isLegacy(byte[] head) {
        return startsWith(head, TAR_MAGIC_AT, TAR_MAGIC)
                || IntStream.range(0, LEGACY_MAGIC_BEFORE).anyMatch(at -> startsWith(head, at, LEGACY_MAGIC));
    }

    private static boolean startsWith(byte[] bytes, int from, byte... magic) {
        return bytes.length >= from + magic.length
                && Arrays.equals(bytes, from, from + magic.length, magic, 0, magic.length);
    }

    private static Map<String, Located> read(MappedFile file) throws IOException {
        ZipDirectory zip = ZipDirectory.read(file);
        String top = topFolder(zip);
        if (zip.names().contains(top + "/constants.pkl")) {
            throw new TorchFileException(
                    "this is a TorchScript archive, which holds code; save the model's state_dict() instead");
        }
        String order = zip.content(top + "/byteorder", MAX_NOTE_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
                .orElse("little");
        if (!order.equals("little")) {
            throw new TorchFileException("its byte order is '%s', and only 'little' is read".formatted(order));
        }
        byte[] pickle = zip.content(top + PICKLE, MAX_PICKLE_BYTES).orElseThrow();
        PickleBudget budget = new PickleBudget();
        Map<String, Located> tensors = new LinkedHashMap<>();
        Object root = PickleReader.read(pickle, budget);
        new Flattening(zip, top, budget, tensors).visit("", root, 0);
        return tensors;
    }

    private static String topFolder(ZipDirectory zip) {
        List<String> tops = new ArrayList<>();
        for (String name : zip.names()) {
            if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
                tops.add(name.substring(0, name.indexOf('/')));
            }
        }
        if (tops.size() != 1) {
            throw new TorchFileException(
                    "a zip archive with %d entries FOLDER/data.pkl, and torch.save writes one".formatted(tops.size()));
        }
        return tops.get(0);
    }

    /** Walks the containers of a pickle, which may hold each other, and collects the tensors. */
    private record Flattening(ZipDirectory zip, String top, PickleBudget budget, Map<String, Located> tensors) {
        void visit(String name, Object value, int depth) {
            budget.spend(1 + name.length() / 32);
            if (depth > MAX_DEPTH || name.length() > MAX_NAME_CHARS) {
                throw new TorchFileException("its containers are nested more than %d deep, or its names longer than %d"
                        .formatted(MAX_DEPTH, MAX_NAME_CHARS));
            }
            if (value instanceof StridedTensor tensor) {
                if (tensors.put(name, locate(name, tensor)) != null) {
                    throw new TorchFileException("it has two tensors called " + name);
                }
            } else if (value instanceof Map<?, ?> map) {
                map.forEach((key, item) -> visit(child(name, key), item, depth + 1));
            } else if (value instanceof List<?> list) {
                visitAll(name, list, depth);
            } else if (value instanceof Tuple tuple) {
                visitAll(name, tuple.items(), depth);
            }
        }

        private void visitAll(String name, List<?> items, int depth) {
            for (int i = 0; i < items.size(); i++) {
                visit(child(name, i), items.get(i), depth + 1);
            }
        }

        private static String child(String name, Object key) {
            String last = key instanceof PickleValue ? "?" : key.toString();
            return name.isEmpty() ? last : name + "." + last;
        }

        private Located locate(String name, StridedTensor tensor) {
            String key = "%s/data/%s".formatted(top, tensor.storage().key());
            Extent extent = zip.find(key)
                    .orElseThrow(() -> new TorchFileException("%s lies in %s, which the archive does not have"
                            .formatted(name, PickleInput.shortened(key))));
            if (extent.size() < tensor.storage().bytes()) {
                throw new TorchFileException("%s lies in %s, which has %d bytes of %d"
                        .formatted(name, key, extent.size(), tensor.storage().bytes()));
            }
            return new Located(
                    tensor, new TensorInfo(tensor.dtype(), tensor.shape(), extent.offset() + tensor.offsetBytes()));
        }
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return infos;
    }

    @Override
    public ByteBuffer bytes(String name) {
        Located located = tensors.get(name);
        if (located == null) {
            throw new TorchFileException("%s has no tensor %s".formatted(path(), name));
        }
        TensorInfo info = located.info();
        long span = located.tensor().spanBytes();
        if (info.bytes() > MAX_TENSOR_BYTES || span > MAX_TENSOR_BYTES) {
            throw new TorchFileException("%s: %s %s %s has %d bytes in a span of %d, at most %d can be read"
                    .formatted(path(), name, info.dtype(), info.shape(), info.bytes(), span, MAX_TENSOR_BYTES));
        }
        ByteBuffer bytes = file.slice(info.offset(), span);
        return located.tensor().isContiguous() ? bytes : located.tensor().gather(bytes, (int) info.bytes());
    }

    @Override
    public boolean isMapped(String name) {
        Located located = tensors.get(name);
        return located != null && located.tensor().isContiguous();
    }

    @Override
    public void close() {
        file.close();
    }
}
