"""Delimited text: every usual encoding and delimiter, and no row lost whatever stands in it."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.read.worlds import read_one

from everybirth.errors import ReadError
from everybirth.read.layout import cells, lay_out, mend
from everybirth.read.text import recognise_delimiter

ROWS = [
    ("1", "José Muñoz", "2024-01-02"),
    ("2", "Zoé; D'Ünal, Ça|va", "2024-01-03"),
    ("3", 'Ana "Nena"\nLópez', "2024-02-01"),
]
HAN = [("1", "王小明", "2024-01-02"), ("2", "李芳，张丽", "2024-01-03"), ("3", "欧阳;|,娜", "2024-02-01")]


def as_csv(rows: list[tuple[str, ...]], delimiter: str, end: str = "\r\n") -> str:
    """The rows below a header, as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows([("id", "name", "born"), *rows])
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "gb18030"]
)
@pytest.mark.parametrize("stated", [True, False])
def test_encoding_and_delimiter_are_recognised_or_stated(
    tmp_path: Path, delimiter: str, encoding: str, stated: bool
) -> None:
    """The same rows come back from every combination."""
    rows = HAN if encoding == "gb18030" else ROWS
    (tmp_path / "a.csv").write_bytes(as_csv(rows, delimiter).encode(encoding))
    options = {"encoding": encoding, "delimiter": delimiter} if stated else {}
    result = read_one(tmp_path, "a.csv", **options)
    frame = result.lists[0].frame
    assert frame.select("record_id", "child_full_name", "birth_date").rows() == rows
    assert frame["row"].to_list() == [2, 3, 4]
    guessed = not stated and encoding in ("cp1252", "latin-1", "gb18030")
    assert any("encoding" in warning for warning in result.warnings) == guessed


def test_chinese_in_utf8_and_utf16(tmp_path: Path) -> None:
    """Chinese text is read from Unicode files as well."""
    for encoding in ("utf-8", "utf-16", "utf-16-le"):
        (tmp_path / "a.csv").write_bytes(as_csv(HAN, ",").encode(encoding))
        assert read_one(tmp_path, "a.csv").lists[0].frame["child_full_name"].to_list() == [row[1] for row in HAN]


def test_a_wrong_stated_encoding_names_byte_and_row(tmp_path: Path) -> None:
    """A byte that is not of the stated encoding is located; no value is shown."""
    (tmp_path / "a.csv").write_bytes(b"id,name,born\n1,Ana,\n2,Jos\xe9,\n")
    with pytest.raises(ReadError, match=r'a\.csv: the plan says encoding = "utf-8", but byte 26 \(row 3\)'):
        read_one(tmp_path, "a.csv", encoding="utf-8")
    (tmp_path / "a.csv").write_text("id,name,born\n1,José,\n", encoding="utf-8")
    assert any("looks like UTF-8" in one for one in read_one(tmp_path, "a.csv", encoding="latin-1").warnings)


def test_a_few_damaged_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    """A UTF-8 file with one byte of another encoding stays UTF-8: only that sign is lost, and the row is named."""
    rows = "".join(f"{place},José Muñoz,x\n" for place in range(10))
    (tmp_path / "a.csv").write_bytes(b"id,name,born\n" + rows.encode() + b"99,Jos\xe9,y\n")
    result = read_one(tmp_path, "a.csv")
    assert set(result.lists[0].frame["child_full_name"]) == {"José Muñoz", "Jos\ufffd"}
    (said,) = result.warnings
    assert said.startswith("list: a.csv: UTF-8 but for 1 byte in 1 row (first: row 12), read as \ufffd. Correct")


def test_rows_of_the_wrong_length_are_kept_apart(tmp_path: Path) -> None:
    """They are rejected with their number and how many fields they have; the others are read."""
    (tmp_path / "a.csv").write_text('id,name,born\n1,Ana,x\n2,"B,C"\n\n3,D,y,z\n,,\n4,E,w\n', encoding="utf-8")
    result = read_one(tmp_path, "a.csv")
    assert result.lists[0].frame["record_id"].to_list() == ["1", "4"]
    assert result.lists[0].frame["row"].to_list() == [2, 7]
    assert result.rejected["row"].to_list() == [3, 5]
    assert result.rejected["reason"].to_list() == ["2 fields where the header has 3", "4 fields where the header has 3"]
    assert result.rejected["content"].to_list() == ["{}", "{}"]
    assert result.rows == {"list": 4}


def test_a_row_of_the_wrong_length_keeps_no_value(tmp_path: Path) -> None:
    """Which cell is of which column is uncertain: one of a refused column, or of none of the plan, may be anywhere."""
    rows = "1,Ana,x,2,positive\n2,SECRET,z\nSECRET,SECRET,x,SECRET,SECRET,y\n"
    (tmp_path / "a.csv").write_text(f"id,name,born,parity,hiv status\n{rows}", encoding="utf-8")
    result = read_one(tmp_path, "a.csv")
    assert result.rows == {"list": 3}
    assert result.dropped == (("list", "parity"),)
    assert result.rejected.select("row", "content").rows() == [(3, "{}"), (4, "{}")]
    assert "SECRET" not in str(result.rejected.rows())


def test_a_header_in_the_middle_is_no_birth(tmp_path: Path) -> None:
    """Where files with headers were put together, perhaps with a byte-order mark, the names are set aside."""
    (tmp_path / "a.csv").write_text("id,name,born\n1,Ana,x\n\ufeffid,name,born\n2,name,y\n", encoding="utf-8")
    result = read_one(tmp_path, "a.csv")
    assert result.lists[0].frame["child_full_name"].to_list() == ["Ana", "name"]
    assert result.rejected.rows() == [("list", 3, "the header again", "{}")]
    alone = read_one(tmp_path, "a.csv", "", {"child_full_name": "name"})
    assert alone.lists[0].frame.height == 3


@pytest.mark.parametrize("delimiter", ["~", "^", ":"])
def test_rare_delimiters_are_recognised_where_nearly_every_row_agrees(tmp_path: Path, delimiter: str) -> None:
    """But not in the times of a file with one column, or beside a usual one."""
    text = "id,name,born\n1,Ana,x\n2,Bo,y\n"
    (tmp_path / "a.csv").write_text(text.replace(",", delimiter), encoding="utf-8")
    assert read_one(tmp_path, "a.csv").lists[0].frame["child_full_name"].to_list() == ["Ana", "Bo"]
    odd = f"a{delimiter}b{delimiter}name\nAna\nBo\n"
    (tmp_path / "b.csv").write_text(odd, encoding="utf-8")
    name = {"child_full_name": odd.partition("\n")[0]}
    assert read_one(tmp_path, "b.csv", "", name).lists[0].frame["child_full_name"].to_list() == ["Ana", "Bo"]
    usual = text.replace("born", f"born{delimiter * 2}").replace("x", f"x{delimiter * 2}")
    assert recognise_delimiter(usual.encode()) == ","


def test_stray_quotation_marks_do_not_swallow_rows(tmp_path: Path) -> None:
    """A mark that encloses no whole field is a letter; the rows after it are still rows."""
    (tmp_path / "a.csv").write_text(
        'id,name,born\n1,"Ana,x\n2,Maria "Mimi" L,y\n3,"D ""E""\nF",z\n4,5" G,\n', encoding="utf-8"
    )
    frame = read_one(tmp_path, "a.csv").lists[0].frame
    assert frame["record_id"].to_list() == ["1", "2", "3", "4"]
    assert frame["child_full_name"].to_list() == ['"Ana', 'Maria "Mimi" L', 'D "E"\nF', '5" G']
    assert frame["row"].to_list() == [2, 3, 4, 5]


def test_header_row_and_the_sep_line(tmp_path: Path) -> None:
    """Lines above the header are passed over, and row numbers count them."""
    (tmp_path / "a.csv").write_text("Births 2024;;\n\nid;name;born\n1;Ana;x\n", encoding="utf-8")
    assert read_one(tmp_path, "a.csv", header_row=3).lists[0].frame["row"].to_list() == [4]
    with pytest.raises(ReadError, match="They are in row 3: set header_row = 3"):
        read_one(tmp_path, "a.csv", delimiter=";")
    (tmp_path / "b.csv").write_text("sep=;\nid;name;born\n1;Ana, B;x\n", encoding="utf-8")
    frame = read_one(tmp_path, "b.csv").lists[0].frame
    assert frame.rows() == [("1", 3, "Ana, B", "x")]


def test_old_macintosh_line_ends(tmp_path: Path) -> None:
    """Carriage returns alone end lines too."""
    (tmp_path / "a.csv").write_bytes(b"id,name,born\r1,Ana,x\r2,Bo,y\r")
    assert read_one(tmp_path, "a.csv").lists[0].frame["record_id"].to_list() == ["1", "2"]


field = st.text(st.sampled_from('ab,;"\n\r é王 -'), max_size=6)


@given(
    st.lists(st.lists(field, min_size=3, max_size=3), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
def test_what_was_written_is_laid_out_record_by_record(rows: list[list[str]], delimiter: str, all_quoted: bool) -> None:
    """Well-formed CSV: as many records as rows, each with its fields."""
    if not all_quoted:  # a bare carriage return at the end of a line belongs to the line's end
        rows = [[text.replace("\r", "") for text in row] for row in rows]
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)
    data = out.getvalue().encode()
    layout = lay_out(data, delimiter)
    assert layout is not None
    starts = [0, *layout.ends[:-1].tolist()] if len(layout.ends) else []
    found = [cells(data[a:b].decode(), delimiter) for a, b in zip(starts, layout.ends.tolist(), strict=True)]
    assert found == rows
    assert layout.fields.tolist() == [3] * len(rows)


@given(st.text(st.sampled_from('a"",\n\r b'), max_size=60))
def test_any_text_can_be_mended_and_keeps_its_letters(text: str) -> None:
    """After mending, every text can be laid out; nothing but quotation marks is added or taken away."""
    data = (text + "\n").encode()
    mended = mend(data, ",")
    assert lay_out(mended, ",") is not None
    kept = [byte for byte in data if byte not in b'"\r']
    assert [byte for byte in mended if byte not in b'"\r'] == kept
    assert mend(mended, ",") == mended


@given(
    st.lists(st.lists(st.sampled_from(["", " ", "Ana", "x,y", 'q"q', "l\nl", "李", '"']), max_size=5), max_size=15),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], by_row: bool, end: str
) -> None:
    """Rows read = rows in the list + rows rejected, however ragged the file; no row number comes twice."""
    folder = tmp_path_factory.mktemp("law")
    rows = [[str(place), *row] if row and row[0] else row for place, row in enumerate(rows) if row != [""]]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end)
    writer.writerows([["id", "name", "born"], *rows])
    (folder / "a.csv").write_bytes(out.getvalue().encode())
    result = read_one(folder, "a.csv", "" if by_row else "id")
    expected = [place for place, row in enumerate(rows, 2) if any(row)]
    found = [*result.lists[0].frame["row"].to_list(), *result.rejected["row"].to_list()]
    assert sorted(found) == expected
    assert result.rows["list"] == len(expected)
    assert result.lists[0].frame["record_id"].is_unique().all()
