"""What goes wrong in the lists, against the rates that recipes.py states."""

import polars as pl
import pytest

from everybirth.simulate import Options, World, world
from everybirth.simulate.recipes import RECIPES

LISTS = ("hospital", "community", "register")
UNNAMED = r"(?i)^(baby .*|b/o .*|twin \d of .*|-|unknown|unnamed)$"
Beside = dict[str, pl.DataFrame]


def _share(frame: pl.DataFrame, happened: pl.Expr) -> float:
    return float(frame.select(happened.fill_null(value=False).cast(pl.Float64).mean()).item())


@pytest.mark.parametrize("name", LISTS)
def test_missing_values_are_as_common_as_stated(beside: Beside, name: str) -> None:
    """The share of empty cells in each column is its stated rate; of plurality and order, among single births."""
    frame, rates = beside[name], RECIPES[name].rates
    stated = {
        "sex": rates.sex_missing, "birth_date": rates.date_missing, "residence": rates.residence_missing,
        "site": rates.site_missing, "plurality": rates.order_missing, "delivery_order": rates.order_missing,
        "mother_given_name": rates.mother_missing, "birth_weight": rates.weight_missing,
        "mother_birth_date": rates.mother_date_missing, "mother_age": rates.age_missing,
    }  # fmt: skip
    for column, rate in stated.items():
        if column in RECIPES[name].columns:
            of = frame.filter(pl.col("plurality_true") == 1) if column in ("plurality", "delivery_order") else frame
            assert of[column].null_count() / len(of) == pytest.approx(rate, abs=0.01), column


def test_multiple_births_are_noted(beside: Beside) -> None:
    """Plurality is blank less often where there is something to tell."""
    for name in LISTS:
        multiple = beside[name].filter(pl.col("plurality_true") > 1)
        empty = multiple["plurality"].null_count() / len(multiple)
        assert empty == pytest.approx(RECIPES[name].rates.multiple_missing, abs=0.05)


@pytest.mark.parametrize("name", LISTS)
def test_unnamed_newborns_are_as_common_as_stated(beside: Beside, name: str) -> None:
    """Half of the hospital's records, and few of the register's, have no given name or something in its place."""
    empty = _share(
        beside[name], pl.col("child_given_name").is_null() | pl.col("child_given_name").str.contains(UNNAMED)
    )
    assert empty == pytest.approx(RECIPES[name].rates.unnamed, abs=0.012)


def test_unnamed_newborns_carry_the_mothers_name_as_written(beside: Beside) -> None:
    """After "BABY OF" stands the mother's given name as this list has it; twins are numbered by their order."""
    hospital = beside["hospital"]
    named = hospital.filter(pl.col("child_given_name").str.starts_with("BABY OF "))
    assert len(named) > 1000
    assert (named["child_given_name"].str.strip_prefix("BABY OF ") == named["mother_given_name"]).all()
    twins = hospital.filter(pl.col("child_given_name").str.starts_with("TWIN "))
    assert len(twins) > 30
    assert (twins["child_given_name"].str.slice(5, 1).cast(pl.Int64) == twins["delivery_order_true"]).all()


@pytest.mark.parametrize(("person", "rate"), [("mother", 0.055), ("father", 0.05)])
def test_names_have_the_stated_share_of_slips(beside: Beside, person: str, rate: float) -> None:
    """Register family names differ from the true one (case and accents apart) by slips, swaps and other names."""
    frame = beside["register"].filter(pl.col(f"{person}_family_name").is_not_null())
    plain = [
        pl.col(column).str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.replace_all("ø", "o")
        for column in (f"{person}_family_name", f"{person}_family_name_true")
    ]
    rates = RECIPES["register"].rates
    married = rates.mother_other * 0.9 if person == "mother" else 0.0
    expected = rates.typing + rates.names_swapped + married
    assert _share(frame, plain[0] != plain[1]) == pytest.approx(expected, abs=0.008)
    assert rates.typing == pytest.approx(rate, abs=0.006)


@pytest.mark.parametrize("name", LISTS)
def test_sex_is_wrong_in_one_per_cent(beside: Beside, name: str) -> None:
    """Sex is wrong in the stated share of records and otherwise right."""
    wrong = _share(beside[name], pl.col("sex") != pl.col("sex_true"))
    assert wrong == pytest.approx(RECIPES[name].rates.sex_wrong, abs=0.003)


@pytest.mark.parametrize("name", LISTS)
def test_birth_dates_err_as_stated(beside: Beside, name: str) -> None:
    """Dates are off as often as shifts, exchanged days and months and heaping say, mostly by a few days."""
    rates, written = RECIPES[name].rates, pl.col("birth_date")
    if RECIPES[name].date_format:
        written = written.str.strptime(pl.Date, RECIPES[name].date_format)
    off = (written - pl.col("birth_date_true")).dt.total_days()
    # Heaping leaves 6 days in 30 as they are, exchange 18 in 30 and the days where both agree.
    expected = rates.date_off + rates.date_month_off + 0.8 * rates.date_heaped + 0.36 * rates.date_swapped
    assert _share(beside[name], off != 0) == pytest.approx(expected, rel=0.2)
    assert _share(beside[name], off.abs() > 8) < 0.01
    assert _share(beside[name], off.abs() > 8) > 0.001


def test_weights_are_heaped_and_otherwise_right(beside: Beside) -> None:
    """Weights are multiples of 10 g, about half of 100 g, and rarely off by more than rounding."""
    frame = beside["hospital"].filter(pl.col("birth_weight").is_not_null())
    assert (frame["birth_weight"] % 10 == 0).all()
    rates = RECIPES["hospital"].rates
    round_100 = _share(frame, pl.col("birth_weight") % 100 == 0)
    untouched = (1 - rates.weight_to_100) * (1 - rates.weight_to_500)
    assert round_100 == pytest.approx(1 - 0.9 * untouched, abs=0.03)
    off = (pl.col("birth_weight") - pl.col("birth_weight_true")).abs()
    assert _share(frame, off > 50) < rates.weight_off + rates.weight_to_500


def test_ages_and_mothers_dates_err_as_stated(beside: Beside) -> None:
    """The community's ages and the register's dates of birth of mothers are mostly right."""
    age = ((pl.col("birth_date_true") - pl.col("mother_birth_date_true")).dt.total_days() / 365.2425).floor()
    rates = RECIPES["community"].rates
    wrong = _share(beside["community"], pl.col("mother_age") != age)
    assert wrong == pytest.approx((rates.age_off + 0.75 * rates.age_heaped) * (1 - rates.age_missing), abs=0.02)
    wrong = _share(beside["register"], pl.col("mother_birth_date") != pl.col("mother_birth_date_true"))
    expected = RECIPES["register"].rates.mother_date_wrong * 0.84
    assert wrong == pytest.approx(expected, abs=0.008)


def test_lists_write_as_their_forms_do(medium: World) -> None:
    """The hospital writes in capitals, the community day/month/year, the register real dates and its own numbers."""
    hospital, community, register = (medium.lists[name] for name in LISTS)
    for column in ("child_given_name", "mother_family_name"):
        assert (hospital[column].drop_nulls() == hospital[column].drop_nulls().str.to_uppercase()).all()
    assert community["birth_date"].drop_nulls().str.contains(r"^\d\d/\d\d/\d{4}$").all()
    assert register.schema["birth_date"] == pl.Date
    assert register["registration_number"].n_unique() == len(register)
    assert community["phone"].drop_nulls().str.contains(r"^(0|\+999)\d{9}$").all()
    assert 0.05 < community["phone"].drop_nulls().str.starts_with("+").mean() < 0.15  # type: ignore[operator]
    assert register["residence"].drop_nulls().str.contains(r"^\d{4}(-\d\d)?$").all()


def test_nothing_is_entered_before_the_birth(beside: Beside) -> None:
    """Entry and registration follow the true birth."""
    assert (beside["hospital"]["recorded_on"] >= beside["hospital"]["birth_date_true"]).all()
    assert (beside["register"]["registration_date"] >= beside["register"]["birth_date_true"]).all()


@pytest.mark.parametrize("name", LISTS)
def test_repeats_are_as_common_as_stated(medium: World, name: str) -> None:
    """Of the births on a list the stated share is there twice, a few thrice, with independent errors."""
    times = medium.truth.filter(pl.col("list") == name).group_by("birth").len()["len"]
    rate = RECIPES[name].rates.repeated
    assert (times >= 2).sum() / len(times) == pytest.approx(rate, rel=0.3)
    assert 0 < (times == 3).sum() < 0.4 * (times >= 2).sum()
    assert times.to_numpy().max() == 3


def test_repeats_are_not_copies(beside: Beside) -> None:
    """The two entries of a repeated birth often differ in some field."""
    frame = beside["hospital"].filter(pl.col("birth").is_duplicated())
    fields = frame.select("birth", "child_given_name", "sex", "birth_date", "birth_weight", "mother_family_name")
    assert fields.n_unique() / len(fields) > 0.8


def test_record_ids_say_nothing_about_the_birth(beside: Beside) -> None:
    """Ids are in random order with respect to births and to the rows."""
    for frame in beside.values():
        number = frame["record_id"].str.slice(1).cast(pl.Int64)
        assert sorted(number.to_list()) == list(range(1, len(frame) + 1))
        table = pl.DataFrame({"id": number, "birth": frame["birth"], "row": pl.int_range(len(frame), eager=True)})
        for one, other in (("id", "birth"), ("id", "row"), ("birth", "row")):
            assert abs(table.select(pl.corr(one, other)).item()) < 0.03


def test_more_noise_is_noisier() -> None:
    """From light to heavy each kind of error grows; the true births and who holds them stay the same."""
    worlds = [world(Options(4_000, seed=2, noise=noise)) for noise in ("light", "medium", "heavy")]
    wrong = []
    for one in worlds:
        assert one.births.equals(worlds[0].births)
        truth = one.truth.filter(pl.col("list") == "register")
        frame = (
            one.lists["register"].join(truth, on="record_id", suffix="_true").join(one.births, on="birth", suffix="_is")
        )
        wrong.append(
            [
                _share(frame, pl.col("sex") != pl.col("sex_is")),
                _share(frame, pl.col("birth_date") != pl.col("birth_date_is")),
                _share(frame, pl.col("father_family_name") != pl.col("father_family_name_is")),
                frame["mother_birth_date"].null_count() / len(frame),
            ]
        )
    for light, medium, heavy in zip(*wrong, strict=True):
        assert light < medium < heavy
