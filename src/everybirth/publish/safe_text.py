"""Text from the lists, made harmless for where it is shown: in an Excel cell, a CSV file, a page.

A name may hold anything: the start of a formula, a control character, a mark that turns the reading direction. It is
shown as near to what was written as is safe; nothing here is meant to be read back.
"""

import html
import re
import unicodedata

import polars as pl

CELL_LENGTH = 32_767  # UTF-16 units that an Excel cell can hold

UNPRINTABLE = "\ufffd"
# Control characters, halves of a character (they cannot be written as UTF-8) and what Unicode says is no character.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAK = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Marks, overrides and isolates of the reading direction: they can make a text, or the one beside it, read as another.
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")  # some readers of Excel files take _x0041_ for an A, others do not
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # the wide forms count as well in East Asian versions
_RIGHT_TO_LEFT = ("R", "AL", "AN")


def _visible(text: str) -> str:
    """One kind of line break, no tabs, no direction marks; what cannot be printed becomes U+FFFD."""
    text = _BREAK.sub("\n", text).replace("\t", " ")
    return _UNPRINTABLE.sub(UNPRINTABLE, _DIRECTION.sub("", text))


def for_excel(text: str) -> str:
    """Text for a cell that is written as a string (never by a function that guesses what it holds).

    Cut, with "…" at the end, at the length that a cell can hold.
    """
    if text.isascii() and text.isprintable() and "_x" not in text and len(text) < CELL_LENGTH and text[:1] != "<":
        return text  # nearly all: half a million texts go through here
    text = _ESCAPE.sub("\uff3f", _visible(text))
    if len(text) > CELL_LENGTH // 2 and len(text.encode("utf-16-le")) // 2 > CELL_LENGTH:
        text = text.encode("utf-16-le")[: 2 * (CELL_LENGTH - 1)].decode("utf-16-le", errors="ignore") + "…"
    if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter takes this for markup of its own
        text = text[: CELL_LENGTH - 1] + " "
    return text


def for_csv(text: str) -> str:
    """Text for a CSV file that may be opened in a spreadsheet: one line, and never a formula."""
    text = _visible(text).replace("\n", " ")
    return f"'{text}" if _FORMULA.match(text) else text


def csv_text(frame: pl.DataFrame, null: str = "") -> str:
    """A table as CSV whose texts, column names included, are harmless in a spreadsheet.

    null   what stands for a value that is not there
    Texts stand in quotation marks, so that a separator in one cannot begin a cell wherever the list separator of the
    reader's country is ";". Days are written as 2024-01-31.
    """
    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    safe = frame.with_columns(csv_column(frame[name]) for name in frame.columns if frame[name].dtype == pl.String)
    return safe.rename(for_csv).write_csv(line_terminator="\n", quote_style="non_numeric", null_value=null)


def csv_column(texts: pl.Series) -> pl.Series:
    """(n,) String, `for_csv` of each text; each distinct one is looked at once."""
    distinct = texts.drop_nulls().unique()
    spelled = pl.Series([for_csv(text) for text in distinct.to_list()], dtype=pl.String)
    return texts.replace_strict(distinct, spelled, default=None, return_dtype=pl.String) if len(distinct) else texts


def for_html(text: str) -> str:
    """Text for a page, between tags or in a quoted attribute: escaped, and kept from turning what stands around it."""
    escaped = html.escape(_visible(text), quote=True)
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return f"\u2068{escaped}\u2069"
    return escaped
