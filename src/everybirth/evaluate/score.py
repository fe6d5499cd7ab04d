"""How well a run did, measured against a known truth.

    links.parquet ──┐
    pairs.parquet ──┼── known records (found birth, true birth, true delivery) ── Evaluation
    truth.parquet ──┘

A pair is two records. It is true when both are of the same birth. Every figure is counted from tables of groups, so
that the number of possible pairs never matters.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from everybirth.errors import DataError
from everybirth.evaluate.reading import KEY, as_keys, read_columns, read_run, read_truth, rejected_rows

DECIDED = 0.5  # a pair of at least this probability is decided to be the same birth
DOUBTFUL = 0.99  # a pair below this probability is one that somebody may look at
CALIBRATED_FROM = 0.01  # pairs below are kept by accident of the run's floor: they do not count towards the error

# Finer near 0 and 1, where most pairs are and where being wrong costs most.
BIN_EDGES = (0.0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.99, 0.999, 1.0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and their harmonic mean, each in [0, 1]; None where there is nothing to take a share of."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Pairs of probability in [low, high): their mean probability and the share that is true. The last bin holds 1."""

    low: float
    high: float
    pairs: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class ClusterScore:
    """How well groups of records agree with the true births.

    clusters         over the pairs of records that the groups imply
    bcubed           over records: how pure and how whole the group of each is
    twins            share of the multiple deliveries counted that are exactly right in every record; None if none
    twin_deliveries  how many were counted: two births or more on lists, one of them with two records or more
    """

    clusters: Agreement
    bcubed: Agreement
    twins: float | None
    twin_deliveries: int
    records: int
    births_found: int
    births_true: int


@dataclass(frozen=True, slots=True)
class BirthsThatHappened:
    """All births, on a list or not: how many there truly were, and the run's figure with its interval."""

    true: int
    estimate: float
    low: float
    high: float

    def sentence(self) -> str:
        """The figures, and whether the truth lies within the interval."""
        said = f"the run said {self.estimate:,.0f} ({self.low:,.0f} to {self.high:,.0f})"
        if self.low <= self.true <= self.high:
            return f"Births that happened: {self.true:,}; {said}."
        return (
            f"Births that happened: {self.true:,}; {said}, which does not hold the truth: what it assumes of the lists "
            "does not hold here (docs/assumptions.md)."
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run against the truth.

    pairs                      pairs.parquet at probability 0.5 or more, against all true pairs
    score                      the final births
    blocking_recall            share of the true pairs that were looked at and kept: brought together by a blocking key
                               or by a third record, and in pairs.parquet
    blocking_recall_estimated  what the run itself says of it, without the truth, from the pairs that it expects to
                               have missed; None if it says nothing
    calibration_error          mean over pairs (probability 0.01 or more) of |predicted - observed| of the pair's bin
    doubtful_error             the same over pairs of a probability below 0.99: those that somebody may look at
    births                     all births that happened, on a list or not, and what the run says of them; None if the
                               truth or the run does not tell
    """

    pairs: Agreement
    score: ClusterScore
    blocking_recall: float | None
    blocking_recall_estimated: float | None
    calibration_error: float | None
    doubtful_error: float | None
    calibration: tuple[CalibrationBin, ...]
    births: BirthsThatHappened | None

    def to_json(self) -> dict[str, object]:
        """The figures under the names that scripts depend on."""
        figures: dict[str, object] = {
            "pairs": asdict(self.pairs),
            "clusters": asdict(self.score.clusters),
            "bcubed": asdict(self.score.bcubed),
            "blocking_recall": self.blocking_recall,
            "twins": self.score.twins,
            "twin_deliveries": self.score.twin_deliveries,
            "calibration_error": self.calibration_error,
            "doubtful_error": self.doubtful_error,
            "calibration": [asdict(each) for each in self.calibration],
            "records": self.score.records,
            "births_found": self.score.births_found,
            "births_true": self.score.births_true,
        }
        if self.blocking_recall_estimated is not None:
            figures["blocking_recall_estimated"] = self.blocking_recall_estimated
        if self.births is not None:
            figures["births_that_happened"] = asdict(self.births)
        return figures

    def summary(self) -> str:
        """The figures in plain words, for a terminal."""
        score = self.score
        lines = [
            f"{score.records:,} records: {score.births_found:,} births found, {score.births_true:,} true.",
            "",
            f"{'':<28}{'precision':>10}{'recall':>10}{'F1':>10}",
            _row("pairs decided", self.pairs),
            _row("pairs of the final births", score.clusters),
            _row("records (B-cubed)", score.bcubed),
            "",
            f"True pairs that were looked at: {_figure(self.blocking_recall)}"
            + (
                f" (the run's own estimate: {_figure(self.blocking_recall_estimated)})"
                if self.blocking_recall_estimated is not None
                else ""
            ),
            f"Twins and triplets exactly right: {_figure(score.twins)} of {score.twin_deliveries:,} deliveries",
            f"Calibration error: {_figure(self.calibration_error)}, of pairs in doubt {_figure(self.doubtful_error)}",
        ]
        if self.births is not None:
            lines.append(self.births.sentence())
        if self.calibration:
            lines += ["", f"{'probability':<16}{'pairs':>12}{'predicted':>12}{'true':>10}"]
            lines += [
                f"{f'{each.low:g} to {each.high:g}':<16}{each.pairs:>12,}{each.predicted:>12.4f}{each.observed:>10.4f}"
                for each in self.calibration
            ]
        return "\n".join(lines)


def evaluate(run_dir: Path, truth: Path) -> Evaluation:
    """Compare the births of a finished run with the truth.

    run_dir  holds links.parquet, pairs.parquet, run.json and, if any row was rejected, rejected.parquet
    truth    Parquet: list, record_id, birth and, for twins, delivery; rows without a list are births on no list
    Raises   ReadError  if a file is missing, is not Parquet or lacks a column
             DataError  if the truth and the run are not about the same records
    Assumes  each pair is once in pairs.parquet
    """
    run = read_run(run_dir / "run.json")
    links = read_columns(run_dir / "links.parquet", [*KEY, "birth_id"])
    found = read_columns(run_dir / "pairs.parquet", ["list_l", "record_id_l", "list_r", "record_id_r", "probability"])
    known = known_records(links, read_truth(truth), rejected_rows(run_dir / "rejected.parquet"))
    pairs = _true_pairs(found, known)
    n_true = _pairs_within(known, "birth")
    decided = pairs.filter(pl.col("probability") >= DECIDED)
    bins = _calibration(pairs)
    doubtful = _calibration(pairs.filter(pl.col("probability") < DOUBTFUL))
    return Evaluation(
        pairs=_agreement(int(decided["true"].sum()), decided.height, n_true),
        score=_score(known),
        blocking_recall=_share(int(pairs["true"].sum()), n_true),
        blocking_recall_estimated=_estimated_recall(run, float(found["probability"].sum())),
        calibration_error=_calibration_error(bins),
        doubtful_error=_calibration_error(doubtful),
        calibration=bins,
        births=_births(run, truth),
    )


def score_clusters(links: pl.DataFrame, truth: pl.DataFrame) -> ClusterScore:
    """Score groups of records made by any program.

    links    list, record_id, birth_id: the group of each record
    truth    list, record_id, birth and, for twins, delivery
    Raises   DataError  if the two are not about the same records
    """
    return _score(known_records(as_keys(links), as_keys(truth), {}))


def known_records(links: pl.DataFrame, truth: pl.DataFrame, rejected: dict[str, int]) -> pl.DataFrame:
    """One row per record of the truth: list, record_id, found (its group's number), birth, delivery.

    rejected  rows that the run could not use, by list. As many records of a list may be missing from links: each
              becomes a group of its own, so that a rejected row counts as missed pairs and is not hidden.
    Raises    DataError  if a record is there twice, or in one table and not in the other
    """
    on_list = truth.filter(pl.col("list").is_not_null())
    _refuse_repeats(links, "links.parquet")
    _refuse_repeats(on_list, "the truth")
    columns = [*KEY, "birth", "delivery"] if "delivery" in truth.columns else [*KEY, "birth"]
    known = on_list.select(columns).join(links.select(*KEY, "birth_id"), on=KEY, how="left").with_row_index("row")
    _refuse_strangers(links, known, rejected)
    if "delivery" not in known.columns:
        known = known.with_columns(delivery=pl.col("birth"))
    alone = pl.col("birth_id").is_null()
    return known.select(
        *KEY,
        pl.when(alone).then(pl.col("row")).otherwise(pl.col("row").first().over("birth_id")).alias("found"),
        "birth",
        "delivery",
    )


def _refuse_repeats(frame: pl.DataFrame, where: str) -> None:
    repeated = frame.height - frame.select(KEY).n_unique()
    if repeated:
        raise DataError(
            f"{where}: {repeated:,} of {frame.height:,} rows repeat a record (list and record_id) of an earlier row. "
            "Each record must be there once: remove the repeats."
        )


def _refuse_strangers(links: pl.DataFrame, known: pl.DataFrame, rejected: dict[str, int]) -> None:
    missed = known.filter(pl.col("birth_id").is_null())
    strangers = links.height - (known.height - missed.height)
    unexplained = sum(
        max(0, count - rejected.get(name, 0)) for name, count in missed.group_by("list").len().sort("list").iter_rows()
    )
    if strangers or unexplained:
        raise DataError(
            f"The truth and the run are of different records: {strangers:,} of the run's {links.height:,} are not "
            f"in the truth, and {unexplained:,} of the truth's {known.height:,} are neither in links.parquet nor among "
            "the rejected rows. Give the truth of the very lists that were linked."
        )


def _score(known: pl.DataFrame) -> ClusterScore:
    """Scores from the contingency table of found against true births."""
    cells = known.group_by("found", "birth").agg(pl.len().cast(pl.Int64).alias("n"), pl.col("delivery").first())
    cells = cells.with_columns(
        n_found=pl.col("n").sum().over("found"),
        n_birth=pl.col("n").sum().over("birth"),
    )
    right = int(cells.select((pl.col("n") * (pl.col("n") - 1) // 2).sum()).item())
    clusters = _agreement(right, _pairs_within(known, "found"), _pairs_within(known, "birth"))
    twins = _twins(cells)
    return ClusterScore(
        clusters=clusters,
        bcubed=_bcubed(cells, known.height),
        twins=_share(int(twins["exact"].sum()), twins.height),
        twin_deliveries=twins.height,
        records=known.height,
        births_found=known["found"].n_unique(),
        births_true=known["birth"].n_unique(),
    )


def _bcubed(cells: pl.DataFrame, n_records: int) -> Agreement:
    """B-cubed precision and recall. Source: Bagga & Baldwin 1998."""
    if not n_records:
        return Agreement(None, None, None)
    square = pl.col("n") * pl.col("n")
    pure, whole = square / pl.col("n_found"), square / pl.col("n_birth")
    sums = cells.select(pure.sum().alias("precision"), whole.sum().alias("recall")).row(0)
    precision, recall = sums[0] / n_records, sums[1] / n_records
    return Agreement(precision, recall, 2 * precision * recall / (precision + recall))


def _twins(cells: pl.DataFrame) -> pl.DataFrame:
    """One row per true multiple delivery that can go wrong: exact, whether each of its births is found exactly."""
    # A birth is found exactly when one cell holds all of its records and nothing else is in that group.
    births = cells.group_by("birth").agg(
        pl.col("delivery").first(),
        pl.col("n_birth").first(),
        ((pl.col("n") == pl.col("n_found")) & (pl.col("n") == pl.col("n_birth"))).any().alias("exact"),
    )
    deliveries = births.filter(pl.col("delivery").is_not_null()).group_by("delivery")
    counted = deliveries.agg(pl.len().alias("births"), pl.col("n_birth").max().alias("records"), pl.col("exact").all())
    return counted.filter((pl.col("births") >= 2) & (pl.col("records") >= 2))


def _true_pairs(found: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Each pair of pairs.parquet: probability, and whether it is true."""
    wrong = found.filter(~pl.col("probability").is_between(0.0, 1.0).fill_null(value=False)).height
    if wrong:
        raise DataError(
            f"pairs.parquet: {wrong:,} of {found.height:,} probabilities are empty or not between 0 and 1. Run again."
        )
    births = known.select(*KEY, "birth")
    both = found.join(births.rename({"birth": "birth_l"}), left_on=["list_l", "record_id_l"], right_on=KEY, how="left")
    both = both.join(births.rename({"birth": "birth_r"}), left_on=["list_r", "record_id_r"], right_on=KEY, how="left")
    unknown = both.filter(pl.col("birth_l").is_null() | pl.col("birth_r").is_null()).height
    if unknown:
        raise DataError(
            f"pairs.parquet: {unknown:,} of {found.height:,} pairs have a record that is not in the truth. "
            "Give the truth of the very lists that were linked."
        )
    return both.select("probability", (pl.col("birth_l") == pl.col("birth_r")).alias("true"))


def _calibration(pairs: pl.DataFrame) -> tuple[CalibrationBin, ...]:
    numbered = pairs.with_columns(
        bin=sum(((pl.col("probability") >= edge).cast(pl.Int8) for edge in BIN_EDGES[1:-1]), pl.lit(0))
    )
    counted = numbered.group_by("bin").agg(
        pl.len(), pl.col("probability").cast(pl.Float64).mean(), pl.col("true").mean().alias("observed")
    )
    return tuple(
        CalibrationBin(BIN_EDGES[number], BIN_EDGES[number + 1], n, predicted, observed)
        for number, n, predicted, observed in counted.sort("bin").iter_rows()
    )


def _calibration_error(bins: tuple[CalibrationBin, ...]) -> float | None:
    counted = [each for each in bins if each.low >= CALIBRATED_FROM]
    total = sum(each.pairs for each in counted)
    return sum(each.pairs * abs(each.predicted - each.observed) for each in counted) / total if total else None


def _pairs_within(known: pl.DataFrame, group: str) -> int:
    """How many pairs of records share a group."""
    sizes = known.group_by(group).len("n").select(pl.col("n").cast(pl.Int64))
    return int(sizes.select((pl.col("n") * (pl.col("n") - 1) // 2).sum()).item())


def _agreement(right: int, decided: int, true: int) -> Agreement:
    return Agreement(_share(right, decided), _share(right, true), _share(2 * right, decided + true))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _row(label: str, of: Agreement) -> str:
    return f"{label:<28}{_figure(of.precision):>10}{_figure(of.recall):>10}{_figure(of.f1):>10}"


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _estimated_recall(run: dict[str, object], kept: float) -> float | None:
    """Of the pairs that a run expects there to be, the share that it has.

    kept   pairs of one birth expected in pairs.parquet
    """
    missed = _at(run, "linking", "hidden_pairs", "expected")
    if not isinstance(missed, int | float) or kept + missed <= 0:
        return None
    return kept / (kept + float(missed))


def _births(run: dict[str, object], truth: Path) -> BirthsThatHappened | None:
    """True and estimated births; the truth tells them all only if it has births on no list too."""
    figure = _at(run, "estimate", "births")
    if not isinstance(figure, dict):
        return None
    every = pl.read_parquet(truth, columns=["list", "birth"])
    if not every["list"].null_count():
        return None
    return BirthsThatHappened(every["birth"].n_unique(), *(float(figure[key]) for key in ("estimate", "low", "high")))


def _at(run: object, *names: str) -> object:
    """What stands under some names, one within the other; None if one of them is not there."""
    for name in names:
        run = run.get(name) if isinstance(run, dict) else None
    return run
