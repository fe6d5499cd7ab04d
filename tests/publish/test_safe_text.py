"""Texts of any kind are harmless where they are shown."""

import csv
import html
import io
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everybirth.publish.safe_text import CELL_LENGTH, csv_text, for_csv, for_excel, for_html

NAMES = ["Ana", "O'Neil", "Jean-Luc", "王小明", "Ægir Þórsson", "محمد", "María José", "Nguyễn Văn Đức", "A & B"]


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_as_they_are(name: str) -> None:
    """Ordinary names in any script are not touched in cells and CSV."""
    assert for_excel(name) == name
    assert for_csv(name) == name


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\t=", "\r=", "\u202e="])
def test_csv_never_begins_a_formula(start: str) -> None:
    """What a spreadsheet would take for a formula begins with an apostrophe."""
    assert for_csv(f"{start}1+1").startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\vd", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("a\x00\x1b\x7f\x9fb", "a\ufffd\ufffd\ufffd\ufffdb"),
        ("\ud800x\uffff", "\ufffdx\ufffd"),
        ("\u202etxt.exe\u202c", "txt.exe"),
        ("_x0041_x0041_", "\uff3fx0041\uff3fx0041_"),
        ("<r>x</r>", "<r>x</r> "),
        ("\U0001f476\U0001f3fd", "\U0001f476\U0001f3fd"),
    ],
)
def test_what_cannot_be_shown_is_seen_to_be_missing(text: str, shown: str) -> None:
    """Control characters, direction marks and escapes of Excel are taken out or made visible."""
    assert for_excel(text) == shown


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f476"])
@pytest.mark.parametrize("more", [-1, 0, 1, 2])
def test_long_text_is_cut_to_a_cell(letter: str, more: int) -> None:
    """At most as much as a cell holds, never half a character, and "…" where something was cut."""
    units = len(letter.encode("utf-16-le")) // 2
    text = letter * (CELL_LENGTH // units + more)
    shown = for_excel(text)
    assert len(shown.encode("utf-16-le")) // 2 <= CELL_LENGTH
    assert shown == text or (shown.endswith("…") and set(shown[:-1]) == {letter})
    assert (shown == text) == (len(text) * units <= CELL_LENGTH)


@given(st.text())
def test_html_is_text(text: str) -> None:
    """No tag, no attribute's end, no control character; read back it is what is shown, isolated if right to left."""
    shown = for_html(text)
    assert not set(shown) & set("<>\"'")
    plain = html.unescape(shown)
    inside = plain.removeprefix("\u2068").removesuffix("\u2069")
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n" for letter in inside)
    assert not set(inside) & {chr(code) for code in (0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068)}
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text if letter != "\u061c")
    assert not turned or (plain.startswith("\u2068") and plain.endswith("\u2069"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1), st.text("ab=;,\"'\n"))
def test_csv_of_a_table_is_for_csv_of_each_cell(texts: list[str], name: str) -> None:
    """A table is written as its cells would be one by one, numbers as they are, and can be read back."""
    frame = pl.DataFrame({f"x{name}": texts, "n": range(len(texts))})
    rows = list(csv.reader(io.StringIO(csv_text(frame), newline="")))
    assert rows[0] == [for_csv(f"x{name}"), "n"]
    assert [(row[0], int(row[1])) for row in rows[1:]] == [(for_csv(text), number) for number, text in enumerate(texts)]


def test_csv_keeps_numbers_and_quotes_texts() -> None:
    """Negative numbers stay numbers; texts stand in quotation marks, so that no separator in them counts."""
    frame = pl.DataFrame({"area": ["a;=1+1", None], "births": [-1, None], "share": [0.5, None]})
    assert csv_text(frame) == '"area","births","share"\n"a;=1+1",-1,0.5\n,,\n'
