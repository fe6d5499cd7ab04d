"""The comparison levels of each kind of field: the vocabulary that blocking, comparing and weighing share."""

from enum import IntEnum


class Comparison(IntEnum):
    """How two values of a field are compared; the level tables are in `LEVELS`."""

    NAME = 0
    DATE = 1
    WEIGHT = 2
    SAME = 3
    CODE = 4
    COUNT = 5
    AGE = 6
    RANK = 7


_UNUSED = ""
# Levels of a field that hangs on another one (a parent's family name on the child's, a facility on the place), where
# that other one agrees or nearly does.
_CONTEXT = (
    "same, where expected",
    "near, where the same is expected",
    "different, where the same is expected",
    "same, where likely",
    "near, where the same is likely",
    "different, where the same is likely",
)
# Levels of plurality and of order where one record alone says it: that speaks for or against another child of the same
# delivery.
_ONE_SIDED = ("one, the other missing", "more than one, the other missing")
CONTEXT, NEAR_CONTEXT = 7, 10  # where those begin: three where the other agrees, three where it nearly does
N_LEVELS = 13  # rows of every level table; level 0 is "missing on either side"
LEVELS: dict[Comparison, tuple[str, ...]] = {
    Comparison.NAME: (
        "missing",
        "same",
        "sounds alike",
        "near (1-2 letters)",
        "part of the other",
        "different",
        "given and family name swapped",
        *_CONTEXT,
    ),
    Comparison.DATE: (
        "missing",
        "same",
        "within 3 days",
        "day and month swapped",
        "same month",
        "one part differs",
        "within 31 days",
        "different",
    ),
    Comparison.WEIGHT: ("missing", "same", "within 50", "within 250", "within 600", "different"),
    Comparison.SAME: ("missing", "same", "different", *(_UNUSED,) * 4, *_CONTEXT),
    Comparison.CODE: (
        "missing",
        "same",
        "near (1 character)",
        "same beginning",
        "different",
        *(_UNUSED,) * 2,
        *_CONTEXT,
    ),
    Comparison.COUNT: (
        *("missing", "both one", "same, more than one", "different", *(_UNUSED,) * 3, *_ONE_SIDED),
        "missing on both",
    ),
    Comparison.AGE: ("missing", "same", "within 1", "within 3", "different"),
    Comparison.RANK: (
        *("missing", "same", "different", *(_UNUSED,) * 4, *_ONE_SIDED),
        *("same, of several children", "different, of several children"),
    ),
}

# Log probabilities of chance agreement are kept per pair and field in 16 bits, in this unit (natural log): fine enough
# for any use, and a fifth of the memory.
CHANCE_UNIT = 1.0 / 256.0
