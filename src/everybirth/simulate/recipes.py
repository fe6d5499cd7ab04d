"""The lists of a simulated world and every assumption about their errors: read this file to see them all.

Rates are shares of records (of filled fields, where a rate is about one field) at medium noise. At other noise levels a
rate r becomes 1 - (1 - r) ** factor, with the factors in NOISE; the rates in FIXED belong to the form, not to the care
taken, and stay as they are.
"""

from dataclasses import dataclass, fields, replace

NOISE = {"light": 1 / 3, "medium": 1.0, "heavy": 2.5}


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each thing goes wrong on one list. The defaults are those of most lists."""

    repeated: float = 0.02  # births entered again; one in seven of them twice more
    # names
    typing: float = 0.055  # one slip in a name; one in eight of these has a second
    short_form: float = 0.015  # first part, first letters or initial of a given name
    names_swapped: float = 0.006  # given and family name exchanged, of child, mother, father each
    renamed: float = 0.01  # another given name for the child altogether
    family_other: float = 0.02  # the child under the mother's family name, or another
    mother_other: float = 0.04  # the mother's other family name, of mothers with two
    unnamed: float = 0.02  # no given name yet: empty, "Baby of ...", "-" and the like
    unnamed_no_family: float = 0.5  # of these, no family name either
    family_missing: float = 0.02
    mother_missing: float = 0.015  # each of the mother's names
    father_missing: float = 0.06  # both names of a known father
    accents_lost: float = 0.3
    odd_case: float = 0.02  # the record all in capitals or all in small letters
    # sex and dates
    sex_wrong: float = 0.01
    sex_missing: float = 0.005
    date_off: float = 0.03  # by one to three days
    date_month_off: float = 0.003  # by a month
    date_swapped: float = 0.006  # day and month exchanged, where that is a date
    date_heaped: float = 0.01  # the nearest 1st, 5th, 10th, 15th, 20th or 25th
    date_missing: float = 0.004
    # mother and household
    mother_date_missing: float = 0.12
    mother_date_wrong: float = 0.05  # year off by one, day and month exchanged, or 1 January
    age_off: float = 0.18  # by one or two years
    age_heaped: float = 0.06  # to a multiple of five
    age_missing: float = 0.05
    phone_missing: float = 0.12  # of families with a phone
    phone_other: float = 0.06  # another number
    phone_slip: float = 0.02  # one digit
    # places
    moved: float = 0.03  # residence after a move
    residence_missing: float = 0.03
    residence_slip: float = 0.015  # a wrong locality of the right area
    residence_area_only: float = 0.02  # "0103" for "0103-07"
    facility_missing: float = 0.03
    site_missing: float = 0.02
    # measures
    weight_missing: float = 0.08
    weight_off: float = 0.03  # read or copied wrongly
    weight_to_100: float = 0.45
    weight_to_500: float = 0.08
    order_missing: float = 0.35  # plurality and delivery order of single births, each: there is little to tell
    multiple_missing: float = 0.08  # the same of multiple births, which a clerk notes
    order_wrong: float = 0.01  # of multiple births


FIXED = frozenset(
    {
        *("repeated", "unnamed", "unnamed_no_family", "accents_lost", "order_missing", "multiple_missing"),
        *("weight_to_100", "weight_to_500"),
    }
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One list: what its form asks, whom it covers, how it is filled in.

    facility, home   expected share of facility births and of the other births that it holds
    delay            mean days from birth to entry
    date_format      strptime format of birth_date and recorded_on as text; empty: real dates
    abroad           share of phone numbers written with a country code
    """

    name: str
    prefix: str
    facility: float
    home: float
    columns: tuple[str, ...]
    rates: Rates = Rates()
    role: str = ""
    covers: tuple[str, ...] = ()
    delay: float = 10.0
    date_format: str = ""
    upper_case: bool = False
    abroad: float = 0.0


CHILD = ("child_given_name", "child_family_name", "sex", "birth_date")
MOTHER = ("mother_given_name", "mother_family_name")
FATHER = ("father_given_name", "father_family_name")
ORDER = ("plurality", "delivery_order")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "hospital", "H", 0.90, 0.0,
            (*CHILD, "birth_weight", *ORDER, *MOTHER, "mother_birth_date", "phone", "residence", "site", "facility",
             "birth_place", "recorded_on"),
            Rates(unnamed=0.5, repeated=0.015, date_off=0.015, date_heaped=0.0, weight_missing=0.03, order_missing=0.2,
                  multiple_missing=0.05, accents_lost=0.6, renamed=0.02, site_missing=0.0, moved=0.01),
            covers=("facility",), delay=1.0, upper_case=True,
        ),
        Recipe(
            "community", "C", 0.70, 0.78,
            (*CHILD, *ORDER, *MOTHER, "mother_age", "father_given_name", "phone", "residence", "site", "recorded_on"),
            Rates(unnamed=0.12, repeated=0.025, typing=0.06, short_form=0.05, renamed=0.03, date_off=0.06,
                  date_heaped=0.05, order_missing=0.5, multiple_missing=0.15, accents_lost=0.5, odd_case=0.05),
            delay=25.0, date_format="%d/%m/%Y", abroad=0.1,
        ),
        Recipe(
            "register", "R", 0.87, 0.68,
            (*CHILD, *ORDER, *MOTHER, "mother_birth_date", *FATHER, "birth_place", "residence", "site",
             "registration_date", "registration_number"),
            Rates(unnamed=0.004, repeated=0.012, typing=0.05, short_form=0.005, moved=0.06, mother_date_missing=0.06,
                  family_missing=0.005, order_missing=0.4, multiple_missing=0.08, accents_lost=0.1),
            role="civil-register", delay=50.0,
        ),
        Recipe(
            "immunisation", "I", 0.72, 0.60,
            ("child_full_name", "sex", "birth_date", "birth_weight", "mother_full_name", "mother_age", "phone",
             "residence", "recorded_on"),
            Rates(unnamed=0.06, short_form=0.03, weight_missing=0.3, moved=0.05), delay=45.0, abroad=0.3,
        ),
        Recipe(
            "survey", "S", 0.18, 0.18,
            (*CHILD, *MOTHER, "mother_birth_date", "father_given_name", "residence", "birth_place", "site",
             "recorded_on"),
            Rates(repeated=0.002, unnamed=0.03, date_heaped=0.08, date_off=0.05, moved=0.05), delay=180.0,
        ),
        Recipe(
            "village", "V", 0.40, 0.55,
            ("child_given_name", "sex", "birth_date", "mother_full_name", "father_full_name", "residence"),
            Rates(short_form=0.08, renamed=0.04, date_heaped=0.10, date_off=0.08, date_missing=0.02), delay=30.0,
        ),
        Recipe(
            "midwife", "M", 0.0, 0.45,
            (*CHILD, "birth_weight", "delivery_order", *MOTHER, "mother_age", "residence", "birth_place",
             "recorded_on"),
            Rates(unnamed=0.4, weight_to_500=0.3, date_off=0.04), covers=("home", "other"), delay=3.0,
            date_format="%d/%m/%Y",
        ),
        Recipe(
            "postnatal", "P", 0.55, 0.35,
            (*CHILD, "birth_weight", "plurality", *MOTHER, "mother_birth_date", "phone", "residence", "recorded_on"),
            Rates(unnamed=0.2, repeated=0.03), delay=40.0, abroad=0.05,
        ),
        Recipe(
            "nutrition", "N", 0.30, 0.38,
            (*CHILD, *MOTHER, "mother_age", "phone", "residence", "recorded_on"),
            Rates(short_form=0.03, date_heaped=0.05, moved=0.06), delay=150.0,
        ),
        Recipe(
            "insurance", "A", 0.35, 0.12,
            (*CHILD, *MOTHER, "mother_birth_date", *FATHER, "phone", "recorded_on"),
            Rates(unnamed=0.01, repeated=0.01, typing=0.04), delay=60.0,
        ),
    )
}  # fmt: skip

ALONE = replace(RECIPES["register"], rates=replace(RECIPES["register"].rates, repeated=0.15))


def chosen(n_lists: int) -> tuple[Recipe, ...]:
    """The lists of a world with n_lists of them: one is a register with many repeats, two have no structural zeros."""
    if n_lists == 1:
        return (ALONE,)
    if n_lists == 2:
        return (RECIPES["community"], RECIPES["register"])
    return tuple(RECIPES.values())[:n_lists]


def at_noise(rates: Rates, noise: str) -> Rates:
    """The rates at a noise level: the chance of at least one of `factor` mishaps, fixed rates untouched."""
    factor = NOISE[noise]
    scaled = {
        field.name: 1 - (1 - getattr(rates, field.name)) ** factor for field in fields(rates) if field.name not in FIXED
    }
    return replace(rates, **scaled)
