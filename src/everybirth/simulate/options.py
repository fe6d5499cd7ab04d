"""What a simulated world is asked to be: size, noise, lists and how the lists capture births."""

from dataclasses import dataclass
from typing import Literal, get_args

from everybirth.errors import PlanError

Noise = Literal["light", "medium", "heavy"]
NOISE_LEVELS: tuple[str, ...] = get_args(Noise)
MAX_LISTS = 10
BIRTHS_PER_AREA = 1500
MIN_AREAS, MAX_AREAS = 5, 700
LARGEST_WORLD = 50_000_000


@dataclass(frozen=True, slots=True)
class CaptureModel:
    """How births come to be on lists: one logistic model per list, given the lists before it.

    logit P(list k holds birth i) = a[k, site] + g[k] * girl + area[k] + own[i]
                                          + sum over earlier lists j of d[j, k] * held[j]
    The intercepts a are solved so that the expected share held equals the stated coverage.

    coverage        (list, share of facility births, share of other births), in place of the list's usual coverage
    dependence      (list, list, log odds ratio) between two lists; 0 is independence given the rest
    heterogeneity   standard deviation of own, the birth's leaning to be on any list (logit)
    area_spread     standard deviation of area, for each list and area on its own (logit)
    girls           (list, log odds ratio) of girls against boys
    siblings        probability that the children of one delivery share their luck on a list
    """

    coverage: tuple[tuple[str, float, float], ...] = ()
    dependence: tuple[tuple[str, str, float], ...] = (
        ("hospital", "register", 0.8),
        ("community", "register", 0.4),
        ("hospital", "immunisation", 0.6),
        ("register", "insurance", 0.7),
    )
    heterogeneity: float = 0.35
    area_spread: float = 0.35
    girls: tuple[tuple[str, float], ...] = (("register", -0.08),)
    siblings: float = 0.8

    @classmethod
    def independent(cls, coverage: tuple[tuple[str, float, float], ...] = ()) -> "CaptureModel":
        """Lists that know nothing of each other, equal in every area and for both sexes."""
        return cls(coverage, dependence=(), heterogeneity=0.0, area_spread=0.0, girls=(), siblings=0.0)


@dataclass(frozen=True, slots=True)
class Options:
    """A simulated world, wholly determined by these values.

    births     number of true births
    seed       same seed, same births whatever the noise and the number of lists
    noise      light, medium or heavy errors in the lists
    n_lists    1 is a civil register with many repeats; 3 is hospital, community, register
    year       the births fall in this calendar year
    n_areas    0 chooses by the number of births
    names      seed of the language's names; None: that of the world. Worlds that share it are made faster
    """

    births: int
    seed: int = 0
    noise: str = "medium"
    n_lists: int = 3
    year: int = 2024
    n_areas: int = 0
    capture: CaptureModel = CaptureModel()
    names: int | None = None

    @property
    def areas(self) -> int:
        """Number of areas: as asked, or about one for every 1,500 births."""
        return self.n_areas or min(max(round(self.births / BIRTHS_PER_AREA), MIN_AREAS), MAX_AREAS)


def check(options: Options, known_lists: tuple[str, ...]) -> None:
    """Refuse a world that cannot be made.

    Raises   PlanError  which says the option, what was found and what is needed
    """
    ranges = (
        ("births", options.births, 0, LARGEST_WORLD),
        ("seed", options.seed, 0, 2**63 - 1),
        ("n_lists", options.n_lists, 1, MAX_LISTS),
        ("year", options.year, 1900, 2200),
        ("n_areas", options.n_areas, 0, 2000),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            raise PlanError(f"simulate: {name} is {value}; it must be from {low} to {high:,}.")
    if options.noise not in NOISE_LEVELS:
        raise PlanError(f'simulate: noise is "{options.noise}"; it must be one of {", ".join(NOISE_LEVELS)}.')
    _check_capture(options.capture, known_lists)


def _check_capture(capture: CaptureModel, known_lists: tuple[str, ...]) -> None:
    named = [row[0] for row in (*capture.coverage, *capture.girls)]
    named += [name for first, second, _ in capture.dependence for name in (first, second)]
    for name in named:
        if name not in known_lists:
            raise PlanError(f'simulate: the capture model names the list "{name}"; lists are {", ".join(known_lists)}.')
    for name, *shares in capture.coverage:
        if not all(0 <= share <= 1 for share in shares):
            raise PlanError(f"simulate: the coverage of {name} is {shares}; shares must be from 0 to 1.")
    for first, second, _ in capture.dependence:
        if first == second:
            raise PlanError(f"simulate: dependence of {first} on itself; name two different lists.")
    for label, value in (("heterogeneity", capture.heterogeneity), ("area_spread", capture.area_spread)):
        if value < 0:
            raise PlanError(f"simulate: {label} is {value}; a standard deviation cannot be negative.")
    if not 0 <= capture.siblings <= 1:
        raise PlanError(f"simulate: siblings is {capture.siblings}; a probability must be from 0 to 1.")
