"""Identifiers and telephone numbers."""

import polars as pl
import pytest

from everybirth.standardise.text import identifiers, phones, plain


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0712345678", "712345678"), ("+254 712 345 678", "712345678"), ("00254712345678", "712345678"),
        ("(071) 234-5678", "712345678"), ("Tel: 0712345678", "712345678"), ("0712345678 / 0799999999", "712345678"),
        ("12345", "12345"), ("1234", None), ("0000000000", None), ("999999999", None), ("no phone", None), ("", None),
        ("٠٧١٢٣٤٥٦٧٨", "712345678"), (None, None),
    ],
)  # fmt: skip
def test_phones(written: str | None, number: str | None) -> None:
    """The last nine digits, whatever stands before them; too few digits, or one repeated, are no number."""
    assert phones(plain(pl.Series([written, "0712345678"], dtype=pl.String))).to_list() == [number, "712345678"]


def test_identifiers() -> None:
    """Case and spaces do not matter; what holds nothing is missing."""
    written = pl.Series([" ab 12", "AB  12", "n/a", "-", "", None, "éa", "Unknown", "12", "\tx1\n"])
    assert identifiers(plain(written)).to_list() == ["AB 12", "AB 12", None, None, None, None, "ÉA", None, "12", "X1"]
