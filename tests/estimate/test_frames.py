"""Lists that can hold some births only: structural zeros, contradictions, suggestions."""

from dataclasses import replace

import numpy as np
from tests.estimate.listed import FACILITY_ONLY, SCOPE, Town, counted, records, town

from everybirth.estimate import frames
from everybirth.estimate.births import births, reading
from everybirth.estimate.histories import Frame
from everybirth.estimate.strata import collapsed, kinds


def test_home_births_are_on_two_lists_only() -> None:
    """Where the hospital can hold no birth, strata are set apart with the two other lists."""
    made, _ = town(3000, seed=2)
    _, found = counted(made.records(), made.base, FACILITY_ONLY)
    assert found.frames[:2] == (Frame("facility", 0b111), Frame("home", 0b011))
    apart = kinds(found)
    assert set(apart) == {0b111, 0b011}
    assert found.counts[:, apart[0b011], 4:].sum() == 0
    assert found.counts[:, apart[0b111], 4:].sum() > 0


def test_a_record_against_its_list_is_counted_with_births_of_its_history() -> None:
    """A birth that the hospital has is not taken for a home birth, whatever records say; it is counted and told."""
    site = ["facility"] * 30 + ["home"] * 3
    n = len(site)
    some = records([0] * n + [2] * n, site=site + site)
    base = [*range(n), *range(n)]
    read, found = counted(some, base, FACILITY_ONLY)
    assert frames.contradictions(found.best, FACILITY_ONLY.lists) == {"hospital": 3}
    assert found.counts.sum() == 4 * n
    assert [found.frames[k].site for k in found.strata[:, 3]] == ["facility"]
    (line,) = frames.warnings(read, found.best, FACILITY_ONLY)
    assert line.startswith("hospital: 3 births")


def test_an_unknown_site_is_drawn_from_births_on_the_same_lists() -> None:
    """Births on the register only, site not known, go where those whose site is known are."""
    rng = np.random.default_rng(1)
    n = 3000
    site = np.where(rng.random(n) < 0.25, "home", "facility").astype(object)
    site[rng.random(n) < 0.4] = None
    made = Town(np.tile([False, False, True], (n, 1)), 3, site=site)
    _, found = counted(made.records(), made.base, FACILITY_ONLY, n_draws=10)
    at_home = np.array([found.frames[k].site == "home" for k in found.strata[:, 3]])
    assert np.all(np.abs(found.counts[:, at_home].sum(axis=(1, 2)) / n - 0.25) < 0.03)


def test_births_like_no_other_are_not_lost() -> None:
    """Without any birth of known site, all births are counted as births that every list can hold."""
    some = records([0, 2, 1], site=[None, None, None])
    _, found = counted(some, [0, 0, 2], replace(FACILITY_ONLY, by=("area",)))
    assert found.counts.sum() == 4 * 2
    some = records([0, 2, 1, 2], site=["home", "home", "home", "facility"])  # nobody is like the first birth
    _, found = counted(some, [0, 0, 2, 3], FACILITY_ONLY)
    assert found.counts.sum() == 4 * 3


def test_covers_may_be_areas_and_codes() -> None:
    """A list may be limited to areas, or to residences that begin with a code."""
    some = records([0, 0, 0, 1], residence=["01-1", "01-2", "02-1", None])
    for covers in ({"area": ("01",)}, {"residence": ("01",)}):
        read = reading(some, replace(SCOPE, covers=({}, covers, {})))
        found = births(read, np.arange(4), np.arange(4))
        assert found.can_hold.tolist() == [0b111, 0b111, 0b101, 0b111]
    read = reading(some, replace(SCOPE, covers=({}, {"residence": ("01-1",)}, {})))
    assert births(read, np.arange(4), np.arange(4)).can_hold.tolist() == [0b111, 0b101, 0b101, 0b111]


def test_what_a_list_covers_is_unsure_where_the_field_is_missing() -> None:
    """Without an area it is not known whether the list could hold the birth, unless it has it."""
    some = records([0, 1], residence=[None, None])
    read = reading(some, replace(SCOPE, covers=({}, {"area": ("01",)}, {})))
    assert births(read, np.arange(2), np.arange(2)).can_hold.tolist() == [-1, 0b111]


def test_covers_by_a_field_that_no_list_has_are_told() -> None:
    """They are left aside with a warning."""
    wanted = replace(SCOPE, covers=({"facility": ("F1",)}, {}, {}))
    read, found = counted(records([0, 1], sex=["male", "male"]), [0, 1], wanted)
    assert frames.warnings(read, found.best, wanted) == [
        "hospital: covers.facility: no list has this field, so it was left aside."
    ]


def test_covers_are_suggested_where_a_list_holds_no_births_of_a_site() -> None:
    """A hospital list without home births is pointed out, unless the plan says so or home births are few."""
    made, _ = town(3000, seed=2)
    read, found = counted(made.records(), made.base, SCOPE)
    (line,) = frames.warnings(read, found.best, SCOPE)
    assert '[lists.hospital]: covers = { site = ["facility"] }' in line
    read, found = counted(made.records(), made.base, FACILITY_ONLY)
    assert frames.warnings(read, found.best, FACILITY_ONLY) == []
    made, _ = town(3000, seed=2, home=0.02)
    read, found = counted(made.records(), made.base, SCOPE)
    assert frames.warnings(read, found.best, SCOPE) == []


def test_histories_are_collapsed_to_some_lists() -> None:
    """Births by their history on the first and the last of three lists."""
    counts = np.arange(8.0)
    assert collapsed(counts, 0b101, 3).tolist() == [0 + 2, 1 + 3, 4 + 6, 5 + 7]
    assert collapsed(counts, 0b111, 3).tolist() == counts.tolist()
    assert collapsed(counts, 0, 3).tolist() == [28.0]


def _in_areas(share: np.ndarray, seed: int = 6) -> Town:
    """1,500 births in three areas; the community's list holds some share in each."""
    rng = np.random.default_rng(seed)
    area = rng.integers(3, size=1500)
    held = rng.random((1500, 3)) < [0.6, 0.0, 0.7]
    held[:, 1] = rng.random(1500) < share[area]
    return Town(held, 3, residence=np.array(["01", "02", "03"])[area])


def test_covers_are_suggested_where_a_list_holds_no_births_of_an_area() -> None:
    """A village list of one area is pointed out, unless the plan says so; a list that is poor everywhere is not."""
    made = _in_areas(np.array([0.6, 0.0, 0.005]))
    read, found = counted(made.records(), made.base, SCOPE)
    (line,) = frames.warnings(read, found.best, SCOPE)
    assert "births whose area is 02 or 03" in line
    assert '[lists.community]: covers = { area = ["01"] }. ' in line
    stated = replace(SCOPE, covers=({}, {"area": ("01",)}, {}))
    read, found = counted(made.records(), made.base, stated)
    assert not any("hardly any" in text for text in frames.warnings(read, found.best, stated))
    made = _in_areas(np.array([0.02, 0.02, 0.1]))
    read, found = counted(made.records(), made.base, SCOPE)
    assert frames.warnings(read, found.best, SCOPE) == []


def test_covers_are_suggested_though_sites_are_miscoded() -> None:
    """One record in a hundred with the wrong site does not hide that the hospital holds no home births."""
    made, _ = town(6000, seed=2)
    rng = np.random.default_rng(0)
    other = {"home": "facility", "facility": "home"}
    made.fields["site"] = [other[site] if rng.random() < 0.01 else site for site in made.fields["site"]]
    read, found = counted(made.records(), made.base, SCOPE)
    (line,) = frames.suggestions(read, found.best, SCOPE)
    assert '[lists.hospital]: covers = { site = ["facility"] }' in line


def test_covers_are_suggested_beside_other_covers() -> None:
    """A hospital said to serve some areas may still be one without home births."""
    made, _ = town(3000, seed=2)
    wanted = replace(SCOPE, covers=({"area": ("00", "01", "02", "03")}, {}, {}))
    read, found = counted(made.records(), made.base, wanted)
    (line,) = frames.suggestions(read, found.best, wanted)
    assert 'covers = { site = ["facility"] }, beside what stands there. ' in line


def test_many_areas_are_not_all_named() -> None:
    """Of many areas that a list lacks the first are named, and those that it holds are left to the user."""
    rng = np.random.default_rng(7)
    area = np.repeat(np.arange(24), 250)
    held = rng.random((6000, 3)) < [0.7, 0.6, 0.7]
    held[:, 1] &= area < 12
    made = Town(held, 3, residence=np.array([f"{k:02d}" for k in range(24)])[area])
    read, found = counted(made.records(), made.base, SCOPE)
    (line,) = frames.suggestions(read, found.best, SCOPE)
    assert "12, 13, 14, 15, 16, 17, 18, 19 or one of 4 more" in line
    assert "covers = { area = [...] }" in line
