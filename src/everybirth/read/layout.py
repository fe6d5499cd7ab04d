"""Where the records of a delimited text begin and end, and how many fields each has."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_BLOCK = 1 << 20  # bytes looked at together: their positions stay in the processor's cache
_QUOTE, _NEWLINE, _RETURN = 34, 10, 13


@dataclass(frozen=True, slots=True)
class Layout:
    """The records of a delimited text, line breaks within quotation marks left inside.

    ends     (n_records,) byte after each record's line break
    fields   (n_records,) number of fields
    blank    (n_records,) nothing but delimiters
    """

    ends: npt.NDArray[np.int64]
    fields: npt.NDArray[np.int64]
    blank: npt.NDArray[np.bool_]


def lay_out(data: bytes, delimiter: str) -> Layout | None:
    """Find the records of a text that ends with a line break; None if quotation marks are not used as CSV has it."""
    content = np.frombuffer(data, np.uint8)
    ends, counts = [], []
    delimiters = quotes = 0
    for begin in range(0, len(content), _BLOCK):
        block = content[begin : begin + _BLOCK]
        newline = np.flatnonzero(block == _NEWLINE)
        delimiter_at = np.flatnonzero(block == ord(delimiter))
        quote = np.flatnonzero(block == _QUOTE)
        if len(quote) or quotes & 1:
            if not _regular(content, quote + begin, quotes & 1, ord(delimiter)):
                return None
            newline = newline[(np.searchsorted(quote, newline) + quotes) & 1 == 0]
            delimiter_at = delimiter_at[(np.searchsorted(quote, delimiter_at) + quotes) & 1 == 0]
            quotes += len(quote)
        ends.append(newline + begin + 1)
        counts.append(np.searchsorted(delimiter_at, newline) + delimiters)
        delimiters += len(delimiter_at)
    if quotes & 1:
        return None
    end = np.concatenate(ends) if ends else np.zeros(0, np.int64)
    count = np.concatenate(counts) if counts else np.zeros(0, np.int64)
    within = np.diff(count, prepend=0)
    length = np.diff(end, prepend=0) - 1
    length -= (length > 0) & (content[np.maximum(end - 2, 0)] == _RETURN)
    return Layout(end, within + 1, length == within)


def _regular(content: npt.NDArray[np.uint8], quote: npt.NDArray[np.int64], inside: int, delimiter: int) -> bool:
    """Each opening mark follows a delimiter or line break, each closing one precedes one; doubled marks are both."""
    opens = (np.arange(len(quote)) + inside) & 1 == 0
    opening, closing = quote[opens], quote[~opens]
    before = content[np.maximum(opening - 1, 0)]
    after = content[np.minimum(closing + 1, len(content) - 1)]
    good_before = np.isin(before, (delimiter, _NEWLINE, _QUOTE)) | (opening == 0)
    good_after = np.isin(after, (delimiter, _NEWLINE, _RETURN, _QUOTE))
    return bool(good_before.all() and good_after.all())


def mend(data: bytes, delimiter: str) -> bytes:
    """The same records with stray quotation marks (5" or an unclosed one) taken as letters, for `lay_out` to follow.

    A line whose marks do not enclose whole fields is taken to be one record, split at each delimiter.
    """
    mark = re.escape(delimiter.encode())
    field = rb'(?:"[^"]*+(?:""[^"]*+)*+"(?=' + mark + rb'|\r?\n)|[^"\n' + mark + rb"]*+)"
    regular = re.compile(rb"(?:" + field + rb"(?:" + mark + field + rb")*+\n)*+")
    parts, place = [], 0
    while place < len(data):
        found = regular.match(data, place)
        stop = found.end() if found else place
        parts.append(data[place:stop])
        if stop < len(data):
            end = data.index(b"\n", stop) + 1
            parts.append(_requoted(data[stop : end - 1], delimiter.encode()))
            stop = end
        place = stop
    return b"".join(parts)


def _requoted(line: bytes, delimiter: bytes) -> bytes:
    cells = []
    for cell in line.removesuffix(b"\r").split(delimiter):
        inner = cell[1:-1] if len(cell) > 1 and cell.startswith(b'"') and cell.endswith(b'"') else cell
        cells.append(b'"' + inner.replace(b'"', b'""') + b'"' if b'"' in cell else cell)
    return delimiter.join(cells) + b"\n"


def cells(record: str, delimiter: str) -> list[str]:
    """The fields of one record whose quotation marks are regular."""
    record = record.removesuffix("\n").removesuffix("\r")
    if '"' not in record:
        return record.split(delimiter)
    mark = re.escape(delimiter)
    pieces = re.findall(rf'(?:^|{mark})(?:"((?:[^"]|"")*)"|([^{mark}]*))', record)
    return [quoted.replace('""', '"') or plain for quoted, plain in pieces]
