"""Lists and other names in running text."""

from collections.abc import Sequence

from everybirth.estimate.cells import bit


def names_of(held: int, lists: Sequence[str]) -> list[str]:
    """The names of a set of lists.

    held   the set, as bits
    """
    return [name for k, name in enumerate(lists) if held & bit(k, len(lists))]


def joined(names: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
