package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Makes a model from a base and the difference to it, as Vicuna v0 was released: tensor by tensor, base plus delta. Embedding table and head
 * of the delta may have more rows than the base; the base counts as zero there. Everything else in the folder is the delta's.
 *
 * <p>One tensor at a time is in memory; both checkpoints stay mapped files.
 */
public final class DeltaMerge {
    private static final Set<String> TABLES = Set.of("model.embed_tokens.weight", "lm_head.weight");
    private static final Set<String> SIDE_FILES = Set.of("json", "model", "txt");

    private DeltaMerge() {}

    /**
     * Writes the sum of two checkpoints into a new folder.
     *
     * @param target must not exist, or be empty
     * @return how many tensors were written
     * @throws CheckpointException if tensors are missing or do not fit; one message names them all
     * @throws IOException if a file cannot be written
     */
    public static int merge(Path base, Path delta, Path target, Engine engine, SaveOptions options) throws IOException {
        requireEmpty(target);
        try (Checkpoint from = Checkpoint.open(base, engine, CheckpointOptions.DEFAULT);
                Checkpoint by = Checkpoint.open(delta, engine, CheckpointOptions.DEFAULT)) {
            check(base, delta, from.inventory().tensors(), by.inventory().tensors());
            List<Entry> sums = new ArrayList<>();
            by.inventory()
                    .tensors()
                    .forEach((name, info) -> sums.add(new Entry(
                            name,
                            info.dtype(),
                            info.shape(),
                            () -> sum(
                                    from,
                                    by,
                                    name,
                                    from.inventory().tensors().get(name).shape(),
                                    info))));
            CheckpointWriter.save(target, sums, options);
            copySideFiles(delta, target, file -> true);
            copySideFiles(base, target, file -> !Files.exists(target.resolve(file.getFileName())) && isTokenizer(file));
            return sums.size();
        }
    }

    private static void requireEmpty(Path target) throws IOException {
        if (Files.exists(target)) {
            try (Stream<Path> files = Files.list(target)) {
                if (files.findAny().isPresent()) {
                    throw new CheckpointException(
                            "%s exists and is not empty; a new folder is needed".formatted(target));
                }
            }
        }
    }

    private static void check(Path base, Path delta, Map<String, TensorInfo> from, Map<String, TensorInfo> by) {
        List<String> misfits = new ArrayList<>();
        by.forEach((name, info) -> {
            TensorInfo stored = from.get(name);
            if (stored == null) {
                misfits.add("%s is not in the base".formatted(name));
            } else if (!fits(name, stored.shape(), info.shape())) {
                misfits.add(
                        "%s has shape %s in the base, %s in the delta".formatted(name, stored.shape(), info.shape()));
            }
        });
        from.keySet().stream()
                .filter(name -> !by.containsKey(name) && !name.contains("rotary_emb"))
                .forEach(name -> misfits.add("%s is not in the delta".formatted(name)));
        if (!misfits.isEmpty()) {
            throw new CheckpointException("%s is no delta to %s, %d tensors do not fit: %s"
                    .formatted(delta, base, misfits.size(), Listing.first(misfits)));
        }
    }

    private static boolean fits(String name, Shape base, Shape delta) {
        boolean moreRows = TABLES.contains(name)
                && base.rank() == 2
                && delta.rank() == 2
                && base.dim(1) == delta.dim(1)
                && base.dim(0) <= delta.dim(0);
        return base.equals(delta) || moreRows;
    }

    /** In the delta's type, as the authors' tool computes it. */
    private static ByteBuffer sum(Checkpoint base, Checkpoint delta, String name, Shape baseShape, TensorInfo info) {
        Engine engine = base.engine();
        try (Scope scope = engine.scope()) {
            Tensor more = delta.take(name, info.shape().toArray());
            Tensor known = base.take(name, baseShape.toArray());
            if (!info.dtype().isFloat()) {
                return bytes(scope, more);
            }
            long missing = info.shape().rank() == 0 ? 0 : info.shape().dim(0) - baseShape.dim(0);
            Tensor rounded = known.to(info.dtype()).to(DType.F32);
            Tensor padded = missing == 0
                    ? rounded
                    : engine.cat(List.of(rounded, engine.zeros(DType.F32, missing, baseShape.dim(1))), 0);
            return bytes(scope, padded.add(more.to(DType.F32)).to(info.dtype()));
        }
    }

    private static ByteBuffer bytes(Scope scope, Tensor tensor) {
        return ByteBuffer.wrap(scope.keep(tensor).toBytes());
    }

    private static boolean isTokenizer(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("tokenizer") || name.equals("special_tokens_map.json");
    }

    private static void copySideFiles(Path from, Path target, Predicate<Path> wanted) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(from)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            boolean side = SIDE_FILES.contains(name.substring(name.lastIndexOf('.') + 1)) && !name.contains(".index");
            if (side && wanted.test(file)) {
                Files.copy(file, target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
