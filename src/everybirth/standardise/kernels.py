"""The loops of encoding: over rows by their codes, and over the bytes of texts."""

import numpy as np
import numpy.typing as npt

from everybirth.compiled import kernel
from everybirth.tables import MISSING, BoolArray, Int32Array, Int64Array, UInt64Array

UInt8Array = npt.NDArray[np.uint8]

ABSENT = 0  # what stands at a place behind a text's end; byte b stands for b + 1


def wake() -> None:
    """Call a kernel, so that the compiler is ready: that takes a quarter of a second, once."""
    take(np.zeros(1, np.int32), np.zeros(1, np.int32))


@kernel
def mark(used: BoolArray, codes: Int32Array) -> None:
    """Mark the entries that rows have, in place."""
    for row in range(len(codes)):
        if codes[row] >= 0:
            used[codes[row]] = True


@kernel
def take(values: Int32Array, codes: Int32Array) -> Int32Array:
    """(n_rows,) value of each row's code, MISSING where the code is."""
    found = np.empty(len(codes), np.int32)
    for row in range(len(codes)):
        found[row] = values[codes[row]] if codes[row] >= 0 else MISSING
    return found


@kernel
def characters(text: UInt8Array, ends: Int64Array, which: Int64Array, first: int, n_places: int) -> BoolArray:
    """(n_places, 257) which bytes stand at each place of the chosen texts from the first place on.

    text    bytes of all texts, one after the other
    ends    (n + 1,) where each text ends; the first begins at ends[0]
    which   (n_chosen,) the texts
    """
    seen = np.zeros((n_places, 257), np.bool_)
    for number in which:
        begin, end = ends[number] + first, ends[number + 1]
        for place in range(n_places):
            at = begin + place
            if at >= end:
                for behind in range(place, n_places):
                    seen[behind, ABSENT] = True
                break
            seen[place, text[at] + 1] = True
    return seen


@kernel
def numbers(text: UInt8Array, ends: Int64Array, which: Int64Array, first: int, weights: UInt64Array) -> UInt64Array:
    """(n_chosen,) the places of the chosen texts from the first place on, as one number.

    weights   (n_places, 257) what a byte at a place adds
    """
    found = np.zeros(len(which), np.uint64)
    for i in range(len(which)):
        begin, end = ends[which[i]] + first, ends[which[i] + 1]
        number = np.uint64(0)
        for place in range(len(weights)):
            at = begin + place
            number += weights[place, text[at] + 1 if at < end else ABSENT]
        found[i] = number
    return found


@kernel
def present(numbers: Int64Array, known: BoolArray, low: int, span: int) -> BoolArray:
    """(span,) which whole numbers, from low on, some known one is."""
    found = np.zeros(span, np.bool_)
    for row in range(len(numbers)):
        if known[row]:
            found[numbers[row] - low] = True
    return found


@kernel
def places(numbers: Int64Array, known: BoolArray, low: int, place: Int32Array) -> Int32Array:
    """(n_rows,) place of each known number, MISSING for the others.

    place   (span,) place of each whole number from low on
    """
    codes = np.empty(len(numbers), np.int32)
    for row in range(len(numbers)):
        codes[row] = place[numbers[row] - low] if known[row] else MISSING
    return codes


@kernel
def raise_by(by: int, codes: Int32Array, to: Int32Array) -> None:
    """Fill `to` with codes so much higher, MISSING where they are."""
    for row in range(len(codes)):
        to[row] = codes[row] + by if codes[row] >= 0 else MISSING
