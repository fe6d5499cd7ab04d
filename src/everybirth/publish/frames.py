"""The tables of a run: one row per birth, per record, per pair, per draw."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from everybirth.schema import EXTRA_PREFIX, FIELDS, MOTHER_ONLY_FOR_COMPARISON, Kind
from everybirth.tables import MISSING, BoolArray, Float32Array, Float64Array, Int8Array, Int32Array, Int64Array, Records

_PUBLISHED = {Kind.DATE: pl.Date(), Kind.CATEGORY: pl.Categorical(pl.Categories.random())}
_HEAD = 8  # letters of an id, behind its first, that are read as one number
_NOT_OF_A_BIRTH = ("recorded_on",)  # when a list wrote it down, not what happened


def output_fields(records: Records) -> list[str]:
    """Fields of births.parquet: those that the lists have, in the order of the schema, less what could tie a mother's
    births together.
    """
    hidden = (*MOTHER_ONLY_FOR_COMPARISON, *_NOT_OF_A_BIRTH)
    fields = [name for name in FIELDS if name in records.columns and name not in hidden]
    return fields + sorted(name for name in records.columns if name.startswith(EXTRA_PREFIX))


def births(
    records: Records, birth: Int32Array, birth_id: pl.Series, probability: Float32Array, best: Mapping[str, Int32Array]
) -> pl.DataFrame:
    """births.parquet, ordered by birth_id.

    birth        (n_records,) number of each record's birth
    birth_id     (n_births,) String
    probability  (n_births,) that exactly its records are one birth
    best         field -> (n_births,) record whose value is shown, -1 where no record has one
    """
    order = ascending(birth_id)
    n_births = len(order)
    columns = [birth_id.gather(order).alias("birth_id")]
    with ThreadPoolExecutor(pl.thread_pool_size()) as fields:  # a million rows of a field are gathered on one processor
        columns += fields.map(lambda name: value_of(records, name, best[name][order]), best)
    place = np.empty(n_births, np.int32)
    place[order] = np.arange(n_births, dtype=np.int32)
    place = place[birth]
    for number, list_name in enumerate(records.list_names):
        held = np.zeros(n_births, dtype=bool)
        held[place[records.list_of == number]] = True
        columns.append(pl.Series(f"in_{list_name}", held))
    columns.append(pl.Series("n_records", np.bincount(place, minlength=n_births).astype(np.uint16)))
    columns.append(pl.Series("probability", probability[order]))
    return pl.DataFrame(columns)


def value_of(records: Records, name: str, record: Int32Array) -> pl.Series:
    """(n,) the field as some records have it: as read where its spelling varies, else as standardised.

    record   (n,) row in Records, or MISSING
    """
    if name in records.raw:
        coded, values = records.raw[name].codes, records.raw[name].texts
    else:
        column = records.columns[name]
        coded = column.codes
        values = column.values.cast(_PUBLISHED[column.kind]) if column.kind in _PUBLISHED else column.values
    codes = np.where(record < 0, np.int32(MISSING), coded[record]) if len(coded) else record
    return values.gather(_places(codes)).alias(name)


def _places(index: Int32Array) -> pl.Series:
    """(n,) what to gather: null where the index is MISSING."""
    return pl.Series(index).to_frame("at").select(pl.when(pl.col("at") >= 0).then("at").cast(pl.UInt32)).to_series()


def ascending(ids: pl.Series) -> Int64Array:
    """(n,) places of the ids in ascending order.

    ids   (n,) String, distinct; equally long ones, as births have, are told apart by the eight letters after the first
    """
    lengths = ids.str.len_bytes()
    if not len(ids) or lengths.min() != lengths.max() or int(lengths[0]) <= _HEAD or ids.str.head(1).n_unique() > 1:
        return ids.arg_sort().to_numpy().astype(np.int64)
    letters = np.frombuffer(ids.str.join("").item().encode(), np.uint8).reshape(len(ids), -1)
    heads = np.ascontiguousarray(letters[:, 1 : _HEAD + 1]).view(">u8").ravel().astype(np.uint64)
    order: Int64Array = np.argsort(heads)
    same = heads[order[1:]] == heads[order[:-1]]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):  # few: they lie group by group, so that putting all of them in order puts each group in order
        order[tied] = order[tied][ids.gather(order[tied]).arg_sort().to_numpy()]
    return order


def list_column(records: Records, rows: Int32Array) -> pl.Series:
    """(n,) name of the list of each of the rows, as an Enum: a code per row, not a string."""
    names = pl.Series(list(records.list_names), dtype=pl.Enum(records.list_names))
    return names.gather(pl.Series(records.list_of[rows].astype(np.uint32)))


def links(records: Records, birth: Int32Array, birth_id: pl.Series, probability: Float32Array) -> pl.DataFrame:
    """links.parquet: every record, in canonical order.

    probability   (n_records,) that the record belongs to that birth
    """
    return pl.DataFrame(
        [
            list_column(records, np.arange(records.n_records, dtype=np.int32)).alias("list"),
            records.record_id.alias("record_id"),
            birth_id.gather(pl.Series(birth).cast(pl.UInt32)).alias("birth_id"),
            pl.Series("probability", probability),
        ]
    )


def pairs(
    records: Records,
    ends: tuple[Int32Array, Int32Array],
    scores: tuple[Float32Array, Float64Array],
    fields: Sequence[str],
    levels: Int8Array,
) -> pl.DataFrame:
    """pairs.parquet: the pairs worth keeping, in the order given.

    ends     left and right record of each pair (n_pairs,)
    scores   probability of same birth, match weight in bits (n_pairs,)
    fields   names of the compared fields
    levels   (n_pairs, n_fields) comparison level of each, 0 for missing
    """
    left, right = ends
    columns = [
        list_column(records, left).alias("list_l"),
        records.record_id.gather(pl.Series(left).cast(pl.UInt32)).alias("record_id_l"),
        list_column(records, right).alias("list_r"),
        records.record_id.gather(pl.Series(right).cast(pl.UInt32)).alias("record_id_r"),
        pl.Series("probability", scores[0]),
        pl.Series("weight", scores[1].astype(np.float32)),
    ]
    columns += [pl.Series(f"level_{name}", np.ascontiguousarray(levels[:, k])) for k, name in enumerate(fields)]
    return pl.DataFrame(columns)


def draws(n_draws: int, deviations: Sequence[tuple[Int32Array, Int32Array]]) -> pl.DataFrame:
    """draws.parquet: what differs from the best partition in each draw.

    deviations   per draw: rows of links.parquet that lie in another birth than in the best partition, and the first row
                 of that birth
    """
    size = [len(rows) for rows, _ in deviations]
    empty = np.zeros(0, dtype=np.int32)
    return pl.DataFrame(
        {
            "draw": np.repeat(np.arange(n_draws, dtype=np.int16), size),
            "row": np.concatenate([empty, *(rows for rows, _ in deviations)]),
            "first_row": np.concatenate([empty, *(first for _, first in deviations)]),
        }
    )


def kept(probability: Float32Array, floor: float) -> BoolArray:
    """Pairs worth keeping (n_pairs,)."""
    return probability >= floor
