"""The hot loop: levels of a pair, its scores, and the scan of blocks that keeps the pairs worth keeping."""

import numpy as np
from numba import njit

from everybirth.compare.fields import BASE, ECHO, KIND, PARTNER, STRING
from everybirth.compare.strings import END, FIRST, LAST, SIGNATURE, SOUND, START, distance, within_one
from everybirth.levels import CHANCE_UNIT

SAME_BIRTH, SAME_DELIVERY, SAME_MOTHER = 0, 1, 2
_NAME, _DATE, _WEIGHT, _SAME, _CODE, _COUNT, _AGE, _RANK = range(8)
_SWAPPED = 6
_SWAPPED_GAIN = 40.0  # more than names crosswise can score
_CONTEXT, _NEAR_CONTEXT = 7, 10  # first of three levels each: same, near, different
_NEITHER = 9  # of plurality: no record gives it
_OF_SEVERAL = 9  # of order, where a record tells of twins: same; the next: different
_ONE_SIDED = 7  # of plurality and order: one, the other missing; the next: more than one
_LOG_2 = np.log(2.0)


@njit(cache=True, nogil=True)
def _date_level(a, b):  # type: ignore[no-untyped-def]
    """Level of two different days. Days since 1970 are taken apart by the civil-calendar arithmetic of Howard Hinnant
    (2014).
    """
    gap = abs(a - b)
    if gap <= 3:
        return 2
    year_a, month_a, day_a = _civil(a)
    year_b, month_b, day_b = _civil(b)
    if year_a == year_b:
        if month_a == day_b and day_a == month_b:
            return 3
        if month_a == month_b:
            return 4
        if day_a == day_b:
            return 5
    elif month_a == month_b and day_a == day_b:
        return 5
    return 6 if gap <= 31 else 7


@njit(cache=True, nogil=True)
def _civil(days):  # type: ignore[no-untyped-def]
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day = doy - (153 * mp + 2) // 5 + 1
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (1 if month <= 2 else 0), month, day


@njit(cache=True, nogil=True, inline="always")
def _may_be_near(s, t):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def _name_level(strings, chars, s, t):  # type: ignore[no-untyped-def]
    """Level of two different names."""
    if strings[s, SOUND] == strings[t, SOUND]:
        return 2
    a, a_end, b, b_end = strings[s, START], strings[s, END], strings[t, START], strings[t, END]
    shorter = min(a_end - a, b_end - b)
    if shorter >= 3 and _may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE]):
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


@njit(cache=True, nogil=True)
def _code_level(strings, chars, s, t):  # type: ignore[no-untyped-def]
    """Level of two different codes."""
    a, a_end, b, b_end = strings[s, START], strings[s, END], strings[t, START], strings[t, END]
    shorter, longer = min(a_end - a, b_end - b), max(a_end - a, b_end - b)
    may_be_near = shorter >= 4 and _may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE])
    if may_be_near and within_one(chars, a, a_end, b, b_end):
        return 2
    half = max(2, (longer + 1) // 2)
    if shorter < half:
        return 4
    for k in range(half):
        if chars[a + k] != chars[b + k]:
            return 4
    return 3


@njit(cache=True, nogil=True, inline="always")
def _level(fields, number, strings, chars, f, a, b):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Comparison level of values a and b (codes) of field f, both present, seen apart from all other fields."""
    kind, base = fields[f, KIND], fields[f, BASE]
    if kind == _COUNT:
        if a != b:
            return 3
        return 1 if number[base + a] == 1 else 2
    if a == b:
        return 1
    if kind == _NAME:
        return _name_level(strings, chars, fields[f, STRING] + a, fields[f, STRING] + b)
    if kind in (_SAME, _RANK):
        return 2
    if kind == _CODE:
        return _code_level(strings, chars, fields[f, STRING] + a, fields[f, STRING] + b)
    x, y = np.int64(number[base + a]), np.int64(number[base + b])
    if kind == _DATE:
        return _date_level(x, y)
    gap = abs(x - y)
    if kind == _AGE:
        return 2 if gap <= 1 else (3 if gap <= 3 else 4)
    return 2 if gap <= 50 else (3 if gap <= 250 else (4 if gap <= 600 else 5))


@njit(cache=True, nogil=True, inline="always")
def _one_sided(fields, number, f, code, parent_level):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True, inline="always")
def _in_context(codes, fields, i, j, f, alone, parent_level):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
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
    agrees = parent_level in (1, _CONTEXT, _NEAR_CONTEXT)
    if kind == _NAME:
        if not agrees or (codes[i, f] != codes[i, e] and codes[j, f] != codes[j, e]):
            return alone
        near = alone <= 4
    else:
        nearly = parent_level in (2, 3, _CONTEXT + 1, _NEAR_CONTEXT + 1) and fields[e, KIND] == _CODE
        if not agrees and not nearly:
            return alone
        near = kind == _CODE and alone <= 3
    first = _CONTEXT if agrees else _NEAR_CONTEXT
    if alone == 1:
        return first
    return first + 1 if near else first + 2


@njit(cache=True, nogil=True)
def _log_u_near(near, x, y):  # type: ignore[no-untyped-def]
    """Log chance of two values a slip apart, of log frequencies x and y; near: log mean number of such neighbours."""
    low = min(x, y)
    return near + low - np.log1p(np.exp(low - max(x, y))) + _LOG_2


@njit(cache=True, nogil=True)
def levels_of_pairs(matrix, left, right, out):  # type: ignore[no-untyped-def]
    """Fill out (n_pairs, n_fields) with the levels of given pairs."""
    codes, fields, _, number, strings, chars = matrix
    for p in range(left.size):
        i, j = left[p], right[p]
        out[p, :] = 0
        swapped_family = -1
        for f in range(fields.shape[0]):
            a, b = codes[i, f], codes[j, f]
            if a < 0 or b < 0 or f == swapped_family:
                e = fields[f, ECHO]
                out[p, f] = _one_sided(fields, number, f, max(a, b), out[p, e] if e >= 0 else 0)
                continue
            g = fields[f, PARTNER]
            if g >= 0 and a != b and a == codes[j, g] and b == codes[i, g]:
                out[p, f] = _SWAPPED
                swapped_family = g
                continue
            lev = _level(fields, number, strings, chars, f, a, b)
            e = fields[f, ECHO]
            out[p, f] = _in_context(codes, fields, i, j, f, lev, out[p, e]) if e >= 0 else lev


@njit(cache=True, nogil=True)
def levels_of_values(matrix, f, a, b, out):  # type: ignore[no-untyped-def]
    """Fill out (n,) with the levels of value pairs of field f, apart from any record."""
    _, fields, _, number, strings, chars = matrix
    for p in range(a.size):
        out[p] = _level(fields, number, strings, chars, f, a[p], b[p])


@njit(cache=True, nogil=True)
def _may_be_part(strings, s, t):  # type: ignore[no-untyped-def]
    """Whether one of two names may begin with the other or share a word with it."""
    x, y = np.uint64(strings[s, SIGNATURE]), np.uint64(strings[t, SIGNATURE])
    letters = np.uint64(0x03FFFFFFFFFFFFFF)
    if x & ~y & letters == 0 or y & ~x & letters == 0:  # the letters of one are all in the other
        return True
    a, b = strings[s, FIRST], strings[s, LAST]
    c, d = strings[t, FIRST], strings[t, LAST]
    return a in (c, d) or b in (c, d)


@njit(cache=True, nogil=True)
def _alike(fields, strings, f, a, b):  # type: ignore[no-untyped-def]
    """What letters, sound and words of two different names allow: 0 nothing in common, 1 part of the other, 2 near."""
    s, t = fields[f, STRING] + a, fields[f, STRING] + b
    if strings[s, SOUND] == strings[t, SOUND] or _may_be_near(strings[s, SIGNATURE], strings[t, SIGNATURE]):
        return 2
    return 1 if _may_be_part(strings, s, t) else 0


@njit(cache=True, nogil=True)
def _score(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912, PLR0913, PLR0917
    matrix, scores, i, j, bound, total, out_levels, chance, sums
):
    """Levels and scores of records i and j; False as soon as they cannot reach the floor.

    bound   (n_fields,) the most each field can give; total is their sum
    chance  (n_fields,) on return log P(level | unrelated) of each field, in CHANCE_UNIT
    sums    (3,) on return the log likelihood ratio of each class against unrelated
    """
    codes, fields, log_freq, number, strings, chars = matrix
    log_m, log_u, log_near, by_value, uses, prior, floor = scores
    sums[:] = 0.0
    out_levels[:] = 0
    chance[:] = 0
    swapped_family = -1
    need = floor - max(prior[SAME_BIRTH], prior[SAME_DELIVERY])
    for f in range(fields.shape[0]):
        a, b = codes[i, f], codes[j, f]
        total -= bound[f]
        alone = np.int64(0)
        if a < 0 or b < 0 or f == swapped_family:
            e = fields[f, ECHO]
            alone = np.int64(_one_sided(fields, number, f, max(a, b), out_levels[e] if e >= 0 else 0))
            if alone == 0:
                continue
        base, g = fields[f, BASE], fields[f, PARTNER]
        if alone > 0:
            lev, u = alone, log_u[f, alone]
        elif g >= 0 and a != b and a == codes[j, g] and b == codes[i, g]:
            # the chance that two records hold names a and b crosswise: given and family name, each by its frequency
            lev, swapped_family, other = np.int64(_SWAPPED), g, fields[g, BASE]
            total -= bound[g]
            bound[g] = 0.0
            u = np.float64(max(log_freq[base + a], log_freq[base + b])) + max(log_freq[other + a], log_freq[other + b])
        else:
            lev = np.int64(_level(fields, number, strings, chars, f, a, b))
            e = fields[f, ECHO]
            if e >= 0:
                lev = np.int64(_in_context(codes, fields, i, j, f, lev, out_levels[e]))
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
        for c in range(sums.size):
            if uses[c, f]:
                sums[c] += log_m[c, f, lev] - u
        if total + max(sums[SAME_BIRTH], sums[SAME_DELIVERY]) < need:
            return False
    best = max(sums[SAME_BIRTH] + prior[SAME_BIRTH], sums[SAME_DELIVERY] + prior[SAME_DELIVERY])
    return best >= floor


@njit(cache=True, nogil=True)
def score_pairs(matrix, scores, left, right, out):  # type: ignore[no-untyped-def]
    """Fill levels and chance (n_pairs, n_fields) and sums (n_pairs, 3) of given pairs; scores.floor must be -inf, so
    that none is given up.
    """
    levels, chance, sums = out
    bound = np.zeros(matrix.fields.shape[0])
    for p in range(left.size):
        _score(matrix, scores, left[p], right[p], bound, 0.0, levels[p], chance[p], sums[p])


@njit(cache=True, nogil=True, inline="always")
def _bound(codes, fields, log_freq, number, strings, chars, gain, top_near, by_value, i, j, seen, bound):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """The most that records i and j can score as one birth, and as one delivery: exact but for names that differ.

    tops    gain (2, n_fields, n_levels) and top_near (2, n_fields) of both classes, see scan.tops
    seen    (n_fields,) room for levels
    bound   (n_fields,) gets the larger part of each field
    """
    by_birth, by_delivery = 0.0, 0.0
    for f in range(fields.shape[0]):
        a, b = codes[i, f], codes[j, f]
        kind, e = fields[f, KIND], fields[f, ECHO]
        parent_level = seen[e] if e >= 0 else 0
        off = 0.0
        if a < 0 or b < 0:
            lev = np.int64(_one_sided(fields, number, f, max(a, b), parent_level))
        elif kind == _NAME and a != b:
            lev = np.int64(5)
        else:
            lev = np.int64(_level(fields, number, strings, chars, f, a, b))
        if e >= 0 and a >= 0 and b >= 0:
            lev = np.int64(_in_context(codes, fields, i, j, f, lev, parent_level))
        seen[f] = lev
        if kind == _NAME and (lev == 5 or lev == _CONTEXT + 2):
            first, second = gain[0, f, lev], gain[1, f, lev]
            alike = _alike(fields, strings, f, a, b)
            if alike > 0:
                first, second = max(first, gain[0, f, lev - 1]), max(second, gain[1, f, lev - 1])
            if alike == 2 and lev < _CONTEXT:
                off = min(log_freq[fields[f, BASE] + a], log_freq[fields[f, BASE] + b])
                first, second = max(first, top_near[0, f] - off), max(second, top_near[1, f] - off)
            g = fields[f, PARTNER]
            if g >= 0 and a == codes[j, g] and b == codes[i, g]:
                first, second = max(first, _SWAPPED_GAIN), max(second, _SWAPPED_GAIN)
        else:
            if lev == 1 and by_value[f]:
                off = np.float64(log_freq[fields[f, BASE] + a])
            first, second = gain[0, f, lev] - off, gain[1, f, lev] - off
        by_birth += first
        by_delivery += second
        bound[f] = max(first, second)
    return by_birth, by_delivery


@njit(cache=True, nogil=True)
def scan(matrix, scores, tops, blocks, state, out):  # type: ignore[no-untyped-def]  # noqa: C901
    """Compare all pairs within blocks that no earlier rule has brought together; keep those that reach the floor.

    tops     the most that each field and level can score, see scan.tops
    blocks   (rule, order, start, last, window, block_ids): records order[start[b]:start[b + 1]] form block b, up to
             block last - 1; each record is compared with the next `window` of its block; block_ids (n_records, n_rules)
             holds the block of each record under each rule, 0 for none
    state    (5,) int64: block, place of left, place of right to go on from; pairs looked at, pairs compared in full;
             updated
    out      (left, right, levels, chance, sums) buffers; returns how many were filled. The scan stops when they are
             full.

    A pair is first bounded: all but names that differ is scored as it is, such names by the most that their letters,
    their sound and their words allow. Only pairs whose bound reaches the floor have these names compared.
    """
    rule, order, start, last, window, block_ids = blocks
    left, right, levels, chance, sums = out
    codes, fields, log_freq, number, strings, chars = matrix
    gain, top_near = tops
    by_value = scores.by_value
    n_fields = fields.shape[0]
    bound, met = np.empty(n_fields), np.empty(n_fields, np.int64)
    need_birth, need_delivery = scores.floor - scores.prior[SAME_BIRTH], scores.floor - scores.prior[SAME_DELIVERY]
    filled = 0
    block, x, y = state[0], state[1], state[2]
    while block < last:
        end = start[block + 1]
        while x < end - 1:
            limit = min(end, x + 1 + window)
            while y < limit:
                i, j = order[x], order[y]
                y += 1
                seen = False
                for q in range(rule):
                    if block_ids[i, q] != 0 and block_ids[i, q] == block_ids[j, q]:
                        seen = True
                        break
                if seen:
                    continue
                state[3] += 1
                by_birth, by_delivery = _bound(
                    codes, fields, log_freq, number, strings, chars, gain, top_near, by_value, i, j, met, bound
                )
                if by_birth < need_birth and by_delivery < need_delivery:
                    continue
                total = 0.0
                for f in range(n_fields):
                    total += bound[f]
                state[4] += 1
                if i > j:
                    i, j = j, i
                if not _score(matrix, scores, i, j, bound, total, levels[filled], chance[filled], sums[filled]):
                    continue
                left[filled], right[filled] = i, j
                filled += 1
                if filled == left.size:
                    state[0], state[1], state[2] = block, x, y
                    return filled
            x += 1
            y = x + 1
        block += 1
        if block < last:
            x = start[block]
            y = x + 1
    state[0] = last
    return filled
