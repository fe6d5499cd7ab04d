"""The short way for names in Latin letters, which are most names of most lists: one pass over their bytes."""

from typing import NamedTuple

import numpy as np
import polars as pl

from everybirth.compiled import kernel
from everybirth.standardise.kernels import UInt8Array
from everybirth.tables import Int64Array

PLAIN, UNEVEN, NO_NAME, OTHER = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(4)
_QUOTE, _GRAVE = b"'`"
_UNREADABLE, _DROPPED, _BETWEEN = np.uint8(0), np.uint8(1), np.uint8(2)  # in place of a letter
_SPACE, _A, _Z, _0, _9, _CAPITAL_A, _CAPITAL_Z, _X, _NEXT = b" az09AZx\n"
_TAB, _RETURN = ord("\t"), ord("\r")  # and what lies between: the other characters that count as a space
_TO_SMALL = ord("a") - ord("A")
FIRST, LAST = 0x80, 0x24F  # letters of two bytes that may be plain ones with an accent


class Looked(NamedTuple):
    """What is seen of names.

    kind      (n,) bits: UNEVEN, its spaces are to be tidied; NO_NAME, no letter is in it, or nothing but "x"; OTHER, it
              has characters that need the long way, and nothing else is said of it
    cleaned   (n,) String, as names.clean spells it, "" for OTHER
    """

    kind: UInt8Array
    cleaned: pl.Series


def look(names: pl.Series, letters: UInt8Array) -> Looked:
    """Look at names.

    names     (n,) String, not null
    letters   (LAST + 1 - FIRST, 2) the one or two plain letters that each further one stands for, 0 for none
    """
    lengths = names.str.len_bytes().to_numpy()
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    text = np.frombuffer(names.str.join("").item().encode() + b"\0", np.uint8)  # never empty
    kind, out = np.empty(len(names), np.uint8), np.empty(len(text) + len(names) + 1, np.uint8)
    size = spell(text, ends, letters, (kind, out))
    cleaned = pl.Series([out[: max(size - 1, 0)].tobytes().decode()]).str.split("\n").explode()
    return Looked(kind, cleaned.head(len(names)))


@kernel
def spell(text: UInt8Array, ends: Int64Array, letters: UInt8Array, filled: tuple[UInt8Array, UInt8Array]) -> int:
    """Write names in small letters, figures and single spaces, each on a line; returns how many bytes that is.

    text     bytes of all names, one after the other; ends   (n + 1,) where each ends; the first begins at ends[0]
    filled   the kind of each name (n,), and what is written
    """
    kind, out = filled
    size = 0
    for name in range(len(kind)):
        kind[name], written = _spell_one(text[ends[name] : ends[name + 1]], letters, out[size:])
        out[size + written] = _NEXT
        size += written + 1
    return size


@kernel
def _spell_one(name: UInt8Array, letters: UInt8Array, out: UInt8Array) -> tuple[np.uint8, int]:
    """Write one name; returns its kind, and how many bytes that is."""
    kind, size, at = PLAIN, 0, 0
    lettered, only_x, gap = False, True, False
    space = True  # as if one stood before the name
    while at < len(name):
        blank = name[at] == _SPACE or _TAB <= name[at] <= _RETURN
        if blank and (space or name[at] != _SPACE):
            kind |= UNEVEN
        space = blank
        first, second, at = _letter(name, at, letters)
        if first == _UNREADABLE:
            return OTHER, 0
        if first == _BETWEEN:
            gap = True
        elif first != _DROPPED:
            if gap and size > 0:
                out[size] = _SPACE
                size += 1
                only_x = False
            gap = False
            out[size], out[size + 1] = first, second  # a second that is none is written over
            size += 1 + (second != 0)
            if first >= _A:
                lettered = True
            if first != _X or second != 0:
                only_x = False
    if space and len(name):
        kind |= UNEVEN
    return kind if lettered and not only_x else kind | NO_NAME, size


@kernel
def _letter(name: UInt8Array, at: int, letters: UInt8Array) -> tuple[np.uint8, np.uint8, int]:
    """The small letter or figure that stands at a place, a second letter or 0, and the place of the next one."""
    byte = name[at]
    if byte >= 128:
        place = (np.int64(byte & 31) << 6) + np.int64(name[at + 1] & 63) - FIRST if byte < 224 else -1
        if not 0 <= place < len(letters):
            return _UNREADABLE, _UNREADABLE, at
        return letters[place, 0], letters[place, 1], at + 2
    if _CAPITAL_A <= byte <= _CAPITAL_Z:
        return np.uint8(byte + _TO_SMALL), np.uint8(0), at + 1
    if _A <= byte <= _Z or _0 <= byte <= _9:
        return byte, np.uint8(0), at + 1
    return _DROPPED if byte in (_QUOTE, _GRAVE) else _BETWEEN, np.uint8(0), at + 1
