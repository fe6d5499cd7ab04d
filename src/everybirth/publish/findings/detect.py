"""All findings of a run, before their fate is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from everybirth.publish.findings.blocks import copied_blocks
from everybirth.publish.findings.disagreements import disagreements
from everybirth.publish.findings.identity import finding_ids, topic_key
from everybirth.publish.findings.implausible import implausible
from everybirth.publish.findings.kinds import ABOUT_LINKS, FOUND, UNKNOWN
from everybirth.publish.findings.links import duplicates, uncertain_links
from everybirth.publish.findings.rejects import rejected_rows, stated
from everybirth.publish.findings.scene import Part, Scene, by_birth, record_column, starts
from everybirth.publish.findings.unregistered import not_registered
from everybirth.tables import Int16Array, UInt64Array

# Of the list of each text, as an index into the plan's lists, and the texts: a key of each that stays in other runs.
Keys = Callable[[Int16Array, pl.Series], UInt64Array]
# Of places as lists write them, null where there is none: the area of each.
AreaOf = Callable[[pl.Series], pl.Series]


def _nowhere(places: pl.Series) -> pl.Series:
    return pl.Series([UNKNOWN], dtype=pl.String).new_from_index(0, len(places))


@dataclass(frozen=True, slots=True)
class Unused:
    """What was read but is in no record.

    values      that could not be used: list, record_id, field, written, reason; all String
    rows        that could not be used: list, row, reason, content
    id_columns  list -> the column of its file that holds the ids, "" where there is none
    places      list -> the columns of its file that hold places, those that count most first
    area_of     which area they are in
    """

    values: pl.DataFrame
    rows: pl.DataFrame
    id_columns: Mapping[str, str]
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    area_of: AreaOf = _nowhere


def detect(scene: Scene, unused: Unused, keys: Keys) -> pl.DataFrame:
    """Look for findings of every kind.

    keys     as for the records of the scene
    Returns  the columns FOUND; by kind, then field, then in the order of the records
    """
    order, start = by_birth(scene.births.of_record)
    scene = replace(scene, order=order, start=start)
    parts = [not_registered(scene), duplicates(scene), uncertain_links(scene)]
    parts += [*disagreements(scene), implausible(scene, unused.values)]
    every = [_about_records(scene, [part for part in parts if part is not None])]
    every += [_blocks(scene, keys), _rejected(scene, unused, keys)]
    return pl.concat(every, how="diagonal").select(list(FOUND))


def _about_records(scene: Scene, parts: list[Part]) -> pl.DataFrame:
    """The findings of all parts, in their order."""
    size = np.concatenate([part.size for part in parts])
    member = np.concatenate([part.member for part in parts])
    birth = pl.Series(np.concatenate([part.birth for part in parts]).astype(np.uint32))
    topic = np.concatenate([_topics(part) for part in parts])
    columns = {
        "finding_id": finding_ids(topic, scene.record_key[member], starts(size)),
        "kind": pl.concat([pl.Series([part.kind]).new_from_index(0, len(part.size)) for part in parts]),
        "area": scene.births.area.gather(birth).cast(pl.String),
        "birth_id": scene.births.birth_id.gather(birth),
        "records": record_column(scene.records, size, member),
        "list": pl.concat([part.list_name for part in parts]),
        "field": pl.concat([part.field for part in parts]),
        "found": pl.concat([part.found for part in parts]),
        "best": pl.concat([part.best for part in parts]),
        "why": pl.concat([part.why for part in parts]),
        "probability": pl.Series(np.concatenate([part.probability for part in parts])).fill_nan(None),
    }
    return pl.DataFrame(columns, schema=FOUND)


def _topics(part: Part) -> UInt64Array:
    """(n,) key of the kind and field of each finding."""
    kind = "link" if part.kind in ABOUT_LINKS else part.kind  # one question, of records joined or apart
    known = {name: int(topic_key(kind, name)) for name in part.field.fill_null("").unique()}
    keys = part.field.fill_null("").replace_strict(known, return_dtype=pl.UInt64)
    return keys.cast(pl.UInt64).to_numpy()  # without any finding, it stays String


def _blocks(scene: Scene, keys: Keys) -> pl.DataFrame:
    found = copied_blocks(scene)
    about = found.select(pl.format("{}\x1f{}", "area", "habit")).to_series()
    return _identified(scene, found, keys, about)


def _rejected(scene: Scene, unused: Unused, keys: Keys) -> pl.DataFrame:
    area = unused.area_of(stated(unused.rows, unused.places)).cast(pl.String)
    known = scene.births.area.unique().cast(pl.String)  # a row that could not be split may hold anything there
    area = area.zip_with(area.is_in(known.implode()), _nowhere(area))
    found, known_by = rejected_rows(unused.rows, unused.id_columns, area)
    return _identified(scene, found, keys, known_by)


def _identified(scene: Scene, found: pl.DataFrame, keys: Keys, about: pl.Series) -> pl.DataFrame:
    """Findings that are about no record, with ids from their kind, list and a text."""
    if not found.height:
        return pl.DataFrame(schema=FOUND)
    number = {name: place for place, name in enumerate(scene.records.list_names)}
    list_of = found["list"].replace_strict(number, return_dtype=pl.Int16).to_numpy()
    topic = np.full(found.height, topic_key(found["kind"][0], ""), np.uint64)
    ids = finding_ids(topic, keys(list_of, about), np.arange(found.height))
    return found.with_columns(ids.alias("finding_id")).select(pl.selectors.by_name(*FOUND, require_all=False))
