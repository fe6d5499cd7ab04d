"""Which fields are compared, and what kernels are told of each value."""

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from tests.compare import naive, worlds

from everybirth.compare import fields as compare_fields
from everybirth.compare import scan, strings
from everybirth.levels import LEVELS, N_LEVELS, Comparison


def test_level_tables_fit() -> None:
    """Every kind of comparison has its table, none longer than the arrays, level 0 always "missing"."""
    assert set(LEVELS) == set(Comparison)
    assert max(len(table) for table in LEVELS.values()) == N_LEVELS
    assert all(
        table[0] == "missing" and len(set(table) - {""}) == sum(text != "" for text in table)
        for table in LEVELS.values()
    )


def test_the_matrix_says_what_the_records_hold() -> None:
    """Codes lead back to the values; frequencies are shares of the records that hold the field; numbers are the
    values'.
    """
    rows = worlds.rows(40, seed=1)
    records = worlds.records(rows)
    fields = compare_fields.fields(records)
    matrix = fields.matrix
    for f, name in enumerate(fields.names):
        base, shares = matrix.fields[f, compare_fields.BASE], naive.log_shares(rows, name)
        for i, row in enumerate(rows):
            code, value = matrix.codes[i, f], row[name]
            if name == "mother_age" or value is None:
                continue
            assert matrix.log_freq[base + code] == pytest.approx(shares[value], abs=1e-6)
            if isinstance(value, float) and fields.comparisons[f] is not Comparison.RANK:
                assert matrix.number[base + code] == value
            if isinstance(value, date):
                packed = int(matrix.number[base + code])
                assert packed >> compare_fields.DAYS_AT == (value - date(1970, 1, 1)).days
                year, month = packed >> compare_fields.YEAR_AT & 0xFFF, packed >> compare_fields.MONTH_AT & 0xF
                assert date(year, month, packed & 0x1F) == value
            if fields.comparisons[f] in (Comparison.NAME, Comparison.CODE):
                row_of = matrix.strings[matrix.fields[f, compare_fields.STRING] + code]
                assert "".join(map(chr, matrix.chars[row_of[strings.START] : row_of[strings.END]])) == value


def test_every_record_frequency_sums_to_one() -> None:
    """Of each field the shares of the values that some record holds add to one."""
    fields = compare_fields.fields(worlds.records(worlds.rows(60, seed=2)))
    for f in range(len(fields.names)):
        frequency = scan.frequency_of(fields, f)
        base = fields.matrix.fields[f, compare_fields.BASE]
        shares = np.exp(fields.matrix.log_freq[base : base + fields.n_values[f]])
        assert frequency.sum() == (fields.matrix.codes[:, f] >= 0).sum()
        assert shares[frequency > 0].sum() == pytest.approx(1.0, abs=1e-5)


def test_fields_that_hang_on_others_come_after_them() -> None:
    """A field's partner and the field it hangs on are compared fields; the latter is compared before it."""
    fields = compare_fields.fields(worlds.records(worlds.rows(20, seed=3)))
    for f, name in enumerate(fields.names):
        echo, partner = fields.matrix.fields[f, compare_fields.ECHO], fields.matrix.fields[f, compare_fields.PARTNER]
        parent = naive.parent_of(name, fields.names)
        assert echo == (-1 if parent is None else fields.index(parent))
        assert echo < f
        assert (partner >= 0) == name.endswith("given_name")


def test_what_hangs_together_is_one_source_of_evidence() -> None:
    """Fields that hang on one another, over however many steps, have one number; all others each have their own."""
    fields = compare_fields.fields(worlds.records(worlds.rows(20, seed=3)))
    number = dict(zip(fields.names, compare_fields.sources(fields.matrix).tolist(), strict=True))
    top = {name: name for name in fields.names}
    for name in fields.names:
        parent = naive.parent_of(name, fields.names)
        apart = name in ("sex", "delivery_order")  # they hang on a given name, on a plurality, but tell of their own
        top[name] = name if parent is None or apart else top[parent]
    assert top["site"] == top["facility"] == "residence"
    for a, b in combinations(fields.names, 2):
        assert (number[a] == number[b]) == (top[a] == top[b])


def test_mother_age_follows_from_birth_dates() -> None:
    """An age that is not given is filled in from the two birth dates, an age given stands, and what cannot be known is
    missing.
    """
    rows: list[worlds.Row] = [
        {"birth_date": date(2024, 6, 1), "mother_birth_date": date(1999, 6, 20), "mother_age": None},
        {"birth_date": date(2024, 6, 1), "mother_birth_date": date(1999, 5, 20), "mother_age": None},
        {"birth_date": date(2024, 6, 1), "mother_birth_date": date(1999, 5, 20), "mother_age": 31.0},
        {"birth_date": date(2024, 6, 1), "mother_birth_date": None, "mother_age": None},
        {"birth_date": date(1990, 6, 1), "mother_birth_date": date(1999, 5, 20), "mother_age": None},
    ]
    fields = compare_fields.fields(worlds.records(rows))
    assert fields.matrix.codes[:, fields.index("mother_age")].tolist() == [24, 25, 31, -1, -1]


def test_no_records_and_no_values() -> None:
    """No record, no field with a value, a single record: all are laid out without ado."""
    assert compare_fields.fields(worlds.records([])).names == ()
    nothing = compare_fields.fields(worlds.records([{"birth_date": None, "sex": None}] * 3))
    assert nothing.names == ()
    assert nothing.matrix.codes.shape == (3, 0)
    one = compare_fields.fields(worlds.records([{"child_given_name": "amina", "birth_date": date(2024, 1, 1)}]))
    assert one.matrix.codes[:, :2].tolist() == [[0, 0]]
    assert one.matrix.log_freq.tolist() == [0.0, 0.0]
