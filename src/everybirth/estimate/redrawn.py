"""What the draws of the linkage put together otherwise than the best partition does."""

from dataclasses import dataclass

import numpy as np

from everybirth.compiled import kernel
from everybirth.tables import BoolArray, Int32Array, Int64Array


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Draws as pieces: some records, and one way of putting them together. Many draws share a piece.

    No record of a birth is left out of a piece, whether of the best partition or of the piece's own.
    records   (n_entries,) records, piece after piece, ascending within each
    first     (n_entries,) place within the piece of the first record of the birth
    start     (n_pieces + 1,) where each piece begins
    piece     (n_uses,) the pieces of each draw, draw after draw
    offset    (n_draws + 1,) where each draw begins in piece
    """

    records: Int32Array
    first: Int32Array
    start: Int64Array
    piece: Int64Array
    offset: Int64Array

    @property
    def n_draws(self) -> int:
        return len(self.offset) - 1

    def of(self, draw: int) -> Int64Array:
        """The pieces of a draw."""
        return self.piece[self.offset[draw] : self.offset[draw + 1]]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """The births of all pieces.

    members   (n_entries,) records, birth after birth, ascending within each
    start     (n_births,) where each birth begins in members
    first     (n_births,) its first record
    of_piece  (n_pieces + 1,) where the births of each piece begin
    """

    members: Int64Array
    start: Int64Array
    first: Int32Array
    of_piece: Int64Array


def regrouped(redrawn: Redrawn) -> Regrouped:
    """The births of all pieces, piece after piece, by their first records."""
    entry = np.arange(len(redrawn.records))
    begin = np.repeat(redrawn.start[:-1], np.diff(redrawn.start))
    begins_birth: BoolArray = redrawn.first == entry - begin
    number = np.cumsum(begins_birth) - 1
    birth = number[begin + redrawn.first]
    both = (birth << 32) | entry  # as one number: sorted several times faster than by a stable sort
    both.sort()
    birth = both >> 32
    return Regrouped(
        members=redrawn.records[both & 0xFFFFFFFF].astype(np.int64),
        start=np.flatnonzero(np.diff(birth, prepend=-1)),
        first=redrawn.records[begins_birth],
        of_piece=np.append(0, number + 1)[redrawn.start],
    )


def spread(start: Int64Array, which: Int64Array) -> Int64Array:
    """The places of some runs, run after run; run k lies from start[k] to start[k + 1]."""
    size = start[which + 1] - start[which]
    places: Int64Array = np.arange(size.sum()) + np.repeat(start[which] - np.cumsum(size) + size, size)
    return places


@kernel
def recount(
    uses: tuple[Int64Array, Int64Array],
    starts: tuple[Int64Array, Int64Array],
    removed: Int64Array,
    added: Int64Array,
    counts: Int32Array,
) -> None:
    """Count, in place, what draws change.

    uses      pieces of the draws, draw after draw; (n_draws + 1,) where each draw begins
    starts    (n_pieces + 1,) where each piece begins in `removed`, and in `added`
    removed   (n_entries,) cell of a birth that the piece does away with; negative: none, or not to be counted
    added     (n_births,) cell of a birth that it makes, likewise
    counts    (n_draws, n_cells)
    """
    piece, offset = uses
    for draw in range(len(counts)):
        for use in range(offset[draw], offset[draw + 1]):
            p = piece[use]
            for entry in range(starts[0][p], starts[0][p + 1]):
                if removed[entry] >= 0:
                    counts[draw, removed[entry]] -= 1
            for birth in range(starts[1][p], starts[1][p + 1]):
                if added[birth] >= 0:
                    counts[draw, added[birth]] += 1
