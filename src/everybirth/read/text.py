"""CSV and its kin: any delimiter, any usual encoding, rows of the wrong length set aside."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from everybirth.errors import ReadError
from everybirth.plan import ListPlan
from everybirth.read.encoding import to_utf8
from everybirth.read.layout import Layout, cells, lay_out, mend
from everybirth.read.table import FileTable, Rejects, Source

DELIMITERS = (",", ";", "\t", "|")
_RARE = ("~", "^", ":")  # taken only if no usual one fits and nearly every row agrees: times have a ":" too
_AGREED = 0.9  # share of rows
_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}


def open_text(path: Path, part: ListPlan, label: str) -> Source:
    """Open a delimited text file.

    path     the file
    part     its list in the plan: encoding, delimiter and header_row count
    label    how messages name the file
    Raises   ReadError  if the file is empty, no text, of another encoding than stated, or ends before its header
    """
    data = path.read_bytes()
    if not data:
        raise ReadError(f"{label}: the file is empty (0 bytes). Export it again.")
    for magic, kind in _NOT_TEXT.items():
        if data.startswith(magic):
            raise ReadError(f"{label}: this is {kind}, not text. Give the file its right ending (.xlsx, .parquet ...).")
    text = to_utf8(data, part.encoding, label)
    content, stated, header_row = _from_header(text.data, part.header_row)
    if not content or content.isspace():
        raise ReadError(f"{label}: no header in row {header_row}. Correct header_row.")
    delimiter = part.delimiter or stated or recognise_delimiter(content)
    layout = lay_out(content, delimiter)
    if layout is None:
        content = mend(content, delimiter)
        layout = lay_out(content, delimiter)
    if layout is None:
        raise ReadError(f"{label}: its quotation marks cannot be followed. Export it again as CSV (UTF-8).")
    header = cells(content[: layout.ends[0]].decode(), delimiter)
    columns = tuple(name.strip().removeprefix("\ufeff") for name in header)
    text_rows = _TextRows(content, layout, delimiter, columns, header_row)
    return Source(
        label=label,
        columns=columns,
        load=text_rows.load,
        warnings=(text.warning,) if text.warning else (),
        advice=text_rows.advice,
    )


def _from_header(content: bytes, header_row: int) -> tuple[bytes, str, int]:
    """The text from its header on, ended by a line break; the delimiter its first line states; the header's row."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    if not content.endswith(b"\n"):
        content += b"\n"
    stated = ""
    said = re.match(rb"sep=([,;|\t~^:])\r?\n", content, re.IGNORECASE)
    if said:  # Excel's own first line
        stated, content = said[1].decode(), content[said.end() :]
    for _ in range(header_row - 1):
        content = content[content.find(b"\n") + 1 :]
    return content, stated, header_row + bool(said)


def recognise_delimiter(content: bytes) -> str:
    """The delimiter by which the first rows fall into the same number of fields, comma if there is none.

    A rare one must part the header into three fields at least.
    """
    newline = content.find(b"\n")
    sample = content[: max(newline + 1, 1 << 18)].decode("utf-8", "ignore")
    plain = re.sub(r'"[^"]*(?:""[^"]*)*"', "", sample)
    lines = [line for line in plain.split("\n")[:200] if line.strip()]
    best, delimiter = (0.0, 0), ","
    for candidate in (*DELIMITERS, *_RARE):
        in_header = lines[0].count(candidate) if lines else 0
        same = sum(line.count(candidate) == in_header for line in lines) / max(len(lines), 1)
        if candidate in _RARE and (best[1] or in_header < 2 or same < _AGREED):
            continue
        if in_header and (round(same, 1), in_header) > best:
            best, delimiter = (round(same, 1), in_header), candidate
    return delimiter


@dataclass(frozen=True, slots=True)
class _TextRows:
    """A delimited text with its layout, from which wanted columns are loaded.

    content   UTF-8, record 0 is the header
    header    row number of the header in the file
    """

    content: bytes
    layout: Layout
    delimiter: str
    columns: tuple[str, ...]
    header: int

    def advice(self, missing: Sequence[str]) -> str:
        if len(self.columns) == 1:
            return f"Only one column was found, with {self.delimiter!r} as delimiter: if it is another, set delimiter."
        for row in range(1, min(10, len(self.layout.ends))):
            record = self.content[self.layout.ends[row - 1] : self.layout.ends[row]].decode()
            if set(missing) <= {cell.strip() for cell in cells(record, self.delimiter)}:
                return f"They are in row {self.header + row}: set header_row = {self.header + row}."
        return ""

    def load(self, wanted: Mapping[str, str]) -> FileTable:
        fields, blank = self.layout.fields, self.layout.blank
        good = (fields == len(self.columns)) & ~blank
        bad = np.flatnonzero((fields != len(self.columns)) & ~blank)
        good[0] = False  # the header
        kept = np.flatnonzero(good)
        places = {name: place for place, name in enumerate(self.columns)}
        frame = self._parse(self._kept_bytes(good), [places[name] for name in wanted], tuple(wanted))
        if frame.height != len(kept):
            raise RuntimeError(f"{len(kept)} rows were laid out, {frame.height} were read")
        row = pl.Series("row", (kept + self.header).astype(np.uint32))
        return FileTable(frame, row, self._rejects(bad[bad > 0]))

    def _kept_bytes(self, good: npt.NDArray[np.bool_]) -> bytes:
        ends = self.layout.ends
        out = np.flatnonzero(~good)
        view = memoryview(self.content)
        starts = ends[out]
        stops = np.append(ends[out[1:] - 1], ends[-1])
        spans = [view[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True) if stop > start]
        return b"".join(spans)

    def _parse(self, data: bytes, places: Sequence[int], names: tuple[str, ...]) -> pl.DataFrame:
        if not data:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        frame = pl.read_csv(
            data,
            has_header=False,
            separator=self.delimiter,
            infer_schema=False,
            columns=sorted(set(places)),
        )
        by_place = dict(zip(sorted(set(places)), frame.columns, strict=True))
        frame = frame.select(pl.col(by_place[place]).alias(name) for place, name in zip(places, names, strict=True))
        if b'""' in data:  # a quoted empty field is as empty as any other
            frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names)
        return frame

    def _rejects(self, bad: npt.NDArray[np.int64]) -> Rejects:
        """What stands in which column of such a row is uncertain: no cell is kept, as it may be of any column."""
        width, found = len(self.columns), self.layout.fields[bad].tolist()
        reasons = tuple(f"{count} fields where the header has {width}" for count in found)
        return Rejects(tuple((bad + self.header).tolist()), reasons)
