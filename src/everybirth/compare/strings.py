"""Strings as integer arrays: characters, letter signatures, sound keys; and bounded edit distance on them."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from everybirth.compiled import kernel, loop_kernel
from everybirth.tables import MISSING, Int32Array, Int64Array


class Strings(NamedTuple):
    """Distinct strings, ready for kernels.

    chars   (n_chars,) code points of all strings, one after another: uint8 where all are ASCII, else uint32
    table   (n_strings, 6) int64, a row per string so that one cache line holds all that is asked of it: see the columns
            below
    letters (n_strings, 2) int32, less telling than the table but short: a set of 26 letters, above it 5 bits of length
            (31 and longer alike), negative where the string has several words; and a hash of its first half
    """

    chars: "np.typing.NDArray[np.uint8] | np.typing.NDArray[np.uint32]"
    table: Int64Array
    letters: Int32Array


# Columns of Strings.table.
SIGNATURE = 0  # 29 letter buckets x 2 bits (present, present twice) and 6 bits of length: a bound on edit distance
SOUND = 1  # strings with the same number sound alike
START, END = 2, 3  # where the string stands in chars
FIRST, LAST = 4, 5  # of names: numbers of the first and the last word; equal words have equal numbers
HEAD = 4  # of codes: the first eight characters, a byte each; -1 where one is not ASCII

# Strings.letters.
LETTERS_MASK = (1 << 26) - 1
LENGTH_AT = 26
_SEVERAL = -(1 << 31)

# Letters that are often written for one another share a class; vowels, h and w are dropped after the first letter.
_SOUND_CLASS = np.zeros(128, dtype=np.uint8)
for _number, _letters in enumerate(("aeiouyjhw", "bv", "ckgq", "szx", "dt", "f", "l", "mn", "p", "r")):
    for _letter in _letters:
        _SOUND_CLASS[ord(_letter)] = _number + 1


def strings(names: pl.Series, codes: pl.Series) -> Strings:
    """Prepare distinct strings for comparison, the names before the codes.

    names, codes   (n_names,), (n_codes,) String, standardised, no nulls
    """
    values, n_names = pl.concat([names, codes]), len(names)
    chars = _chars(values)
    start = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values.str.len_chars().to_numpy(), out=start[1:])
    signature, sound_key, letters, head = _signatures(chars, start, _SOUND_CLASS)
    table = np.empty((len(values), 6), dtype=np.int64)
    table[:, SIGNATURE] = signature.view(np.int64)
    table[:n_names, SOUND] = np.unique(sound_key[:n_names], return_inverse=True)[1]
    table[n_names:, SOUND] = MISSING
    table[:, START], table[:, END] = start[:-1], start[1:]
    table[:n_names, FIRST], table[:n_names, LAST] = _tokens(names)
    table[n_names:, HEAD], table[n_names:, LAST] = head[n_names:], MISSING
    return Strings(chars, table, letters)


def _chars(values: pl.Series) -> "np.typing.NDArray[np.uint8] | np.typing.NDArray[np.uint32]":
    """All characters, one after another: a byte each where they are ASCII, else four, since most data are ASCII."""
    text = values.str.join("").item() or ""
    if text.isascii():
        return np.frombuffer(text.encode(), dtype=np.uint8).copy()
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).copy()


def _tokens(values: pl.Series) -> tuple[Int64Array, Int64Array]:
    """A number for the first and for the last word of each string: equal words have equal numbers."""
    first = values.hash().to_numpy().view(np.int64).copy()
    last = first.copy()
    several = np.flatnonzero(values.str.contains(" ", literal=True).to_numpy())
    words = values.gather(pl.Series(several.astype(np.uint32)))
    first[several] = words.str.extract(r"^(\S+)", 1).fill_null("").hash().to_numpy().view(np.int64)
    last[several] = words.str.extract(r"(\S+)$", 1).fill_null("").hash().to_numpy().view(np.int64)
    return first, last


@kernel
def _signatures(chars: Any, start: Any, sound_class: Any) -> Any:
    n = start.size - 1
    signature = np.zeros(n, dtype=np.uint64)
    sound = np.zeros(n, dtype=np.uint64)
    letters = np.zeros((n, 2), dtype=np.int32)
    head = np.zeros(n, dtype=np.int64)
    one = np.uint64(1)
    for s in range(n):
        bits = np.uint64(0)
        key = np.uint64(14695981039346656037)
        some = first = np.int64(0)
        plain = True
        previous = np.int64(0)
        begin, end = start[s], start[s + 1]
        for k in range(begin, end):
            c = chars[k]
            some |= np.int64(1) << np.int64((c & 31) % 26)
            if k - begin < 8:
                plain &= c < 128
                first |= np.int64(c & 127) << np.int64(56 - 8 * (k - begin))
            if c == 32:
                some |= np.int64(_SEVERAL)
            bucket = np.uint64(2 * ((c & 31) % 29))
            if bits >> bucket & one:
                bits |= one << (bucket + one)
            else:
                bits |= one << bucket
            group = np.int64(c) if c >= 128 else np.int64(sound_class[c])
            if group == 0:  # spaces, digits, marks: nothing to hear
                continue
            if c == 112 and k + 1 < end and chars[k + 1] == 104:  # ph sounds f
                group = np.int64(6)
            elif c == 99 and k + 1 < end and (chars[k + 1] == 101 or chars[k + 1] == 105 or chars[k + 1] == 121):
                group = np.int64(4)  # c before e, i, y sounds s
            if group == 1 and k > begin:
                previous = np.int64(1)
                continue
            if group == previous and k > begin:
                continue
            previous = group
            key = (key ^ np.uint64(group)) * np.uint64(1099511628211)
        signature[s] = bits | np.uint64(min(end - begin, 63)) << np.uint64(58)
        sound[s] = key
        head[s] = first if plain else -1
        letters[s, 0] = np.int32(some | np.int64(min(end - begin, 31)) << LENGTH_AT)
        half = np.int64(end - begin)
        for k in range(begin, min(begin + max(2, (end - begin + 1) // 2), end)):
            half = (half ^ np.int64(chars[k])) * np.int64(16777619) & 0xFFFFFFFF
        letters[s, 1] = np.int32(half ^ half >> 16 if half < 0x80000000 else half - 0x100000000)
    return signature, sound, letters, head


@loop_kernel
def within_one(chars: Any, a: Any, a_end: Any, b: Any, b_end: Any) -> Any:
    """Whether one insertion, deletion, substitution or swap of neighbours at most separates two strings."""
    while a < a_end and b < b_end and chars[a] == chars[b]:
        a += 1
        b += 1
    while a < a_end and b < b_end and chars[a_end - 1] == chars[b_end - 1]:
        a_end -= 1
        b_end -= 1
    left, right = a_end - a, b_end - b
    if left <= 1 and right <= 1:
        return True
    return left == 2 and right == 2 and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]


@loop_kernel
def distance(chars: Any, a: Any, a_end: Any, b: Any, b_end: Any) -> Any:
    """Edit distance with swaps of neighbours (optimal string alignment) of chars[a:a_end] and chars[b:b_end] up to 2;
    3: more.

    After the common beginning and end are stripped an edit must happen at the first place, so each kind of edit is
    tried there and the rest checked for one more. Source: Damerau 1964; Boytsov 2011 on bounded search by edits.
    """
    if abs((a_end - a) - (b_end - b)) > 2:
        return 3
    while a < a_end and b < b_end and chars[a] == chars[b]:
        a += 1
        b += 1
    while a < a_end and b < b_end and chars[a_end - 1] == chars[b_end - 1]:
        a_end -= 1
        b_end -= 1
    left, right = a_end - a, b_end - b
    if left == 0 and right == 0:
        return 0
    if within_one(chars, a, a_end, b, b_end):
        return 1
    if left <= 2 and right <= 2:
        return 2
    if left > 0 and right > 0 and within_one(chars, a + 1, a_end, b + 1, b_end):
        return 2
    if left > 0 and within_one(chars, a + 1, a_end, b, b_end):
        return 2
    if right > 0 and within_one(chars, a, a_end, b + 1, b_end):
        return 2
    swapped = left > 1 and right > 1 and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]
    if swapped and within_one(chars, a + 2, a_end, b + 2, b_end):
        return 2
    return 3
