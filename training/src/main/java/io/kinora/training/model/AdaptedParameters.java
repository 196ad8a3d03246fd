package io.kinora.training.model;

import io.kinora.model.checkpoint.LowRankUpdate;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a model that stays as it is but for a low-rank adapter beside some of its matrices (Hu et al., 2021, arXiv:2106.09685), and for its
 * embedding table and head where these get rows for new tokens. What is added are parameters; the rest is the base's.
 */
public final class AdaptedParameters implements Weights {
    private static final List<String> TABLES = List.of("model.embed_tokens", "lm_head");

    private final Weights base;
    private final Parameters added;
    private final Adapter adapter;
    private final String prefix;

    /**
     * An adapter that starts without effect.
     *
     * @param rank r of its products
     * @param alpha strength; the scale is alpha / r
     * @param modules last names of the matrices that it stands beside, as {@code q_proj}
     * @param vocabulary rows of the base's table
     */
    public record Adapter(int rank, double alpha, List<String> modules, int vocabulary) {
        /** Copies the list. */
        public Adapter {
            modules = List.copyOf(modules);
        }
    }

    /** Over a base, whose tensors nothing moves. */
    public AdaptedParameters(Weights base, Parameters added, Adapter adapter) {
        this(base, added, adapter, "");
    }

    private AdaptedParameters(Weights base, Parameters added, Adapter adapter, String prefix) {
        this.base = base;
        this.added = added;
        this.adapter = adapter;
        this.prefix = prefix;
    }

    @Override
    public Engine engine() {
        return base.engine();
    }

    @Override
    public Weights at(String name) {
        return new AdaptedParameters(base.at(name), added, adapter, prefix.isEmpty() ? name : prefix + "." + name);
    }

    @Override
    public boolean has(String name) {
        return base.has(name);
    }

    @Override
    public Tensor take(String name, long... shape) {
        return TABLES.contains(prefix) ? table(name, shape) : base.take(name, shape);
    }

    /** The base's rows, and new ones that begin as their mean. */
    private Tensor table(String name, long... shape) {
        Tensor grown = added.at(prefix).take(name, shape);
        try (Scope scope = engine().scope()) {
            Tensor known = base.take(name, adapter.vocabulary(), shape[1]).to(DType.F32);
            long rows = shape[0] - adapter.vocabulary();
            Tensor mean = known.mean(0).unsqueeze(0).expand(rows, shape[1]);
            added.byName().get(prefix + "." + name).set(engine().cat(List.of(known, mean), 0));
        }
        return grown;
    }

    @Override
    public void ignore(String prefixOfNames) {
        base.ignore(prefixOfNames);
    }

    @Override
    public Optional<LowRankUpdate> lowRank(long in, long out, DType dtype) {
        String module = prefix.substring(prefix.lastIndexOf('.') + 1);
        if (!adapter.modules().contains(module)) {
            return Optional.empty();
        }
        Tensor down = added.at(prefix).take("lora_A.weight", adapter.rank(), in);
        Tensor up = added.at(prefix).take("lora_B.weight", out, adapter.rank());
        return Optional.of(new LowRankUpdate(down, up, adapter.alpha() / adapter.rank()));
    }
}
