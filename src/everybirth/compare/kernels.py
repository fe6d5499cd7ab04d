"""The level of each field of a pair, and what the levels say together."""

from typing import Any

import numpy as np

from everybirth.compare.fields import BASE, DAYS_AT, ECHO, KIND, MONTH_AT, PARTNER, STRING, YEAR_AT
from everybirth.compare.strings import END, FIRST, HEAD, LAST, SIGNATURE, SOUND, START, distance, within_one
from everybirth.compiled import inlined, inner_kernel, kernel
from everybirth.levels import CHANCE_UNIT, CONTEXT, NEAR_CONTEXT

SAME_BIRTH, SAME_DELIVERY, SAME_MOTHER = 0, 1, 2
_NAME, _DATE, _WEIGHT, _SAME, _CODE, _COUNT, _AGE, _RANK = range(8)
_SWAPPED = 6
_NEITHER = 9  # of plurality: no record gives it
_OF_SEVERAL = 9  # of order, where a record tells of twins: same; the next: different
_ONE_SIDED = 7  # of plurality and order: one, the other missing; the next: more than one
_LOG_2 = np.log(2.0)


@inlined
def date_level(a: Any, b: Any) -> Any:
    """Level of two different days, as Matrix.number has them."""
    gap = abs((a >> DAYS_AT) - (b >> DAYS_AT))
    if gap <= 3:
        return 2
    year, month = (a ^ b) >> YEAR_AT & 0xFFF, (a ^ b) >> MONTH_AT & 0xF
    month_a, day_a, month_b, day_b = a >> MONTH_AT & 0xF, a & 0x1F, b >> MONTH_AT & 0xF, b & 0x1F
    if year == 0:
        if month_a == day_b and day_a == month_b:
            return 3
        if month == 0:
            return 4
        if day_a == day_b:
            return 5
    elif month == 0 and day_a == day_b:
        return 5
    return 6 if gap <= 31 else 7


@inlined
def may_be_near(s: Any, t: Any) -> Any:
    """Whether two signatures allow that a slip made one string of the other.

    Names are near within one edit, or two if both have six letters or more; each edit changes two letter bits and one
    unit of length.
    """
    x, y = np.uint64(s), np.uint64(t)
    length_s, length_t = x >> np.uint64(58), y >> np.uint64(58)
    shorter, longer = min(length_s, length_t), max(length_s, length_t)
    edits = np.uint64(2) if shorter >= 6 else np.uint64(1)
    if longer - shorter > edits:
        return False
    x = (x ^ y) & np.uint64(0x03FFFFFFFFFFFFFF)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56) <= np.uint64(2) * edits


@inner_kernel
def name_level(strings: Any, chars: Any, s: Any, t: Any) -> Any:
    """Level of two different names."""
    if strings[s, SOUND] == strings[t, SOUND]:
        return 2
    a, a_end, b, b_end = strings[s, START], strings[s, END], strings[t, START], strings[t, END]
    shorter = min(a_end - a, b_end - b)
    if shorter >= 3 and may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE]):
        edits = distance(chars, a, a_end, b, b_end)
        if edits <= 1 or (edits == 2 and shorter >= 6):
            return 3
    if strings[s, FIRST] == strings[t, FIRST] or strings[s, LAST] == strings[t, LAST]:
        return 4
    if strings[s, FIRST] == strings[t, LAST] or strings[s, LAST] == strings[t, FIRST]:
        return 4
    for k in range(shorter):
        if chars[a + k] != chars[b + k]:
            return 5
    return 4 if shorter > 0 else 5


@inner_kernel
def code_level(strings: Any, chars: Any, s: Any, t: Any) -> Any:
    """Level of two different codes."""
    a, a_end, b, b_end = strings[s, START], strings[s, END], strings[t, START], strings[t, END]
    shorter, longer = min(a_end - a, b_end - b), max(a_end - a, b_end - b)
    if (
        shorter >= 4
        and may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE])
        and within_one(chars, a, a_end, b, b_end)
    ):
        return 2
    half = max(2, (longer + 1) // 2)
    if shorter < half:
        return 4
    x, y = strings[s, HEAD], strings[t, HEAD]
    if half <= 8 and x >= 0 and y >= 0:
        return 3 if (x ^ y) >> np.int64(8 * (8 - half)) == 0 else 4
    for k in range(half):
        if chars[a + k] != chars[b + k]:
            return 4
    return 3


@inlined
def level(fields: Any, number: Any, strings: Any, chars: Any, f: Any, a: Any, b: Any) -> Any:  # noqa: PLR0913, PLR0917
    """Comparison level of values a and b (codes) of field f, both present, seen apart from all other fields."""
    kind, base = fields[f, KIND], fields[f, BASE]
    if kind == _COUNT:
        if a != b:
            return 3
        return 1 if number[base + a] == 1 else 2
    if a == b:
        return 1
    if kind == _NAME:
        return name_level(strings, chars, fields[f, STRING] + a, fields[f, STRING] + b)
    if kind in (_SAME, _RANK):
        return 2
    if kind == _CODE:
        return code_level(strings, chars, fields[f, STRING] + a, fields[f, STRING] + b)
    x, y = number[base + a], number[base + b]
    if kind == _DATE:
        return date_level(x, y)
    gap = abs(x - y)
    if kind == _AGE:
        return 2 if gap <= 1 else (3 if gap <= 3 else 4)
    return 2 if gap <= 50 else (3 if gap <= 250 else (4 if gap <= 600 else 5))


@inlined
def one_sided(fields: Any, number: Any, f: Any, code: Any, parent_level: Any) -> Any:
    """Level of field f where one value at most is given (code, or MISSING): 0, but for plurality and order, which speak
    of twins.

    A plurality left blank on both tells as well, for it is left blank more often where there is one child. An order
    tells no more than a plurality does, so beside one of those it is silent.
    """
    kind = fields[f, KIND]
    if kind == _COUNT:
        if code < 0:
            return _NEITHER
    elif kind != _RANK or code < 0 or (parent_level > 0 and parent_level != _NEITHER):
        return 0
    return _ONE_SIDED if number[fields[f, BASE] + code] == 1 else _ONE_SIDED + 1


@inlined
def in_context(fields: Any, f: Any, alone: Any, parent_level: Any, repeats: Any) -> Any:
    """Level of a field that hangs on another one, given the level of that other one.

    Where the child's family name agrees, a parent's that repeats it agrees too, for unrelated pairs as well; births of
    one village are in one facility. Such agreement must not be counted as new evidence, so it has levels of its own.
    """
    if parent_level == 0 or (fields[f, KIND] == _RANK and parent_level == _NEITHER):
        return alone
    kind, e = fields[f, KIND], fields[f, ECHO]
    if kind == _RANK:  # an order tells children of one delivery apart, so it speaks where there may be several
        if parent_level in (1, _ONE_SIDED):
            return 0
        return _OF_SEVERAL if alone == 1 else _OF_SEVERAL + 1
    if kind == _AGE:  # an age tells nothing beside a birth date
        return 0
    agrees = parent_level in (1, CONTEXT, NEAR_CONTEXT)
    if kind == _NAME:
        if not agrees or not repeats:
            return alone
        near = alone <= 4
    else:
        nearly = parent_level in (2, 3, CONTEXT + 1, NEAR_CONTEXT + 1) and fields[e, KIND] == _CODE
        if not agrees and not nearly:
            return alone
        near = kind == _CODE and alone <= 3
    first = CONTEXT if agrees else NEAR_CONTEXT
    if alone == 1:
        return first
    return first + 1 if near else first + 2


@inner_kernel
def _log_u_near(near: Any, x: Any, y: Any) -> Any:
    """Log chance of two values a slip apart, of log frequencies x and y; near: log mean number of such neighbours."""
    low = min(x, y)
    return near + low - np.log1p(np.exp(low - max(x, y))) + _LOG_2


@kernel
def levels_of_pairs(matrix: Any, left: Any, right: Any, wanted: Any, out: Any) -> Any:
    """Fill out (n_pairs, n_fields) with the levels of given pairs, 0 for fields that are not wanted (n_fields,)."""
    codes, fields, _, number, strings, chars, _ = matrix
    for p in range(left.size):
        i, j = left[p], right[p]
        out[p, :] = 0
        swapped_family = -1
        for f in range(fields.shape[0]):
            if not wanted[f]:
                continue
            a, b = codes[i, f], codes[j, f]
            if a < 0 or b < 0 or f == swapped_family:
                e = fields[f, ECHO]
                out[p, f] = one_sided(fields, number, f, max(a, b), out[p, e] if e >= 0 else 0)
                continue
            g = fields[f, PARTNER]
            if g >= 0 and a != b and a == codes[j, g] and b == codes[i, g]:
                out[p, f] = _SWAPPED
                swapped_family = g
                continue
            lev = level(fields, number, strings, chars, f, a, b)
            e = fields[f, ECHO]
            if e >= 0:
                repeats = codes[i, f] == codes[i, e] or codes[j, f] == codes[j, e]
                lev = in_context(fields, f, lev, out[p, e], repeats)
            out[p, f] = lev


@kernel
def levels_of_values(matrix: Any, f: Any, a: Any, b: Any, out: Any) -> Any:
    """Fill out (n,) with the levels of value pairs of field f, apart from any record."""
    _, fields, _, number, strings, chars, _ = matrix
    for p in range(a.size):
        out[p] = level(fields, number, strings, chars, f, a[p], b[p])


@inner_kernel
def score(  # noqa: C901, PLR0912, PLR0913, PLR0917
    matrix: Any, scores: Any, i: Any, j: Any, out_levels: Any, chance: Any, sums: Any
) -> Any:
    """Levels and scores of records i and j; returns whether they reach the floor.

    chance  (n_fields,) on return log P(level | unrelated) of each field, in CHANCE_UNIT
    sums    (3,) on return the log likelihood ratio of each class against unrelated
    """
    codes, fields, log_freq, number, strings, chars = matrix
    log_m, log_u, log_near, by_value, uses, prior, floor = scores
    birth, delivery, mother = 0.0, 0.0, 0.0
    out_levels[:] = 0
    chance[:] = 0
    swapped_family = -1
    for f in range(fields.shape[0]):
        a, b = codes[i, f], codes[j, f]
        alone = np.int64(0)
        if a < 0 or b < 0 or f == swapped_family:
            e = fields[f, ECHO]
            alone = np.int64(one_sided(fields, number, f, max(a, b), out_levels[e] if e >= 0 else 0))
            if alone == 0:
                continue
        base, g = fields[f, BASE], fields[f, PARTNER]
        if alone > 0:
            lev, u = alone, log_u[f, alone]
        elif g >= 0 and a != b and a == codes[j, g] and b == codes[i, g]:
            # the chance that two records hold names a and b crosswise: given and family name, each by its frequency
            lev, swapped_family, other = np.int64(_SWAPPED), g, fields[g, BASE]
            u = np.float64(max(log_freq[base + a], log_freq[base + b])) + max(log_freq[other + a], log_freq[other + b])
        else:
            lev = np.int64(level(fields, number, strings, chars, f, a, b))
            e = fields[f, ECHO]
            if e >= 0:
                repeats = codes[i, f] == codes[i, e] or codes[j, f] == codes[j, e]
                lev = np.int64(in_context(fields, f, lev, out_levels[e], repeats))
            if by_value[f] and lev == 1:
                u = np.float64(log_freq[base + a])
            elif by_value[f] and not np.isnan(log_near[f, lev]):
                u = _log_u_near(log_near[f, lev], np.float64(log_freq[base + a]), np.float64(log_freq[base + b]))
            else:
                u = log_u[f, lev]
        if lev == 0:
            continue
        out_levels[f] = lev
        chance[f] = np.int16(np.round(max(u, -120.0) / CHANCE_UNIT))
        if uses[SAME_BIRTH, f]:
            birth += log_m[SAME_BIRTH, f, lev] - u
        if uses[SAME_DELIVERY, f]:
            delivery += log_m[SAME_DELIVERY, f, lev] - u
        if uses[SAME_MOTHER, f]:
            mother += log_m[SAME_MOTHER, f, lev] - u
    sums[SAME_BIRTH], sums[SAME_DELIVERY], sums[SAME_MOTHER] = birth, delivery, mother
    return max(birth + prior[SAME_BIRTH], delivery + prior[SAME_DELIVERY]) >= floor


@kernel
def score_pairs(matrix: Any, scores: Any, left: Any, right: Any, out: Any) -> Any:
    """Fill levels and chance (n_pairs, n_fields) and sums (n_pairs, 3) of given pairs; scores.floor must be -inf, so
    that none is given up.
    """
    levels, chance, sums = out
    every = (matrix.codes, matrix.fields, matrix.log_freq, matrix.number, matrix.strings, matrix.chars)
    for p in range(left.size):
        score(every, scores, left[p], right[p], levels[p], chance[p], sums[p])
