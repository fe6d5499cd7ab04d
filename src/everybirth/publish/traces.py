"""Values that name or identify persons, gathered from a run's files, and the search for them in other files.

Values and texts are compared word by word, without regard to case: a value is found where its words stand one after
another. Chinese characters have no blanks between words, so Chinese names are found anywhere within them.
"""

import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import polars as pl

from everybirth.publish.access_log import ACCESS_LOG
from everybirth.publish.decisions import FILE as DECISIONS
from everybirth.schema import EXTRA_PREFIX, FIELDS, Kind

MOST_WORDS = 6  # of a value that are looked for; a longer one is found by its first six
FEWEST_LETTERS, FEWEST_FIGURES = 3, 9  # shorter values cannot be told from ordinary words and from counts
HAN = (2, 4)  # characters of a Chinese name that are looked for within a text

_NUMBERS = ("registration_number", "phone", "mother_id")
IDENTIFYING = (*(name for name, each in FIELDS.items() if each.kind is Kind.NAME), *_NUMBERS)
LABELS = ("residence", "birth_place", "facility", "site", "sex", "area", "period", "level")  # may be published
_PERSONAL = {
    "births.parquet": IDENTIFYING,
    "links.parquet": ("record_id", "birth_id"),
    "findings.parquet": ("finding_id",),
}
_LABELLED = ("births.parquet", "estimates.parquet", "counts.parquet")
_WORD = r"\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{M}\p{N}]+"
_BETWEEN_TAGS = re.compile(r">([^<]+)|=\"([^\"]*)\"|='([^']*)'")


@dataclass(frozen=True, slots=True)
class Traces:
    """What is searched for.

    values    one row per distinct value and what it is: value (its words, lower case, a blank between), what
    excluded  reason -> how many values are not searched for
    """

    values: pl.DataFrame
    excluded: dict[str, int]

    @property
    def searched(self) -> int:
        """How many distinct values are searched for."""
        return int(self.values["value"].n_unique())


@dataclass(frozen=True, slots=True)
class Found:
    """Values of persons in a file that stays."""

    file: str
    what: str
    values: int

    def __str__(self) -> str:
        return (
            f"{self.file}: holds {self.values:,} values of {self.what}. Look at it, and delete it if they are persons'."
        )


def is_table_of_run(path: Path) -> bool:
    """Whether a file is one of the tables about persons that a run writes."""
    wanted = {"births.parquet": "birth_id", "links.parquet": "record_id", "pairs.parquet": "record_id_l"}
    column = wanted.get(path.name)
    if column is None or not path.is_file():
        return False
    try:
        return column in pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError):
        return False


def gather(path: Path) -> Traces:
    """Every value that names or identifies a person in the files of a run that are still there.

    Left out are values that also are ordinary words of reports, names of areas, or too short to be told from either.
    """
    parts = [_words(values, what) for values, what in _values(path)]
    empty = pl.DataFrame(schema={"value": pl.String, "what": pl.String})
    every = pl.concat([empty, *parts]).filter(pl.col("value") != "")
    value = pl.col("value")
    single = ~value.str.contains(" ", literal=True)
    han = value.str.contains(r"^\p{Han}+$")
    length = value.str.len_chars()
    figures = value.str.contains(r"^[\p{N} .,]+$")
    reasons = {
        f"of fewer than {FEWEST_LETTERS} letters, too short to tell from other words": (
            ~figures & (length < pl.when(han).then(HAN[0]).otherwise(FEWEST_LETTERS))
        ),
        f"of fewer than {FEWEST_FIGURES} figures and no letter, as counts are": figures & (length < FEWEST_FIGURES),
        "that also are names of areas, places or lists": value.is_in(_labels(path).implode()),
        "that also are words of everybirth's own texts": single & value.is_in(_own_words().implode()),
    }
    which = [pl.when(test).then(pl.lit(number, pl.Int8)) for number, test in enumerate(reasons.values())]
    every = every.with_columns(pl.coalesce(which).alias("reason"))
    left_out = every.filter(pl.col("reason").is_not_null()).unique("value")
    counts = dict(left_out.group_by("reason").len().iter_rows())
    kept = every.filter(pl.col("reason").is_null()).select("value", "what")
    return Traces(kept, {reason: counts.get(number, 0) for number, reason in enumerate(reasons)})


def search(path: Path, name: str, traces: Traces) -> list[Found]:
    """How many values of persons stand in a file, by what they are.

    name   of the file, relative to `path`: text, CSV, JSON, HTML or Excel
    """
    phrases = _phrases(pl.Series(list(_texts(path / name)), dtype=pl.String))
    hits = traces.values.filter(pl.col("value").is_in(phrases.implode()))
    return [Found(name, what, count) for what, count in hits.group_by("what").len().sort("what").iter_rows()]


def _values(path: Path) -> Iterator[tuple[pl.Series, str]]:
    """Columns of distinct values, and what they are."""
    for file, columns in _PERSONAL.items():
        if (path / file).is_file():
            there = pl.read_parquet_schema(path / file)
            extra = [name for name in there if name.startswith(EXTRA_PREFIX) and there[name] == pl.String]
            for name in (*(column for column in columns if column in there), *extra):
                yield pl.read_parquet(path / file, columns=[name])[name].cast(pl.String).unique(), name
    if (path / "rejected.parquet").is_file():
        yield pl.Series(list(_of_rejected(path / "rejected.parquet")), dtype=pl.String), "rejected rows"
    if (path / DECISIONS).is_file():
        yield pl.Series(list(_of_decisions(path / DECISIONS)), dtype=pl.String), "decisions"


def _of_rejected(file: Path) -> Iterator[str]:
    """The cells of rejected rows, which are kept as JSON, perhaps behind the name of their file."""
    for content in pl.read_parquet(file, columns=["content"])["content"].drop_nulls():
        try:
            cells = json.loads(content[content.index("{") :])
        except ValueError:
            yield content
            continue
        yield from (str(cell) for cell in cells.values() if cell is not None)


def _of_decisions(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if FIELDS.get(content.get("field") or "", FIELDS["phone"]).name in IDENTIFYING:
            yield str(content.get("value") or "")


def _labels(path: Path) -> pl.Series:
    """Names of areas, places and lists, which tables may show."""
    labels = [_words(pl.Series(_lists(path), dtype=pl.String), "")["value"]]
    for file in _LABELLED:
        if (path / file).is_file():
            frame = pl.read_parquet(path / file)
            columns = [name for name in (*LABELS, "value") if name in frame.columns]
            labels += [_words(frame[name].cast(pl.String).unique(), "")["value"] for name in columns]
    return pl.concat(labels).unique()


def _lists(path: Path) -> list[str]:
    try:
        return list(json.loads((path / "run.json").read_text(encoding="utf-8"))["counts"]["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


@cache
def _own_words() -> pl.Series:
    """Words of everybirth's own texts, in every language: a name that is one of them proves nothing."""
    root = Path(__file__).parent.parent
    files = [file for ending in ("py", "html", "css", "po") for file in sorted(root.rglob(f"*.{ending}"))]
    texts = pl.Series([file.read_text(encoding="utf-8") for file in files], dtype=pl.String)
    return _phrases(texts, most=1)


def _words(values: pl.Series, what: str) -> pl.DataFrame:
    """Distinct values as their words, a blank between, the first MOST_WORDS of them."""
    given = pl.DataFrame({"value": values.drop_nulls()})
    plain = pl.col("value").str.contains("^[0-9A-Za-z]+$")  # most ids: one word, soon said
    found = _lower(pl.col("value")).str.extract_all(_WORD).list.head(MOST_WORDS).list.join(" ")
    both = [given.filter(plain).select(pl.col("value").str.to_lowercase()), given.filter(~plain).select(found)]
    return pl.concat(both).unique().select("value", pl.lit(what).alias("what"))


def _lower(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase()


def _phrases(texts: pl.Series, most: int = MOST_WORDS) -> pl.Series:
    """Every run of up to so many words of some texts, and every run of HAN characters within Chinese words."""
    words = pl.DataFrame({"text": texts}).select(_lower(pl.col("text")).str.extract_all(_WORD).explode().drop_nulls())
    word = words.to_series()
    runs = [word]
    for length in range(2, most + 1):
        following = word.shift(1 - length)
        both = pl.DataFrame({"so_far": runs[-1], "next": following})
        runs.append(both.select(pl.concat_str("so_far", "next", separator=" ")).to_series())
    chinese = word.filter(word.str.contains(r"\p{Han}")).unique().to_list()
    within = {
        run[at : at + size]
        for run in chinese
        for size in range(HAN[0], HAN[1] + 1)
        for at in range(len(run) - size + 1)
    }
    runs.append(pl.Series(sorted(within), dtype=pl.String))
    return pl.concat([run.unique() for run in runs]).drop_nulls().unique()


def _texts(file: Path) -> Iterable[str]:
    """The texts in a file, as a person could read them."""
    if file.suffix == ".xlsx" and zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as book:
            parts = [book.read(name) for name in book.namelist()]
        return [text for part in parts if part not in _blank_parts() for text in _of_markup(_decoded(part))]
    content = _decoded(file.read_bytes())
    if file.name == ACCESS_LOG:
        return [text for line in content.split("\n") if line for text in _of_json(line, but="who")]
    if file.suffix == ".json":
        return _of_json(content)
    return _of_markup(content) if file.suffix in (".html", ".svg", ".xml") else [content]


@cache
def _blank_parts() -> frozenset[bytes]:
    """The parts of an empty workbook, such as its theme, whose names of fonts are family names somewhere."""
    import xlsxwriter

    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}):
        pass
    with zipfile.ZipFile(buffer) as book:
        return frozenset(book.read(name) for name in book.namelist())


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _of_markup(content: str) -> list[str]:
    return [html.unescape(next(filter(None, groups), "")) for groups in _BETWEEN_TAGS.findall(content)]


def _of_json(content: str, but: str = "") -> list[str]:
    """Keys and texts of JSON; numbers are counts. What cannot be parsed is searched as it is."""
    try:
        rest = [json.loads(content)] if content.strip() else []
    except ValueError:
        return [content]
    texts: list[str] = []
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            texts += part.keys()
            rest += [value for key, value in part.items() if key != but]
        elif isinstance(part, list):
            rest += part
        elif isinstance(part, str):
            texts.append(part)
    return texts
