"""Full names split into given and family name."""

import polars as pl
import pytest

from everybirth.standardise.full_names import split


@pytest.mark.parametrize(
    ("full", "given", "family"),
    [
        ("Mary Smith", "Mary", "Smith"),
        ("Mary Jane  Smith", "Mary Jane", "Smith"),
        ("SMITH, Mary Jane", "Mary Jane", "SMITH"),
        ("María de la Cruz", "María", "de la Cruz"),
        ("Jan van der Berg", "Jan", "van der Berg"),
        ("Madonna", "Madonna", None),
        ("王小明", "小明", "王"),
        ("李娜", "娜", "李"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("王 小明", "小明", "王"),
        ("김민준", "민준", "김"),
        ("남궁민수", "민수", "남궁"),
        ("阿卜杜·买买提", "阿卜杜", "买买提"),
        ("محمد علي", "محمد", "علي"),
    ],
)
def test_split(full: str, given: str, family: str | None) -> None:
    """Each script's own order of names, particles with the family name, and a comma that reverses the order."""
    halves = split(pl.Series([None, full]))
    assert (halves[0].to_list(), halves[1].to_list()) == ([None, given], [None, family])
