"""How the strata of a pooled estimate hang together: which of them share an area, a period, a sex."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from everybirth.tables import Float64Array, Int32Array, Int64Array


@dataclass(frozen=True, slots=True)
class Layout:
    """Strata in canonical order, so that nothing depends on the order in which they were given.

    The effect with the most levels is kept apart as the "main" one: given all others its levels do not touch each
    other, so that thousands of them cost no more than as many small systems.

    order        (n_strata,) place of each stratum, in canonical order, in the order given
    names        the main effect ("" if no effect can be told from that of single strata), then the others
    main         (n_strata,) level of the main effect
    others       (n_strata, n_columns) blocks that bear on a stratum: 0, common to all, then one for each other effect
    block_of     (n_blocks,) which other effect a block belongs to; -1 for block 0
    """

    order: Int64Array
    names: tuple[str, ...]
    main: Int64Array
    others: Int64Array
    block_of: Int64Array

    @property
    def n_strata(self) -> int:
        return len(self.order)

    @property
    def n_main(self) -> int:
        return int(self.main.max()) + 1

    @property
    def n_blocks(self) -> int:
        return len(self.block_of)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sparse matrices of zeros and ones that add up what belongs together; each has n_strata columns.

    main         one row per level of the main effect
    others       one row per block
    crossed      one row per level of the main effect and block
    squared      one row per pair of blocks
    alike        (n_kinds, n_columns) the distinct rows of Layout.others
    kind         (n_strata,) which of them a stratum has
    """

    main: sparse.csr_array
    others: sparse.csr_array
    crossed: sparse.csr_array
    squared: sparse.csr_array
    alike: Int64Array
    kind: Int64Array


def lay_out(effects: dict[str, Int32Array], table: Float64Array) -> Layout:
    """Order the strata and number the levels of their effects.

    effects  name -> (n_strata,) codes; any whole numbers, a missing code is a level like others
    table    (n_strata, n_cells) counts, which put strata of the same codes in order
    """
    names, codes = [], []
    for name in sorted(effects):
        level = np.unique(effects[name], return_inverse=True)[1].astype(np.int64)
        # An effect with one level is common to all; one whose every level is a single stratum is the stratum's own.
        if 1 < level.max(initial=0) + 1 < len(level):
            names.append(name)
            codes.append(level)
    if codes:
        largest = int(np.argmax([level.max() for level in codes]))
        names.insert(0, names.pop(largest))
        codes.insert(0, codes.pop(largest))
    else:
        names, codes = [""], [np.zeros(len(table), dtype=np.int64)]
    given = [np.asarray(effects[name]) for name in sorted(effects, reverse=True)]
    order = np.lexsort([*table.T, *given, *codes[::-1]])
    columns, block_of = [np.zeros(len(order), dtype=np.int64)], [-1]
    for place, level in enumerate(codes[1:]):
        columns.append(level[order] + len(block_of))
        block_of += [place] * (int(level.max()) + 1)
    return Layout(order, tuple(names), codes[0][order], np.column_stack(columns), np.array(block_of, dtype=np.int64))


def sums(layout: Layout) -> Sums:
    """The matrices that add up over strata, and which strata have all effects but the main one in common."""
    blocks, others = layout.n_blocks, layout.others
    crossed = layout.main[:, None] * blocks + others
    squared = (others[:, :, None] * blocks + others[:, None, :]).reshape(layout.n_strata, -1)
    alike, kind = np.unique(others, axis=0, return_inverse=True)
    return Sums(
        main=_adding(layout.main[:, None], layout.n_main),
        others=_adding(others, blocks),
        crossed=_adding(crossed, layout.n_main * blocks),
        squared=_adding(squared, blocks**2),
        alike=alike,
        kind=kind,
    )


def _adding(rows: Int64Array, n_rows: int) -> sparse.csr_array:
    """A matrix with a one in column s at each of the rows that stratum s counts towards."""
    n_strata, width = rows.shape
    columns = np.repeat(np.arange(n_strata), width)
    return sparse.csr_array((np.ones(rows.size), (rows.ravel(), columns)), shape=(n_rows, n_strata))
