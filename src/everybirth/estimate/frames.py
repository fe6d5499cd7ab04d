"""Which births a list can hold at all: what speaks against the plan, and what the plan might say."""

from collections.abc import Iterator

import numpy as np

from everybirth.estimate.births import Births, Reading
from everybirth.estimate.cells import bit
from everybirth.estimate.scope import Scope
from everybirth.estimate.spoken import joined
from everybirth.tables import Int32Array

# A list that cannot hold some births has a few by error: with a record in a hundred miscoded, two births in a hundred.
HARDLY_ANY = 0.03  # share of such births, known from other lists, up to which it may be by error only
MUCH_LESS = 0.1  # and up to which part of the share that it has where it has most
ENOUGH = 100  # such births on other lists before anything is said
FEW_NAMES = 8  # areas that are named one by one


def contradictions(best: Births, lists: tuple[str, ...]) -> dict[str, int]:
    """For each list, births on it that it is said not to hold; only lists that have some."""
    found = {name: int(((best.against & bit(k, len(lists))) != 0).sum()) for k, name in enumerate(lists)}
    return {name: count for name, count in found.items() if count}


def warnings(read: Reading, best: Births, wanted: Scope) -> list[str]:
    """What a user should know of the covers in the plan, in words."""
    lines = [
        f"{name}: {count:,} births on it are of a kind that covers says it does not hold. They were counted as births "
        "of a kind that it does; if they are many, look at covers or at these records."
        for name, count in contradictions(best, wanted.lists).items()
    ]
    lines += [f"{where}: no list has this field, so it was left aside." for where in read.unused_covers]
    return lines + suggestions(read, best, wanted)


def suggestions(read: Reading, best: Births, wanted: Scope) -> list[str]:
    """Lists that hold hardly any births of a site or of an area, though the plan does not say so."""
    return [
        line
        for k in range(len(wanted.lists))
        for field, codes, names in _asked(read, best, wanted.covers[k])
        for line in _suggested(best, (codes, names), (wanted, k), field)
    ]


_PLACES = {"area", "residence", "birth_place", "facility"}  # a limit by one of them is a limit by area, more or less


def _asked(
    read: Reading, best: Births, covers: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, Int32Array, tuple[str, ...]]]:
    """What a list's births may be limited by and are not yet: field, codes of births, names of the codes."""
    if "site" not in covers:
        yield "site", best.site, read.labels.site
    if not _PLACES & covers.keys():
        yield "area", best.area, read.labels.area


def _suggested(
    best: Births, by: tuple[Int32Array, tuple[str, ...]], whose: tuple[Scope, int], field: str
) -> Iterator[str]:
    """The suggestion for one list and one field, if there is one to be made.

    by      (n_births,) codes of births, and their names
    whose   the plan, and the number of the list
    """
    (codes, names), (wanted, k) = by, whose
    own, name = bit(k, len(wanted.lists)), wanted.lists[k]
    asked = ((best.history & ~own) != 0) & (codes >= 0)
    if wanted.covers[k]:
        asked &= (best.can_hold < 0) | ((best.can_hold & own) != 0)
    there = np.bincount(codes[asked], minlength=len(names))
    here = np.bincount(codes[asked & ((best.history & own) != 0)], minlength=len(names))
    share = np.divide(here, there, out=np.full(len(names), np.nan), where=there >= ENOUGH)
    most = float(np.nanmax(share, initial=0.0))
    lacks = share < min(HARDLY_ANY, MUCH_LESS * most)
    holds = np.flatnonzero(share >= HARDLY_ANY)
    if not lacks.any() or not len(holds):
        return
    lacking = _few([names[code] for code in np.flatnonzero(lacks)])
    allowed = ", ".join(f'"{names[code]}"' for code in holds) if len(holds) <= FEW_NAMES else "..."
    unsure = len(names) - int(lacks.sum()) > len(holds)
    covers = f"covers = {{ {field} = [{allowed}] }}{_besides(wanted.covers[k], unsure)}"
    yield (
        f"{name}: it holds hardly any births whose {field} is {lacking}. If it cannot hold them, say in the plan, "
        f"under [lists.{name}]: {covers}. As it stands, those are taken for births that it missed."
    )


def _few(names: list[str]) -> str:
    """a, b or c; of many, the first."""
    if len(names) > FEW_NAMES:
        return f"{', '.join(names[:FEW_NAMES])} or one of {len(names) - FEW_NAMES:,} more"
    return joined(names, "or")


def _besides(covers: dict[str, tuple[str, ...]], unsure: bool) -> str:
    """What to take care of in the suggestion: what covers says already, and values with too few births to judge by."""
    words = ["beside what stands there"] if covers else []
    words += ["with any other that it can hold"] if unsure else []
    return f", {' and '.join(words)}" if words else ""
