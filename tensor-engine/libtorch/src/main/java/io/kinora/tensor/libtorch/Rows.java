package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Rows picked from a table and written to one. For use inside a call. */
final class Rows {
    private Rows() {}

    static Tensor gather(Tensor table, Tensor ids) {
        if (table.dim() == 0) {
            throw new Misfit("a table has at least one axis, got a scalar");
        }
        int idAxes = (int) ids.dim();
        int rowAxes = (int) table.dim() - 1;
        long[] sizes = new long[idAxes + rowAxes];
        for (int i = 0; i < idAxes; i++) {
            sizes[i] = ids.size(i);
        }
        for (int i = 0; i < rowAxes; i++) {
            sizes[idAxes + i] = table.size(i + 1);
        }
        return torch.index_select(table, 0, ids.reshape(-1)).view(sizes);
    }

    static Tensor scatter(Tensor table, Tensor ids, Tensor rows) {
        return torch.index_copy(table, 0, ids, rows);
    }
}
