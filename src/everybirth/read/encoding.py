"""Which encoding a text file has: stated, marked, or recognised from its bytes."""

import codecs
import re
from dataclasses import dataclass

from everybirth.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 20  # bytes from which an encoding is guessed
_DAMAGED = 5  # a file is UTF-8 with damage if it has this many well-formed characters for each wrong byte


@dataclass(frozen=True, slots=True)
class Text:
    """A text file as UTF-8 bytes without a byte-order mark; `warning` if the encoding was guessed."""

    data: bytes
    encoding: str
    warning: str = ""


def to_utf8(data: bytes, stated: str, label: str) -> Text:
    """Decode a text file.

    data     the whole file
    stated   encoding in the plan, or ""
    label    how messages name the file
    Raises   ReadError  if the bytes are not of the stated encoding, or are no text at all
    """
    if stated:
        return _as_stated(data, stated, label)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Text(_checked(_decode(data, encoding, label), label), encoding)
    if b"\0" in data:
        return Text(_checked(_decode(data, _wide(data, label), label), label), "utf-16")
    try:
        if not data.isascii():
            data.decode("utf-8")
    except UnicodeDecodeError as error:
        damaged = _damaged_utf8(data, error.start, label)
        if damaged:
            return damaged
        encoding = _guess(data)
        text = data.decode(encoding, "replace").encode()
        return Text(
            text,
            encoding,
            f'{label}: not UTF-8; read as {encoding}. If names look wrong, set encoding = "..." in the plan.',
        )
    return Text(data, "utf-8")


def _damaged_utf8(data: bytes, first: int, label: str) -> Text | None:
    """UTF-8 in which a few bytes are wrong: another encoding would spoil every other name."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    others = len(data) - len(data.translate(None, bytes(range(0xC2, 0xF5))))  # bytes that begin a character
    if wrong * _DAMAGED > others:
        return None
    row = data.count(b"\n", 0, first) + 1
    rows = sum("\ufffd" in line for line in text.split("\n"))
    warning = (
        f"{label}: UTF-8 but for {wrong:,} byte{'s' * (wrong != 1)} in {rows:,} row{'s' * (rows != 1)} (first: row "
        f"{row:,}), read as \ufffd. Correct the file there, or export it again as UTF-8."
    )
    return Text(text.encode(), "utf-8", warning)


def _as_stated(data: bytes, stated: str, label: str) -> Text:
    name = codecs.lookup(stated).name
    if name == "utf-8" and data.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    text = Text(_checked(_decode(data, name, label, stated), label), name)
    if not name.startswith("utf") and not data.isascii() and _is_utf8(data):
        claim = f'{label}: the plan says encoding = "{stated}", but the file looks like UTF-8.'
        return Text(text.data, name, f"{claim} If names look wrong, take it out.")
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode(data: bytes, encoding: str, label: str, stated: str = "") -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        claim = f'the plan says encoding = "{stated}"' if stated else f"the file begins as {encoding}"
        advice = "Correct it, or take it out to have the encoding recognised." if stated else "Save it again as UTF-8."
        raise ReadError(f"{label}: {claim}, but byte {error.start + 1:,} (row {row:,}) is not. {advice}") from None


def _checked(text: str, label: str) -> bytes:
    place = text.find("\0")
    if place >= 0:
        raise _not_text(label, text.count("\n", 0, place) + 1)
    return text.encode("utf-8", "replace")


def _not_text(label: str, row: int) -> ReadError:
    return ReadError(
        f"{label}: row {row:,} holds NUL characters, so the file is damaged or no text. "
        "Export it again as CSV (UTF-8), or give the original Excel or Parquet file."
    )


def _wide(data: bytes, label: str) -> str:
    """UTF-16 without a mark: the zero bytes of ASCII characters are all at even or all at odd places."""
    sample = data[: _SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) * 50 > len(sample) and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    raise _not_text(label, data.count(b"\n", 0, data.find(b"\0")) + 1)


def _guess(data: bytes) -> str:
    """GB18030 if it decodes and its non-ASCII runs stand apart from Latin letters; else a Latin or other code page."""
    runs = list(re.finditer(rb"[\x80-\xff]+", data[:_SAMPLE]))
    beside = sum(
        data[run.start() - 1 : run.start()].isalpha() or data[run.end() : run.end() + 1].isalpha() for run in runs
    )
    latin = beside * 2 > len(runs)
    if not latin and _decodes(data, "gb18030"):
        return "gb18030"
    low = sum(byte < 0xC0 for run in runs for byte in run.group())
    if not latin or low * 2 > sum(len(run.group()) for run in runs):
        other = _by_statistics(data)
        if other and _decodes(data, other):
            return other
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _by_statistics(data: bytes) -> str | None:
    import charset_normalizer

    sample = b"\n".join(line for line in data[:_SAMPLE].splitlines() if not line.isascii())
    best = charset_normalizer.from_bytes(sample).best()
    return best.encoding if best else None
