"""Tables of records: what each list holds, what is missing, where values heap up, on what lists disagree."""

import calendar
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import polars as pl

from everybirth.publish.disclosure import Where
from everybirth.publish.tabulate.draft import Book, Draft
from everybirth.publish.tabulate.source import Source
from everybirth.schema import FIELDS
from everybirth.tables import MISSING, Column, Int32Array, Int64Array, Records

# Fields whose absence or disagreement is told. Not those that serve the comparison of mothers only.
MAIN = (
    *("child_given_name", "child_family_name", "sex", "birth_date", "birth_weight", "plurality", "site", "residence"),
    *("mother_given_name", "mother_family_name", "father_given_name", "father_family_name", "registration_date"),
)
DAY, WEIGHT = "day of month", "birth weight"
ROUND_WEIGHTS = ("multiple of 500", "multiple of 100, not of 500", "other multiple of 10", "not a multiple of 10")
OF_TENS = (0.02, 0.08, 0.9)  # shares of these among the multiples of 10, if none is preferred
HEAPED = {"birth_date": DAY, "birth_weight": WEIGHT}
YEAR = {(2023, month): 1 for month in range(1, 13)}  # its days, where no month's births are shown


def record_tables(book: Book, source: Source) -> None:
    """Draft them all, after the overlap of the lists."""
    stated = _quality(book, source)
    _heaping(book, source.records, stated)
    _disagreements(book, source)


def _main(records: Records) -> list[str]:
    return [name for name in FIELDS if name in MAIN and name in records.columns]


def _quality(book: Book, source: Source) -> dict[tuple[str, str], int]:
    """list_quality and missing_values; returns the cell of the records that state a field, by list and field."""
    records, counts = source.records, source.run["counts"]
    lists = Draft("list_quality", ("list",), ("rows", "rejected", "repeated", "births", "outside"))
    missing = Draft("missing_values", ("list", "field"), ("missing",), ("share",))
    size = np.bincount(records.list_of, minlength=len(records.list_names))
    stated: dict[tuple[str, str], int] = {}
    add = book.ledger.add
    for k, name in enumerate(records.list_names):
        place = (("list", name),)
        held = source.births[f"in_{name}"].to_numpy()
        outside = int((held & source.outside).sum())
        on = book.known("registered" if name == source.rules.register else f"on {name}", ())
        births = add((f"on {name}", ()), int(held.sum()) - outside) if on is None else on
        rejected = add(("rejected", place), counts["rejected"][name])
        rows = add(("rows", place), int(size[k]) + counts["rejected"][name])
        whole = book.ledger.complement(("records", place), rows, rejected)
        repeated = add(("repeated", place), int(size[k]) - int(held.sum()))
        beyond = add(("outside", place), outside)
        book.ledger.relate(whole, (repeated, births, beyond))
        lists.add((name,), (rows, rejected, repeated, births, beyond))
        for field in _main(records):
            lacking = int(((records.columns[field].codes == MISSING) & (records.list_of == k)).sum())
            if lacking < size[k]:
                cell = add(("missing", (("field", field), *place)), lacking)
                stated[name, field] = _stated(book, (("field", field), *place), whole, cell)
                missing.add((name, field), (cell,), (round(lacking / int(size[k]), 4),), (rows, rejected))
    book.drafts.extend(draft for draft in (lists, missing) if draft.rows)
    return stated


def _stated(book: Book, place: Where, whole: int, missing: int) -> int:
    """The cell of the records of a list that state a field; a table shows it if the field is one that is heaped."""
    if dict(place)["field"] not in HEAPED:
        return book.ledger.complement(("stated", place), whole, missing)
    cell = book.ledger.add(("stated", place), book.ledger.value[whole] - book.ledger.value[missing])
    book.ledger.relate(whole, (missing, cell))
    return cell


def _heaping(book: Book, records: Records, stated: dict[tuple[str, str], int]) -> None:
    """Records by day and by roundness of the weight. What is expected is filled in by `with_expected`."""
    draft = Draft("heaping", ("list", "what", "value"), ("records", "stated"), ("expected",))
    for k, name in enumerate(records.list_names):
        for field, what in HEAPED.items():
            if (name, field) not in stated:
                continue
            column = records.columns[field]
            codes = column.codes[(records.list_of == k) & (column.codes != MISSING)]
            counts = np.bincount(codes, minlength=len(column.values)).astype(np.int64)
            cells = []
            for value, n in _days(column, counts) if what == DAY else _weights(column, counts):
                place = (("list", name), ("value", value), ("what", what))
                cells.append(book.ledger.add(("records", place), n))
                draft.add((name, what, value), (cells[-1], stated[name, field]), (None,))
            book.ledger.relate(stated[name, field], cells)
    if draft.rows:
        book.drafts.append(draft)


def _days(column: Column, counts: Int64Array) -> Iterator[tuple[str, int]]:
    """Records by day of the month."""
    days = column.values.cast(pl.Date).dt.day().to_numpy()
    found = np.bincount(days, weights=counts, minlength=32)
    for day in range(1, 32):
        yield str(day), int(found[day])


def _weights(column: Column, counts: Int64Array) -> Iterator[tuple[str, int]]:
    """Records by how round the weight is."""
    grams = np.rint(column.values.to_numpy()).astype(np.int64)
    kind = np.select([grams % 500 == 0, grams % 100 == 0, grams % 10 == 0], [0, 1, 2], 3)
    found = np.bincount(kind, weights=counts, minlength=4)
    for k, value in enumerate(ROUND_WEIGHTS):
        yield value, int(found[k])


def with_expected(heaping: pl.DataFrame, months: Mapping[tuple[int, int], int]) -> pl.DataFrame:
    """The published table with the records that are expected if no day and no weight is preferred.

    months   (year, month) -> births, as far as they are published
    Made of published counts alone, so that it tells nothing of those that are hidden: the records of the days that are
    shown, spread as the days of the months are; those of the weights that are multiples of 10 and shown, as OF_TENS.
    """
    lengths = [(calendar.monthrange(year, month)[1], n) for (year, month), n in (months or YEAR).items()]
    spread = {(DAY, str(day)): sum(n / long for long, n in lengths if long >= day) for day in range(1, 32)}
    spread |= {(WEIGHT, ROUND_WEIGHTS[k]): share for k, share in enumerate(OF_TENS)}
    rate = [spread.get(key) for key in heaping.select("what", "value").iter_rows()]
    shown = pl.col("rate").is_not_null() & pl.col("records").is_not_null()
    own = pl.when(shown).then("rate")
    within = ("list", "what")
    expected = own * pl.when(shown).then("records").sum().over(within) / own.sum().over(within)
    return heaping.with_columns(pl.Series("rate", rate, pl.Float64)).select(
        *heaping.columns[:-1], expected.round(1).fill_nan(None).alias("expected")
    )


def _disagreements(book: Book, source: Source) -> None:
    """For each field and pair of lists: births on both of which both give the field, and those they give otherwise."""
    records = source.records
    draft = Draft("disagreements", ("field", "lists"), ("compared", "disagree"), ("share",))
    first = _first_records(records, source.links.of_record)
    for field in _main(records):
        codes = np.append(records.columns[field].codes, MISSING)
        for a, b in combinations(range(len(records.list_names)), 2):
            both = (first[a] >= 0) & (first[b] >= 0)
            left, right = codes[first[a][both]], codes[first[b][both]]
            given = (left != MISSING) & (right != MISSING)
            if not given.any():
                continue
            lists = f"{records.list_names[a]} & {records.list_names[b]}"
            place = (("field", field), ("lists", lists))
            n, differ = int(given.sum()), int((given & (left != right)).sum())
            compared, disagree = book.ledger.add(("compared", place), n), book.ledger.add(("disagree", place), differ)
            book.ledger.complement(("agree", place), compared, disagree)
            draft.add((field, lists), (compared, disagree), (round(differ / n, 4),))
    if draft.rows:
        book.drafts.append(draft)


def _first_records(records: Records, of_record: Int32Array) -> list[Int32Array]:
    """For each list, (n_births,) the first record that each birth has there, or MISSING."""
    n_births = int(of_record.max()) + 1 if len(of_record) else 0
    found = []
    for k in range(len(records.list_names)):
        rows = np.flatnonzero(records.list_of == k).astype(np.int32)[::-1]
        first = np.full(n_births, MISSING, dtype=np.int32)
        first[of_record[rows]] = rows  # the last written is the first record
        found.append(first)
    return found
