"""Newborns without a name, and twins told by the marks in their names."""

import polars as pl
import pytest

from everybirth.standardise.names import clean, tidy
from everybirth.standardise.unnamed import ChildNames, child_names


def listed(text: str) -> list[str]:
    """The values of a text that bars and line ends set apart."""
    return [value for line in text.strip().splitlines() for value in line.strip().split("|")]


UNNAMED = listed("""
    Baby of Mary|BABY OF MARY|B/O Mary|b / o mary|B.O. Mary|Bb of|Baby boy|Baby girl|Baby|baby boy of Jane
    Baby Smith|Infant of Jane|Infant|Newborn|New born|NN|N/N|-|.|unknown|unnamed|not named|not yet named
    no name|Noname|male child|Male|son of Jane|Daughter of Jane|S/O Jane|D/O Jane|to be named|TBA|XXX|N/A|NA
    nil|none|null|test|child|sin nombre|recien nacido|Recién Nacida de Ana|RN|RN de Maria|B/B Ana|hijo de
    Hija de Ana|hijo(a) de Ana|niña|Niño de Ana|desconocido|varón|nouveau-né|Nouveau-née|bébé|bébé de Awa
    enfant de Awa|enfant d'Amina|fille de Awa|sans prénom|inconnu|sem nome|recém-nascido|filho de Ana|无名|未命名
    未取名|新生儿|男婴|王芳之子|李红之女|李红的女儿|bayi Ny. Siti|mtoto wa Asha
""")
NAMED = listed("""
    Bo|R. N.|B. B.|Nina|Nino|Nina de la Cruz|Son|Sonia|Boyd|Babylon|Barnaby|Bebeto|Infanta|Fillemon|Childeric
    Twinkle|Malek|Na|An|Testimony|Nilda|Xavier|Mary|José|王小明|Marie Enfant|Newton|Unity|B|Ravi|Gemma|Jumana
    Trip|Ada|Ivi|Di|Abi
""")


def read(*names: str | None) -> ChildNames:
    """What the names hold, read as from one column."""
    values = pl.Series(names, dtype=pl.String)
    return child_names(tidy(values), clean(values))


@pytest.mark.parametrize("written", UNNAMED)
def test_what_stands_for_a_name_is_missing(written: str) -> None:
    """Neither the words for a newborn nor the mother's name after them become the child's name."""
    child = read(written)
    assert (child.standard.to_list(), child.tidy.to_list()) == ([None], [None])


def test_names_survive() -> None:
    """Names that begin or sound like such words stay names."""
    child = read(*NAMED)
    assert child.standard.to_list() == clean(pl.Series(NAMED)).to_list()
    assert child.tidy.to_list() == NAMED
    assert not child.order.any()
    assert not child.plurality.any()


@pytest.mark.parametrize(
    ("written", "name", "order", "plurality"),
    [
        ("Twin 1 of Mary", None, 1, 2),
        ("TWIN II", None, 2, 2),
        ("Twin A", None, 1, 2),
        ("twin2", None, 2, 2),
        ("2nd twin", None, 2, 2),
        ("Second Twin of Mary", None, 2, 2),
        ("Baby A", None, 1, 2),
        ("Baby boy 2", None, 2, 2),
        ("Baby of Mary (2)", None, 2, 2),
        ("B/O Mary T1", None, 1, 2),
        ("Baby of Mary A", None, 0, 0),  # may be the mother's initial
        ("Mary twin 2", "Mary", 2, 2),
        ("José (Twin B)", "José", 2, 2),
        ("Twin", None, 0, 2),
        ("Triplet C", None, 3, 3),
        ("Triplet 1 Ana", "Ana", 1, 3),
        ("Gemelo 2 de Ana", None, 2, 2),
        ("María (gemela 1)", "María", 1, 2),
        ("RN 2 de Ana", None, 2, 2),
        ("Jumeau A", None, 1, 2),
        ("gêmeo 2", None, 2, 2),
        ("王小双", None, 2, 2),
    ],
)
def test_marks_of_twins(written: str, name: str | None, order: int, plurality: int) -> None:
    """The mark gives rank and plurality and is taken out of the name."""
    child = read(written)
    assert child.tidy.to_list() == [name]
    assert (int(child.order[0]), int(child.plurality[0])) == (order, plurality)


def test_marks_do_not_move_to_other_rows() -> None:
    """Among names, missing values and unnamed children each mark stays with its own value."""
    child = read("Ana", None, "Mary twin 2", "Baby", "Li 3", "Baby B")
    assert child.standard.to_list() == ["ana", None, "mary", None, "li 3", None]
    assert child.order.tolist() == [0, 0, 2, 0, 0, 2]
