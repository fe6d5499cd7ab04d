"""Dictionary encoding against its slow twin."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standardise import naive

from everybirth.schema import Kind
from everybirth.standardise import encode
from everybirth.standardise.encode import Coded
from everybirth.standardise.hashing import Dictionary
from everybirth.standardise.keys import LONGEST, order_of, ranks
from everybirth.tables import MISSING

TEXTS = st.text(alphabet="abAB01 é王", max_size=10)
FIGURES = st.text(alphabet="0123456789", max_size=17)
COLUMNS = st.one_of(
    st.lists(st.none() | TEXTS, max_size=30).map(lambda v: pl.Series(v, dtype=pl.String)),
    st.lists(st.none() | FIGURES, max_size=30).map(lambda v: pl.Series(v, dtype=pl.String)),
    st.lists(st.none() | st.integers(-(2**40), 2**40), max_size=30).map(lambda v: pl.Series(v, dtype=pl.Int64)),
    st.lists(st.none() | st.floats(-1e6, 1e6), max_size=30).map(lambda v: pl.Series(v, dtype=pl.Float64) + 0.0),
    st.lists(st.none() | st.dates(), max_size=30).map(lambda v: pl.Series(v, dtype=pl.Date)),
)


@given(COLUMNS)
def test_distinct_gives_back_the_column(column: pl.Series) -> None:
    """Codes into the distinct values spell the column again; no value occurs twice."""
    codes, values = encode.distinct(column)
    known = values.to_list()
    assert [None if code == MISSING else known[code] for code in codes.tolist()] == column.to_list()
    assert values.n_unique() == len(values)


@given(st.lists(st.lists(st.none() | TEXTS | FIGURES, min_size=1, max_size=12), min_size=1, max_size=3))
def test_columns_equal_the_slow_twin(lists: list[list[str | None]]) -> None:
    """Columns that share a dictionary are coded as the twin codes them laid end to end."""
    coded = {}
    for i, texts in enumerate(lists):
        codes, values = encode.distinct(pl.Series(texts, dtype=pl.String))
        coded[f"f{i}"] = Coded(codes, values, values)
    columns = encode.columns(dict.fromkeys(coded, Kind.CODE), coded)
    codes, known = naive.encode([text for texts in lists for text in texts])
    assert [code for column in columns.values() for code in column.codes.tolist()] == codes
    assert all(column.values.to_list() == known for column in columns.values())
    assert all(column.codes.dtype == np.int32 for column in columns.values())


@given(st.lists(TEXTS | FIGURES | st.text(max_size=16) | st.uuids().map(str), min_size=1, max_size=30))
def test_texts_rank_as_their_bytes_do(texts: list[str]) -> None:
    """Ranks are equal and ascend exactly as the texts, in any script, also where one begins another."""
    found = ranks(pl.Series(texts, dtype=pl.String))
    assert found is not None
    rank, places = found
    assert rank.tolist() == naive.encode(list(texts))[0]
    assert [texts[place] for place in places.tolist()] == naive.encode(list(texts))[1]


@pytest.mark.parametrize(
    "texts",
    [
        ["H0003", "H0001", "H0002"],
        ["10", "9", "100", "1"],
        ["a", "a\0", "", "\0", "a\0\0"],
        ["the same beginning of very many letters, 2", "the same beginning of very many letters, 1"],
        ["the same beginning", "the same beginning", "the same beginning of letters", "the same beginning"],
        [f"{'é王'[k % 2] * (k % 7)}{k % 11}{'xyz' * (k % 5)}" for k in range(400)],
    ],
)
def test_texts_that_begin_alike(texts: list[str]) -> None:
    """What only a late letter, or the end, tells apart is still told apart."""
    found = ranks(pl.Series(texts))
    assert found is not None
    assert found[0].tolist() == naive.encode(list(texts))[0]


def test_long_texts_are_left_to_polars() -> None:
    """Texts too long for keys have none, and columns of them are coded all the same."""
    texts = pl.Series(["b" * (LONGEST + 1), "a", "b" * (LONGEST + 1)])
    assert ranks(texts) is None
    codes, values = encode.distinct(texts)
    column = encode.columns({"f": Kind.CODE}, {"f": Coded(codes, values, values)})["f"]
    assert naive.decode(column) == texts.to_list()


@given(st.lists(st.uuids().map(str) | TEXTS | FIGURES, unique=True, max_size=30))
def test_order_of_identifiers(ids: list[str]) -> None:
    """Rows are ordered by the text of their id, byte by byte; None says that they are already."""
    texts = pl.Series(ids, dtype=pl.String)
    order = order_of(texts)
    ordered = ids if order is None else texts.gather(order).to_list()
    assert ordered == sorted(ids, key=str.encode)


def test_whole_numbers_are_one_text() -> None:
    """An id that one file holds as 7, another as 7.0 and a third as "7" is the same id."""
    columns = [pl.Series([7, None]), pl.Series([7.0, float("nan")]), pl.Series(["7", None])]
    assert [encode.as_text(column).to_list() for column in columns] == [["7", None]] * 3
    assert encode.as_text(pl.Series([7.5])).to_list() == ["7.5"]
    assert encode.as_text(pl.Series(["7"], dtype=pl.Categorical)).to_list() == ["7"]


def test_a_dictionary_remembers() -> None:
    """Codes given early still hold after further columns."""
    dictionary = Dictionary()
    first = dictionary.codes(pl.Series("a", ["x", None, "y"]))
    second = dictionary.codes(pl.Series("b", ["z", "x"]))
    texts = dictionary.texts().to_list()
    assert [texts[code] for code in (first[0], first[2], *second)] == ["x", "y", "z", "x"]
    assert first[1] == MISSING
    assert texts == ["x", "y", "z"]


def test_a_dictionary_grows() -> None:
    """Far more texts than it begins with room for keep their codes, across columns and chunks."""
    dictionary = Dictionary()
    texts = [f"name {k % 30_011}" for k in range(40_000)]
    halves = pl.concat([pl.Series(texts[:7]), pl.Series(texts[7:])], rechunk=False)
    codes = dictionary.codes(halves)
    again = dictionary.codes(pl.Series(texts[::-1]))
    assert dictionary.texts().to_list() == texts[:30_011]
    assert codes.tolist() == [k % 30_011 for k in range(40_000)]
    assert again.tolist() == codes[::-1].tolist()


def test_stack_and_fill() -> None:
    """Lists lie under one another; a missing value is filled from the other field of its own row."""
    values = pl.Series(["a", None])
    coded = Coded(np.array([0, 1, MISSING], np.int32), values, values)
    stacked = encode.stack([coded, 2, coded])
    assert stacked.known().tolist() == [True, False, False, False, False, True, False, False]
    other = pl.Series(["b"])
    filled = encode.fill(coded, Coded(np.array([0, 0, MISSING], np.int32), other, other))
    assert [None if code < 0 else filled.standard[code] for code in filled.codes.tolist()] == ["a", "b", None]


def test_fields_that_share_entries_share_values() -> None:
    """Only what some row holds is a value; fields over the same entries are coded alike."""
    entries = pl.Series(["b", "a", "unused", None, "a"])
    one, two = (Coded(np.array(codes, np.int32), entries, entries) for codes in ([0, 1, MISSING], [4, 3, 0]))
    assert [list(group) for group in encode.sharing({"one": one, "two": two})] == [["one", "two"]]
    columns = encode.columns(dict.fromkeys(("one", "two"), Kind.NAME), {"one": one, "two": two})
    assert [naive.decode(column) for column in columns.values()] == [["b", "a", None], ["a", None, "b"]]
    assert columns["one"].values.to_list() == ["a", "b"]
