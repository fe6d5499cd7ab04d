"""Capture histories by stratum: counted for every draw, with what records leave open."""

from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, counted, day, records, town

from everybirth.estimate import histories
from everybirth.estimate.births import births, reading
from everybirth.estimate.histories import captures, partitions
from everybirth.estimate.redrawn import Redrawn
from everybirth.estimate.remarks import of_captures
from everybirth.estimate.scope import Scope
from everybirth.tables import Records


def test_the_majority_of_records_says_what_a_birth_is() -> None:
    """Most records win; evenly many are decided by the register, then by the order of the lists."""
    some = records(
        [0, 1, 2, 0, 2, 0, 1],
        residence=["01-1", "02-1", "02-9", "03", "04", "05", "06"],
        sex=["male", "male", "female", "male", "female", None, "female"],
    )
    read = reading(some, SCOPE)
    found = births(read, np.arange(7), np.array([0, 3, 5]))
    assert [read.labels.area[k] for k in found.area] == ["02", "04", "05"]
    assert [read.labels.sex[k] for k in found.sex] == ["male", "female", "female"]
    assert found.history.tolist() == [0b111, 0b101, 0b110]


def test_a_site_on_which_records_disagree_evenly_is_not_known() -> None:
    """One record against one leaves the site open, whatever list they are on; two against one decide it."""
    some = records(
        [1, 2, 0, 1, 2, 2, 1, 2, 2],
        site=["home", "facility", "facility", "home", "facility", None, "home", "home", "home"],
        sex=["male", "female", "male", "male", "female", "male", None, "male", "male"],
    )
    read = reading(some, SCOPE)
    found = births(read, np.arange(9), np.array([0, 2, 5, 7]))
    assert [None if k < 0 else read.labels.site[k] for k in found.site] == [None, "facility", "home", "home"]
    assert [read.labels.sex[k] for k in found.sex] == ["female", "male", "male", "male"]


def test_contradictory_sites_are_shared_out_as_like_births_are() -> None:
    """Births at home by one list, in a facility by another, go to either as births of the same history do."""
    n = 3000
    rng = np.random.default_rng(5)
    at_home = rng.random(n) < 0.4
    said = np.where(at_home, "home", "facility")
    contrary = rng.random(n) < 0.2
    other = np.where(contrary, np.where(at_home, "facility", "home"), said)
    some = records([1] * n + [2] * n, site=[*said.tolist(), *other.tolist()])
    _, found = counted(some, [*range(n), *range(n)], FACILITY_ONLY, n_draws=10)
    home = np.array([found.frames[k].site == "home" for k in found.strata[:, 3]])
    share = found.counts[:, home].sum(axis=(1, 2)) / n
    assert found.filled_in == contrary.sum()
    assert np.all(np.abs(share - 0.4) < 0.03)


def test_residence_comes_before_place_of_birth() -> None:
    """A birth counts where the mother lives; where no record says, where it took place."""
    some = records([0, 2, 0], residence=[None, "01-3", None], birth_place=["09", "09", "07-2"])
    read = reading(some, SCOPE)
    found = births(read, np.arange(3), np.array([0, 2]))
    assert [read.labels.area[k] for k in found.area] == ["01", "07"]


def test_every_birth_is_counted_once_in_its_stratum() -> None:
    """Counts by stratum and history are those of a slow count over births, in every draw."""
    made, _ = town(600, seed=1, home=0.0)
    read, found = counted(made.records(), made.base, SCOPE)
    rows = list(zip(made.birth, made.list_of, made.fields["residence"], made.fields["sex"], strict=True))
    slow: dict[tuple[str, str], np.ndarray] = {}
    for birth in set(made.birth.tolist()):
        mine = [row for row in rows if row[0] == birth]
        history = sum(1 << (2 - row[1]) for row in mine)
        slow.setdefault((mine[0][2], mine[0][3]), np.zeros(8))[history] += 1
    assert len(found.strata) == len(slow)
    for stratum, table in zip(found.strata, found.counts.transpose(1, 0, 2), strict=True):
        key = (read.labels.area[stratum[0]], read.labels.sex[stratum[2]])
        assert (table == slow[key]).all()


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[Records, np.ndarray, list[np.ndarray]]:
    """Records, a best partition of them, and draws of it; all labels are the smallest record of a birth."""
    n = draw(st.integers(1, 24))
    group = np.sort(np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))))
    values = st.sampled_from([None, "01", "02", "03"])
    some = records(
        draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)),
        residence=draw(st.lists(values, min_size=n, max_size=n)),
        sex=draw(st.lists(st.sampled_from([None, "female", "male"]), min_size=n, max_size=n)),
        birth_date=draw(st.lists(st.sampled_from([None, 19000, 19400]), min_size=n, max_size=n)),
    )

    def partition() -> np.ndarray:
        part = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
        label = np.arange(n, dtype=np.int32)
        for k in range(n):
            label[k] = np.flatnonzero((group == group[k]) & (part == part[k]))[0]
        return label

    return some, partition(), [partition() for _ in range(3)]


def _redrawn(base: np.ndarray, draws: list[np.ndarray]) -> Redrawn:
    """A piece for each draw: the records whose birth differs, and all others of the births that they touch."""
    pieces = []
    for draw in draws:
        differs = base != draw
        touched = {*base[differs].tolist(), *draw[differs].tolist()}
        size = -1
        while size != len(touched):  # until no birth of either partition is cut
            size = len(touched)
            rows = np.isin(base, list(touched)) | np.isin(draw, list(touched))
            touched |= {*base[rows].tolist(), *draw[rows].tolist()}
        pieces.append(np.flatnonzero(np.isin(base, list(touched))))
    first = [np.searchsorted(rows, draw[rows]) for rows, draw in zip(pieces, draws, strict=True)]
    return Redrawn(
        records=np.concatenate(pieces).astype(np.int32),
        first=np.concatenate(first).astype(np.int32),
        start=np.append(0, np.cumsum([len(rows) for rows in pieces])),
        piece=np.arange(len(draws)),
        offset=np.arange(len(draws) + 1),
    )


@settings(max_examples=150, deadline=None)
@given(_worlds())
def test_a_draw_counts_as_if_it_were_the_best_partition(world: tuple[Records, np.ndarray, list[np.ndarray]]) -> None:
    """Recounting only what a draw changes gives each history as often as counting the whole draw anew."""
    some, base, draws = world
    read = reading(some, SCOPE)
    found = captures(read, partitions(read, base, _redrawn(base, draws)), SCOPE, seed=5)
    for k, label in enumerate(draws):
        whole = partitions(read, label, _redrawn(label, [label])).best
        by_history = np.bincount(whole.history, minlength=8)
        assert found.counts[k].sum(axis=0).tolist() == by_history.tolist()
        assert found.counts.shape[0] == 3


@settings(max_examples=50, deadline=None)
@given(_worlds())
def test_complete_births_are_recounted_in_their_strata(world: tuple[Records, np.ndarray, list[np.ndarray]]) -> None:
    """Where every record says everything, the strata of a draw are exactly those of counting it anew."""
    some, base, draws = world
    full = {name: column.codes.clip(0) for name, column in some.columns.items() if len(column.values)}
    whole = {name: [some.columns[name].values[int(code)] for code in codes] for name, codes in full.items()}
    some = records(some.list_of.tolist(), **whole)
    read = reading(some, SCOPE)
    found = captures(read, partitions(read, base, _redrawn(base, draws)), SCOPE, seed=5)
    for k, label in enumerate(draws):
        anew = captures(read, partitions(read, label, _redrawn(label, [label])), SCOPE, seed=5)
        first = {tuple(s): c for s, c in zip(found.strata.tolist(), found.counts[k].tolist(), strict=True) if any(c)}
        second = {tuple(s): c for s, c in zip(anew.strata.tolist(), anew.counts[0].tolist(), strict=True)}
        assert first == second


def test_missing_values_are_shared_out_as_births_of_the_same_history_are() -> None:
    """Births without a sex go to both sexes in the proportion of births with their history, anew in each draw."""
    n = 4000
    rng = np.random.default_rng(0)
    history = rng.random((n, 3)) < [0.5, 0.5, 0.5]
    history[~history.any(axis=1), 0] = True
    alone = history.sum(axis=1) == 1
    girl = np.where(alone, rng.random(n) < 0.8, rng.random(n) < 0.2)  # births on one list are mostly girls
    sex = np.where(girl, "female", "male").astype(object)
    sex[rng.random(n) < 0.3] = None
    made = Town(history, 3, sex=sex, birth_date=np.full(n, 19800))
    read, found = counted(made.records(), made.base, SCOPE, n_draws=20)
    female = found.strata[:, 2] == read.labels.sex.index("female")
    counts = found.counts[:, female].sum(axis=1)
    one = [1, 2, 4]
    share = counts[:, one].sum(axis=1) / found.counts.sum(axis=1)[:, one].sum(axis=1)
    assert np.all(np.abs(share - 0.8) < 0.04)
    assert len(set(share.tolist())) > 1
    assert found.filled_in == sum(value is None for value in sex)


def test_births_out_of_scope_are_set_apart_and_counted() -> None:
    """Births on days that the plan leaves out are in no stratum; a birth without a date stays."""
    dates = [day("2023-12-31"), day("2024-01-01"), day("2024-12-31"), day("2025-01-01"), None]
    some = records([0, 1, 2, 0, 1], birth_date=dates)
    wanted = replace(SCOPE, first=_date("2024-01-01"), last=_date("2024-12-31"))
    _, found = counted(some, [0, 1, 2, 3, 4], wanted)
    assert found.set_apart == 2
    assert found.counts.sum(axis=(1, 2)).tolist() == [3.0] * 4


def test_periods_are_as_asked() -> None:
    """By month, year or not at all."""
    some = records([0, 1], birth_date=[day("2024-01-31"), day("2024-02-01")])
    names = {unit: reading(some, replace(SCOPE, period=unit)).labels.period for unit in ("month", "year")}
    assert names == {"month": ("2024-01", "2024-02"), "year": ("2024",)}
    _, found = counted(some, [0, 1], replace(SCOPE, by=("area", "sex"), period="none"))
    assert len(found.strata) == 1


def test_too_many_cells_are_met_by_coarser_strata(monkeypatch) -> None:
    """Where strata would not fit into memory, fewer draws are used and then the period is no longer told apart."""
    made, _ = town(400, seed=3, home=0.0)
    monkeypatch.setattr(histories, "MOST_CELLS", 4 * 2 * 8 * 25)
    _, found = counted(made.records(), made.base, SCOPE, n_draws=60)
    assert found.counts.shape[0] < 60
    assert (found.by, found.merged, found.n_draws) == (("area",), ("period", "sex"), 60)
    coarser, fewer = of_captures(found)
    assert "not broken down by period of birth and sex" in coarser
    assert f"{len(found.counts)} of the 60 draws" in fewer
    monkeypatch.setattr(histories, "MOST_CELLS", 8 * 20)
    _, found = counted(made.records(), made.base, SCOPE)
    assert found.by == ()
    assert found.merged == ("area", "period", "sex")
    assert "not broken down by area, period of birth and sex" in of_captures(found)[0]
    assert found.counts.sum(axis=(1, 2)).tolist() == [len(set(made.birth.tolist()))] * 4


def test_nothing_at_all_is_counted_as_nothing() -> None:
    """No records, or records without any of the fields, make no error."""
    _, found = counted(records([]), [], SCOPE)
    assert found.counts.shape[1] == 0
    _, found = counted(records([0, 1, 2]), [0, 0, 2], FACILITY_ONLY)
    assert found.by == ()
    assert found.counts[0].sum(axis=0).tolist() == [0, 1, 0, 0, 0, 0, 1, 0]


def test_more_lists_than_three_are_counted() -> None:
    """Histories of five lists have five bits, the first list the highest."""
    lists = ("a", "b", "c", "d", "e")
    wanted: Scope = replace(SCOPE, lists=lists, register=-1, covers=({},) * 5)
    some = records([0, 4, 2], lists, birth_date=pl.Series([1, 1, 1]).to_list())
    _, found = counted(some, [0, 0, 2], wanted)
    assert np.flatnonzero(found.counts[0, 0]).tolist() == [0b00100, 0b10001]


def _date(text: str):
    import datetime as dt

    return dt.date.fromisoformat(text)
