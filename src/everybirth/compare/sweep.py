"""The hot loop: blocks are swept for pairs; most are given up by a bound before anything is compared in full."""

from typing import Any

import numpy as np

from everybirth.compare.fields import (
    BASE,
    DAYS_AT,
    ECHO,
    KIND,
    LETTERS,
    MONTH_AT,
    PARTNER,
    RARITY_UNIT,
    STRING,
    YEAR_AT,
)
from everybirth.compare.kernels import SAME_BIRTH, SAME_DELIVERY, code_level, may_be_near, score
from everybirth.compare.strings import FIRST, LAST, LENGTH_AT, LETTERS_MASK, SIGNATURE
from everybirth.compiled import inlined, inner_kernel, kernel
from everybirth.levels import Comparison

NAME, DATE, WEIGHT, SAME = int(Comparison.NAME), int(Comparison.DATE), int(Comparison.WEIGHT), int(Comparison.SAME)
CODE, COUNT, AGE, RANK = int(Comparison.CODE), int(Comparison.COUNT), int(Comparison.AGE), int(Comparison.RANK)

# What is known of a field of a pair without comparing strings: its state. 0: missing. Of plurality and order a state of
# their own; of all other kinds the level that the two values have apart from all else, of names that differ the nearest
# that their letters allow, REPEATS added where a name repeats the one that it hangs on.
ONE_ALONE, MORE_ALONE, BOTH_ONE, BOTH_MORE, UNEQUAL = 1, 2, 3, 4, 5
REPEATS = 8
_LOOK = 9
UNKNOWN = 8  # of two codes that differ: how much is looked up only where it matters
N_STATES = 16
# How much a state can give beside its table.
BY_VALUE, BY_RARITY = 1, 2

_SWAPPED_GAIN = 40.0  # more than names crosswise can score
_SLACK = 1e-3  # the bound is added up in single precision
_ROWS = 512  # records that lie ready at a time: few enough for the processor's nearer memory
_ODD = 28  # more, so that a column's places are not those of the others in the cache
_BATCH = 1024  # pairs that are bounded at a time, field by field, so that the same short loop runs many times


@inlined
def _bits(x: Any) -> Any:
    """How many of the lower 32 bits are set."""
    x = x - ((x >> 1) & 0x55555555)
    x = (x & 0x33333333) + ((x >> 2) & 0x33333333)
    return ((((x + (x >> 4)) & 0x0F0F0F0F) * 0x01010101) & 0xFFFFFFFF) >> 24


@inlined
def _codes_apart(letters: Any, s: Any, t: Any) -> Any:
    """kernels.code_level of two different codes if their letters and beginnings tell it, else _LOOK."""
    a, b = letters[s, 0], letters[t, 0]
    same_length = ((a ^ b) >> LENGTH_AT == 0) & ((a >> LENGTH_AT) & 31 < 31)
    return 4 if same_length & (letters[s, 1] != letters[t, 1]) & (_bits(np.int64(a ^ b) & LETTERS_MASK) > 2) else _LOOK


@inlined
def _unequal_names(letters_a: Any, letters_b: Any, sound_a: Any, sound_b: Any) -> Any:
    """The nearest level of two different names that letters and sound allow: 3 near, 4 part of the other, 5 different.

    Each slip of the pen changes at most two letters of the set and one unit of length; names are near within one slip,
    or two if both have six letters or more. Without a second word one name is part of another only if its letters are.
    """
    a, b = np.int64(letters_a) & LETTERS_MASK, np.int64(letters_b) & LETTERS_MASK
    length_a, length_b = (letters_a >> LENGTH_AT) & 31, (letters_b >> LENGTH_AT) & 31
    slips = 1 + (min(length_a, length_b) >= 6)
    near = (abs(length_a - length_b) <= slips) & (_bits(a ^ b) <= 2 * slips) | (sound_a >> 8 == sound_b >> 8)
    part = (a & ~b == 0) | (b & ~a == 0) | ((letters_a | letters_b) < 0)
    return 5 - 2 * near - (part & ~near)


@inlined
def _days_apart(x: Any, y: Any) -> Any:
    """kernels.date_level of two different days, without a branch."""
    gap = abs((x >> DAYS_AT) - (y >> DAYS_AT))
    z = x ^ y
    month_x, day_x, month_y, day_y = x >> MONTH_AT & 0xF, x & 0x1F, y >> MONTH_AT & 0xF, y & 0x1F
    same_year, same_month, same_day = z >> YEAR_AT & 0xFFF == 0, z >> MONTH_AT & 0xF == 0, z & 0x1F == 0
    lev = 6 if gap <= 31 else 7
    lev = 5 if (same_year & same_day) | (same_month & same_day) else lev
    lev = 4 if same_year & same_month else lev
    lev = 3 if same_year & (month_x == day_y) & (day_x == month_y) else lev
    return 2 if gap <= 3 else lev


@inlined
def _counts(number: Any, base: Any, a: Any, b: Any) -> Any:
    """State of two pluralities or orders."""
    if a < 0 and b < 0:
        return 0
    if a < 0 or b < 0:
        return ONE_ALONE if number[base + max(a, b)] == 1 else MORE_ALONE
    if a != b:
        return UNEQUAL
    return BOTH_ONE if number[base + a] == 1 else BOTH_MORE


@inlined
def _may_be_part(strings: Any, s: Any, t: Any) -> Any:
    """Whether one of two names may begin with the other or share a word with it."""
    x, y = strings[s, SIGNATURE] & 0x03FFFFFFFFFFFFFF, strings[t, SIGNATURE] & 0x03FFFFFFFFFFFFFF
    if x & ~y == 0 or y & ~x == 0:  # the letters of one are all in the other
        return True
    a, b = strings[s, FIRST], strings[s, LAST]
    c, d = strings[t, FIRST], strings[t, LAST]
    return a in (c, d) or b in (c, d)


@inner_kernel
def _look_up(matrix: Any, tops: Any, needs: Any, rows: Any, first: Any, second: Any, n: Any, room: Any) -> Any:  # noqa: PLR0913, PLR0917
    """Lower the bounds that still reach what is needed by what the tables of strings tell at once; see _bound."""
    _, fields, _, _, strings, chars, _ = matrix
    _, gain_birth, gain_delivery, extra, top_near, at_once = tops
    by_birth, by_delivery, _, states, _, _ = room
    need_birth, need_delivery = needs
    for f in range(fields.shape[0]):
        kind, string, births, deliveries = fields[f, KIND], fields[f, STRING], gain_birth[f], gain_delivery[f]
        if kind != NAME and (kind != CODE or at_once[f]):
            continue
        for k in range(n):
            if by_birth[k] < need_birth and by_delivery[k] < need_delivery:
                continue
            then = states[f, k]
            p, q = first[k], second[k]
            s, t = string + rows[f, p], string + rows[f, q]
            if kind == NAME and then % REPEATS in (2, 3, 4):
                heard = fields[f, LETTERS] + 1
                if then % REPEATS < 4 and (
                    rows[heard, p] >> 8 == rows[heard, q] >> 8
                    or may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE])
                ):
                    continue
                now = then - then % REPEATS + (4 if _may_be_part(strings, s, t) else 5)
                was_birth, was_delivery = births[then], deliveries[then]
                if extra[f, then] == BY_RARITY:
                    rare = np.float32(max(rows[heard, p] & 255, rows[heard, q] & 255) * RARITY_UNIT)
                    was_birth = max(was_birth, top_near[0, f] + rare)
                    was_delivery = max(was_delivery, top_near[1, f] + rare)
                by_birth[k] += births[now] - was_birth
                by_delivery[k] += deliveries[now] - was_delivery
            elif kind == CODE and then % N_STATES == UNKNOWN:
                now = then - UNKNOWN + code_level(strings, chars, s, t)
                by_birth[k] += births[now] - births[then]
                by_delivery[k] += deliveries[now] - deliveries[then]


@inner_kernel
def _bound(matrix: Any, tops: Any, needs: Any, rows: Any, first: Any, second: Any, n: Any, room: Any) -> Any:  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917
    """The most that each pair can score as one birth, and as one delivery.

    needs          (2,) bounds under which nothing more is looked up
    rows           (width, n_rows) the records at hand, a column of Matrix.codes each
    first, second  (n or more,) places in rows
    room           by_birth, by_delivery (n,), on return the bounds; met (n_fields + 1, n) for levels, the last row all
                   0; states (n_fields, n), a (n,), b (n,) for use inside
    """
    _, fields, log_freq, number, strings, chars, letters = matrix
    level_of, gain_birth, gain_delivery, extra, top_near, at_once = tops
    by_birth, by_delivery, met, states, a_of, b_of = room
    n_fields = fields.shape[0]
    by_birth[:n] = 0.0
    by_delivery[:n] = 0.0
    for f in range(n_fields):
        kind, base, string, e = fields[f, KIND], fields[f, BASE], fields[f, STRING], fields[f, ECHO]
        column, at = rows[f], states[f]
        for k in range(n):
            a_of[k] = column[first[k]]
            b_of[k] = column[second[k]]
        if kind == NAME:
            spelt, heard = rows[fields[f, LETTERS]], rows[fields[f, LETTERS] + 1]
            for k in range(n):
                p, q = first[k], second[k]
                unequal = _unequal_names(spelt[p], spelt[q], heard[p], heard[q])
                known = 1 if a_of[k] == b_of[k] else unequal
                at[k] = 0 if (a_of[k] | b_of[k]) < 0 else known
            if e >= 0:
                hung = rows[e]
                for k in range(n):
                    at[k] += REPEATS * ((a_of[k] == hung[first[k]]) | (b_of[k] == hung[second[k]]))
        elif kind == DATE:
            for k in range(n):
                a, b = a_of[k], b_of[k]
                known = _days_apart(number[base + max(a, 0)], number[base + max(b, 0)])
                known = 1 if a == b else known
                at[k] = 0 if (a | b) < 0 else known
        elif kind == CODE:
            if at_once[f]:
                for k in range(n):
                    at[k] = _codes_apart(letters, string + max(a_of[k], 0), string + max(b_of[k], 0))
            else:
                at[:n] = UNKNOWN
            for k in range(n):
                known = 1 if a_of[k] == b_of[k] else at[k]
                at[k] = 0 if (a_of[k] | b_of[k]) < 0 else known
            for k in range(n):
                if at[k] == _LOOK:
                    at[k] = code_level(strings, chars, string + a_of[k], string + b_of[k])
        elif kind == SAME:
            for k in range(n):
                known = 1 if a_of[k] == b_of[k] else 2
                at[k] = 0 if (a_of[k] | b_of[k]) < 0 else known
        elif kind in (COUNT, RANK):
            for k in range(n):
                at[k] = _counts(number, base, a_of[k], b_of[k])
        else:
            one, two, three = (1, 3, 1 << 40) if kind == AGE else (50, 250, 600)
            for k in range(n):
                a, b = a_of[k], b_of[k]
                gap = abs(number[base + max(a, 0)] - number[base + max(b, 0)])
                known = 2 + (gap > one) + (gap > two) + (gap > three)
                known = 1 if a == b else known
                at[k] = 0 if (a | b) < 0 else known
        if e >= 0:
            above = met[e]
            for k in range(n):
                at[k] += N_STATES * above[k]
        levels, births, deliveries, more = level_of[f], gain_birth[f], gain_delivery[f], extra[f]
        level = met[f]
        for k in range(n):
            level[k] = levels[at[k]]
            by_birth[k] += births[at[k]]
            by_delivery[k] += deliveries[at[k]]
        if kind == NAME:
            heard = rows[fields[f, LETTERS] + 1]
            for k in range(n):
                rare = np.float32(max(heard[first[k]] & 255, heard[second[k]] & 255) * RARITY_UNIT)
                if more[at[k]] == BY_VALUE:
                    by_birth[k] += rare
                    by_delivery[k] += rare
                elif more[at[k]] == BY_RARITY:
                    by_birth[k] += max(0.0, top_near[0, f] + rare - births[at[k]])
                    by_delivery[k] += max(0.0, top_near[1, f] + rare - deliveries[at[k]])
        else:
            for k in range(n):
                if more[at[k]] == BY_VALUE:
                    rare = -log_freq[base + a_of[k]]
                    by_birth[k] += rare
                    by_delivery[k] += rare
        if fields[f, PARTNER] >= 0:
            other = rows[fields[f, PARTNER]]
            for k in range(n):
                if (a_of[k] == other[second[k]]) & (b_of[k] == other[first[k]]) & ((a_of[k] | b_of[k]) >= 0):
                    by_birth[k] += _SWAPPED_GAIN
                    by_delivery[k] += _SWAPPED_GAIN
    _look_up(matrix, tops, needs, rows, first, second, n, room)


@kernel
def sweep(matrix: Any, scores: Any, tops: Any, blocks: Any, state: Any, out: Any) -> Any:  # noqa: C901, PLR0912, PLR0915
    """Compare all pairs within blocks that no earlier rule has brought together; keep those that reach the floor.

    tops     the most that each field can score, see scan.tops
    blocks   (rule, order, start, last, window, keys): records order[start[b]:start[b + 1]] form block b, up to block
             last - 1; each record is compared with the next `window` of its block; keys see tables.Keys
    state    (5,) int64: block, place of left, place of right to go on from; pairs looked at, pairs compared in full;
             updated
    out      (left, right, levels, chance, sums) buffers; returns how many were filled. The sweep stops when they may be
             full.

    Only pairs whose bound reaches the floor are compared in full.
    """
    rule, order, start, last, window, keys = blocks
    left, right, levels, chance, sums = out
    codes, fields, log_freq, number, strings, chars, _ = matrix
    parts, rules_of, oversized = keys
    n_fields, n_parts, width = fields.shape[0], parts.shape[1], codes.shape[1]
    need_birth = scores.floor - scores.prior[SAME_BIRTH] - _SLACK
    need_delivery = scores.floor - scores.prior[SAME_DELIVERY] - _SLACK
    needs = (need_birth, need_delivery)
    earlier = (np.int64(1) << rule) - 1
    room, batch = _ROWS + 2 * window, min(_BATCH, left.size)
    rows = np.empty((width, room + _ODD), np.int32)
    fetched, shared = np.empty((room, width), np.int32), np.empty((room, n_parts), np.int32)
    masked = np.zeros(room, np.int64)
    here, wanted = np.zeros(room, np.bool_), np.empty(room, np.int32)
    first, second = np.empty(batch, np.int32), np.empty(batch, np.int32)
    by_birth, by_delivery = np.empty(batch, np.float32), np.empty(batch, np.float32)
    met = np.zeros((n_fields + 1, batch), np.int8)
    states, a_of, b_of = np.empty((n_fields, batch), np.int32), np.empty(batch, np.int32), np.empty(batch, np.int32)
    bounds = (by_birth, by_delivery, met, states, a_of, b_of)
    at_hand = (fetched, fields, log_freq, number, strings, chars)
    first_row = end_row = np.int64(0)
    filled = 0
    block, x, y = state[0], state[1], state[2]
    while block < last and filled + batch <= left.size:
        n = 0
        while block < last and n < batch:
            end = start[block + 1]
            if x >= end - 1:
                block += 1
                if block < last:
                    x = start[block]
                    y = x + 1
                continue
            limit = min(end, x + 1 + window)
            if limit > end_row or x < first_row:
                if n > 0:  # these still point at the rows at hand
                    break
                # Records near each other in order are far apart in memory: fetched together, the waits overlap.
                first_row, end_row = x, min(x + room, start[last])
                for t in range(end_row - first_row):
                    i = order[first_row + t]
                    for k in range(n_parts):
                        shared[t, k] = parts[i, k]
                    if oversized.size > 1:
                        masked[t] = oversized[i]
                here[: end_row - first_row] = False
            p = x - first_row
            while y < limit and n < batch:
                q = y - first_row
                agree = np.int64(0)
                for k in range(n_parts):
                    agree |= np.int64(shared[p, k] == shared[q, k] and shared[p, k] >= 0) << k
                y += 1
                if rules_of[agree] & earlier & ~masked[p] == 0:
                    first[n], second[n] = p, q
                    n += 1
            if y >= limit:
                x += 1
                y = x + 1
        state[3] += n
        n_wanted = 0
        for k in range(n):  # most records of most rules have met all others of their block before
            for t in (first[k], second[k]):
                if not here[t]:
                    here[t] = True
                    wanted[n_wanted] = t
                    n_wanted += 1
        for k in range(n_wanted):
            t, i = wanted[k], order[first_row + wanted[k]]
            for f in range(width):
                fetched[t, f] = codes[i, f]
        for k in range(n_wanted):
            t = wanted[k]
            for f in range(width):
                rows[f, t] = fetched[t, f]
        _bound(matrix, tops, needs, rows, first, second, n, bounds)
        for k in range(n):
            if by_birth[k] < need_birth and by_delivery[k] < need_delivery:
                continue
            state[4] += 1
            p, q = first[k], second[k]
            if order[first_row + p] > order[first_row + q]:
                p, q = q, p
            if score(at_hand, scores, p, q, levels[filled], chance[filled], sums[filled]):
                left[filled], right[filled] = order[first_row + p], order[first_row + q]
                filled += 1
    state[0], state[1], state[2] = block, x, y
    return filled
