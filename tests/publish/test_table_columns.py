"""What the workbook of tables shows of columns: headings that say what they hold, and numbers in one form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
from tests.publish.example_release import example_release
from tests.publish.worlds import RULES, births, source

from everybirth.publish import RunDir
from everybirth.publish.release import Release, write_release
from everybirth.publish.table_columns import FORMATS, HEADINGS, PERCENT, heading, number_format, plain
from everybirth.publish.table_texts import TITLES
from everybirth.publish.tabulate import tabulate

HEAD = 3  # row of the headings


def book_of(folder: Path, release: Release) -> openpyxl.Workbook:
    """The workbook of a release, as another program reads it."""
    with RunDir(folder) as out:
        write_release(out, release)
    return openpyxl.load_workbook(folder / "tables" / "tables.xlsx")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    """The workbook of the example."""
    return book_of(tmp_path_factory.mktemp("book"), example_release())


def column(book: openpyxl.Workbook, table: str, name: str) -> list[openpyxl.cell.Cell]:
    """The cells of a column, its heading first."""
    at = next(cell.column for cell in book[table][HEAD] if cell.value == heading(table, name))
    height = example_release().tables[table].frame.height
    return [book[table].cell(row, at) for row in range(HEAD, HEAD + height + 1)]


def test_headings_are_of_columns_that_there_are() -> None:
    """No heading is of a table or column that is not published, and no two columns of a table have the same."""
    every = source(births(np.random.default_rng(42), 3000, 3), rules=replace(RULES, threshold=1))
    tables = tabulate(every).tables
    assert HEADINGS.keys() <= TITLES.keys()
    assert len(HEADINGS.keys() & tables.keys()) > 15
    for name in HEADINGS.keys() & tables.keys():
        assert HEADINGS[name].keys() <= set(tables[name].frame.columns), name
    for name, table in tables.items():
        shown = [heading(name, column) for column in table.frame.columns]
        assert len(set(shown)) == len(shown), name
        assert not [text for text in shown if "_" in text]


def test_limits_of_the_sex_ratio_say_that_they_leave_out_chance(book: openpyxl.Workbook) -> None:
    """Beside the ratio stand limits that do not cover chance, as their headings and a note say, and those that do."""
    shown = [cell.value for cell in book["sex_ratio"][HEAD]]
    assert sum("boys per girl" in text and "does not cover chance" in text for text in shown) == 2
    assert [text for text in shown if text.startswith("chance alone gives")] == [
        "chance alone gives from",
        "chance alone gives to",
    ]
    notes = [str(row[0].value) for row in book["sex_ratio"].iter_rows()]
    assert sum("is no sign that girls or boys are missing" in note for note in notes) == 1


def test_headings_stand_over_their_numbers(book: openpyxl.Workbook) -> None:
    """To the right over numbers; a text after numbers is set off from them."""
    for name, table in example_release().tables.items():
        for text in table.frame.columns:
            head, *cells = column(book, name, text)
            if text in table.keys:
                assert head.alignment.horizontal is None
            elif text in ("status", "note", "limits"):
                assert {
                    (cell.alignment.horizontal, cell.alignment.indent) for cell in (head, *cells) if cell.value
                } == {("left", 1)}
            else:
                assert head.alignment.horizontal == "right", (name, text)


def test_shares_are_in_percent_and_all_numbers_in_one_form(book: openpyxl.Workbook) -> None:
    """Each column has one number format, but where its rows are about different things; shares are percentages."""
    for name, table in example_release().tables.items():
        for text in (*table.counts, *table.figures):
            forms = {cell.number_format for cell in column(book, name, text)[1:] if isinstance(cell.value, float | int)}
            assert forms <= set(FORMATS)
            if name not in ("headline", "linkage"):
                assert len(forms) <= 1, (name, text)
            if text.startswith(("share", "completeness", "gap")):
                assert forms == {PERCENT}, (name, text)
    headline = {row[0].value: row[1] for row in book["headline"].iter_rows(min_row=HEAD + 1, max_row=HEAD + 6)}
    assert headline["completeness"].number_format == PERCENT
    assert headline["completeness"].value == 0.8339
    assert headline["missed by all"].number_format == "#,##0"
    assert number_format("completeness", "low") == PERCENT
    assert number_format("adjusted_births", "low") == number_format("list_quality", "rows") == "#,##0"
    assert number_format("sex_ratio", "low") == "0.00"


@pytest.mark.parametrize(
    ("column", "text", "shown"),
    [
        ("status", "pooled", "borrows from similar groups"),
        ("status", "pooled; completeness is that of all", "borrows from similar groups; completeness is that of all"),
        ("status", "ok", "ok"),
        ("area", "pooled", "pooled"),
        ("measure", "on_other_lists_only", "on other lists only"),
        ("field", "mother_given_name", "mother given name"),
        ("area", "north_west", "north_west"),
        (
            *("note", "chapman for births that community, register can hold"),
            "two-list estimate (Chapman) for births that only community and register can hold",
        ),
        (
            *("note", "births that a, b, c can hold; 1 is as assumed"),
            "births that only a, b and c can hold; 1 is as assumed",
        ),
        (
            *("note", "refused for births that a can hold: only listed ones are counted"),
            "not estimated for births that only a can hold: only listed ones are counted",
        ),
    ],
)
def test_codes_are_written_out(column: str, text: str, shown: str) -> None:
    """Codes of a status, a note or a name of ours are put in words; a name that a list gave is never changed."""
    assert plain(column, text) == shown


@pytest.mark.parametrize(("threshold", "said"), [(10, "from 1 to 9,"), (3, "from 1 to 2,"), (2, "is 1,"), (1, "is 0,")])
def test_notes_say_which_counts_are_hidden(tmp_path: Path, threshold: int, said: str) -> None:
    """The least and the greatest that is hidden are worked out, and no note holds a place that was not filled."""
    book = book_of(tmp_path, replace(example_release(), threshold=threshold))
    for sheet in book:
        texts = [str(row[0].value) for row in sheet.iter_rows()]
        assert sum(f"it is hidden: it {said}" in text or f"it is hidden: it is {said}" in text for text in texts) == 1
        assert not [text for text in texts if "{" in text]


def test_long_texts_have_room(tmp_path: Path) -> None:
    """Rows whose text takes several lines, and long notes, are as high as that takes; none higher than is allowed."""
    release = example_release()
    table = release.tables["sex_ratio"]
    notes = ["", "word " * 20, "x" * 40_000, *table.frame["note"].to_list()[3:]]
    changed = replace(table, frame=table.frame.with_columns(pl.Series("note", notes)))
    sheet = book_of(tmp_path, replace(release, tables={"sex_ratio": changed}))["sex_ratio"]
    heights = [sheet.row_dimensions[HEAD + 1 + k].height for k in range(4)]
    assert heights[0] in (None, 15)
    assert heights[1] == 45
    assert 300 < heights[2] < 409.5
    assert heights[3] in (None, 15)
    merged = {str(part).split(":")[0] for part in sheet.merged_cells.ranges}
    assert len(merged) == len(table.notes) + 2
