"""What was found, in the workbook's language: every phrase has its form, names and dates stay as they are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.publish.offices import choice, column, decisions, edited, exported, finding
from tests.publish.scenes import NO_REJECTS, person, world
from tests.read.worlds import read_one

from everybirth.publish import findings, workbooks
from everybirth.publish.findings import blocks, kinds
from everybirth.publish.workbooks import import_findings
from everybirth.publish.workbooks.phrases import CHINESE
from everybirth.publish.workbooks.told import phrase, sketch, told
from everybirth.publish.workbooks.words import LANGUAGES, Words
from everybirth.read import rows as read_rows
from everybirth.schema import FIELDS
from everybirth.standardise import dates, numbers, records

ZH = LANGUAGES["zh"]
OTHERS = [words for code, words in LANGUAGES.items() if code != "en"]

# Texts of the code that finds something which are not told in "found" or "why".
HABITS = {habit.name for habit in vars(blocks).values() if isinstance(habit, blocks.Habit)}
NOT_TOLD = HABITS | {"same birth", "different births", "id ", "lead ", " and ", "{} row {}"}
PLACE = re.compile(r"\{[^}]*\}")


def written_in(module: Path) -> Iterator[str]:
    """The texts of a module that have words and blanks, documentation left out."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in said else None
        if isinstance(text, str) and re.search("[a-z]", text) and " " in text and text not in NOT_TOLD:
            yield text


FINDERS = ["disagreements", "implausible", "blocks", "links", "rejects", "unregistered", "scene"]
MODULES = [*(Path(str(findings.__file__)).with_name(f"{name}.py") for name in FINDERS), Path(str(read_rows.__file__))]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_every_phrase_that_findings_are_written_in_is_translated(module: Path) -> None:
    """Each piece of text in the code that finds something, or sets rows aside, is in a phrase of every language."""
    pieces = {piece for text in written_in(module) for piece in PLACE.split(text) if re.search("[a-z]", piece)}
    assert pieces
    for words in OTHERS:
        known = [part for group in words.phrases.values() for english in group for part in PLACE.split(english)]
        assert not {piece for piece in pieces if not any(piece in part for part in known)}


def test_a_new_phrase_would_be_seen(tmp_path: Path) -> None:
    """The search above finds what stands in plain texts and in those with places, and nothing in documentation."""
    (tmp_path / "new.py").write_text('"""No such text."""\n\nX = "a hitherto unknown thing"\nY = f"{X} of a kind"\n')
    assert list(written_in(tmp_path / "new.py")) == ["a hitherto unknown thing", " of a kind"]


@pytest.mark.parametrize("words", OTHERS)
def test_phrases_keep_their_places(words: Words) -> None:
    """A translation has the places of its phrase, and every language has the same phrases."""
    for kind, group in words.phrases.items():
        assert group.keys() == CHINESE[kind].keys()
        for english, form in group.items():
            assert sorted(PLACE.findall(form)) == sorted(PLACE.findall(english))


REASONS = [
    *(f"not among {bounds.words}" for bounds in (*numbers.BOUNDS.values(), numbers.ANY_NUMBER)),
    f"before {dates.FIRST_YEAR} or after {dates.LAST_YEAR}",
    *(f"not understood as {' or '.join(field.codes)}" for field in FIELDS.values() if field.codes),
    "not a date",
]


@pytest.mark.parametrize("reason", REASONS)
def test_why_a_value_could_not_be_read_is_translated(reason: str) -> None:
    """By itself, as of a mother's date of birth, and after what was written; that stays, whatever it is."""
    alone = phrase(ZH, kinds.IMPLAUSIBLE, reason)
    assert alone
    assert not re.search("[a-z]", alone)
    assert phrase(ZH, kinds.IMPLAUSIBLE, f"a; b: c: {reason}") == f"a; b: c：{alone}"


def test_why_a_row_could_not_be_used_is_translated(tmp_path: Path) -> None:
    """Of each way in which a row of a file is no record; the name of a column stays."""
    text = "ID,name,born\n1,Ann,2024-03-01\n2,Ann\nID,name,born\n,Ann,2024-03-01\n5,,\n"
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    reasons = read_one(tmp_path, "list.csv", "ID").rejected["reason"].to_list()
    assert len(set(reasons)) == 4
    for reason in (*reasons, records.UNUSABLE):
        said = phrase(ZH, kinds.REJECTED, f"row 17: {reason}")
        assert said
        assert said.startswith("第17行：")
        assert not re.search("[a-z]", said)
        assert ("ID" in said) == ("ID" in reason)


def everything() -> pl.DataFrame:
    """Findings of every kind and with every reason, of births whose names are in capitals or Chinese."""
    odd: list[dict[str, Any]] = [
        *({"birth_weight": 450}, {"birth_weight": 6500}, {"birth_weight": 90_000}, {"mother_age": 10}),
        *({"mother_age": 60}, {"plurality": 5}, {"plurality": 2, "delivery_order": 3}),
        *({"plurality": 1, "delivery_order": 2}, {"mother_birth_date": "2022-06-01"}),
        *({"mother_birth_date": "2020-01-01"}, {"mother_birth_date": "2024-12-30"}, {"mother_birth_date": "0-0"}),
        *({"recorded_on": "2023-12-01"}, {"registration_date": "2023-12-01"}, {"birth_date": "1924-01-08"}),
        *({"sex": "?"}, {"site": "?"}, {"residence": None}, {"child_given_name": None, "child_family_name": None}),
    ]
    usual = {"birth_weight": "3000", "mother_age": "25", "sex": "male", "recorded_on": "2025-02-01"}
    shared = usual | {"mother_given_name": "芳", "mother_family_name": "王", "child_given_name": "MIN", "site": "home"}
    rows = [person(k) | shared | {"child_family_name": f"LI{k}", "residence": "01-1"} for k in range(60)]
    for place, said in enumerate(odd):
        rows[place] |= {key: value if value is None else str(value) for key, value in said.items()}
    early = [row | {"recorded_on": str(row["birth_date"])} for row in rows]
    rows[40]["recorded_on"] = "2024-01-01"
    names = ("A", "B", "register")
    others = [row | {"id": f"o{k}", "sex": "female", "child_given_name": "MINE"} for k, row in enumerate(early[:50])]
    third = [row | {"id": f"p{k}", "child_given_name": "MINE"} for k, row in enumerate(early[:30:2])]
    third += [row | {"id": f"q{k}", "sex": "female"} for k, row in enumerate(early[:10])]
    same = [[f"r{k}", f"o{k}", *([f"p{k // 2}"] if k < 30 and k % 2 == 0 else [])] for k in range(50)]
    for k in range(10):
        same[k].append(f"q{k}")
    rejected = pl.DataFrame([("A", 3, "neither a name nor a date", "[]")], schema=NO_REJECTS.schema, orient="row")
    lists = dict(zip(names, (rows, others, third), strict=True))
    doubt = {("r50", "r51"): 0.5, ("r52", "o1"): 0.4}
    return world(lists, same, pairs=doubt, rejected=rejected).found()


def test_nothing_of_what_was_found_stays_in_english() -> None:
    """Of findings of all kinds only ids and the register have small Latin letters, in "found" and in "why"."""
    found = everything()
    assert set(found["kind"]) == set(kinds.KINDS)
    said = told(found, ZH)
    assert said.columns == found.columns
    assert said.drop("found", "why").equals(found.drop("found", "why"))
    for kind, text, why in said.select("kind", "found", "why").iter_rows():
        for sentence in (text, why or ""):
            left = re.sub(r"register|[ropq]\d+", "", sentence)
            assert not re.search("[a-z]", left), (kind, sentence)


SAID = [
    (
        *(
            "not-registered",
            None,
            "register:R1; A:1",
            "LI, Min, 2024-03-05, female, residence 01-2, mother 王 芳, on A and B",
        ),
        "LI, Min，2024-03-05，女，居住地01-2，母亲王 芳；见于A、B",
    ),
    ("not-registered", None, "A:1", "on A", "见于A"),
    ("not-registered", None, "A:1", "2024-03-05, on A", "2024-03-05；见于A"),
    (
        *("duplicate", None, "A:h 1; A:h;2", "A h 1: Min; Ho, male; A h;2: 2024-03-05, mother Fang"),
        "A h 1：Min; Ho，男；A h;2：2024-03-05，母亲Fang",
    ),
    (
        *("uncertain-link", None, "A:1; B:1", "A 1: a record of another area (02); B 1: Min"),
        "A 1：另一地区（02）的记录；B 1：Min",
    ),
    (
        *("uncertain-link", None, "A:1; B:1", "A 1: Min; B 1: a record of another area (out of scope)"),
        "A 1：Min；B 1：另一地区（不在计划的地区或日期范围内）的记录",
    ),
    ("disagreement", "sex", "A:1; B:1", "A: male; B: female", "A：男；B：女"),
    ("disagreement", "child_given_name", "A:1; B:1", "A: male; x; B: home", "A：male; x；B：home"),
    ("disagreement", "sex", "A:1", "nobody: male", "nobody: male"),
    ("implausible", "sex", "A:1", "male: not understood as female or male", "male：不能理解为女或男"),
    ("implausible", "sex", "A:1", "a wholly new reason", "a wholly new reason"),
    ("rejected", None, "", "row 3: a wholly new reason", "row 3: a wholly new reason"),
    (
        *("copied-block", None, "", "5 of 150 records hold the same values: birth weight 2950, day of the month 22"),
        "150条记录中有5条的值完全相同：出生体重2950克、某月22日",
    ),
]


@pytest.mark.parametrize(("kind", "field", "named", "english", "chinese"), SAID)
def test_names_dates_and_lists_stay(kind: str, field: str | None, named: str, english: str, chinese: str) -> None:
    """Only the fixed words and the codes are translated; what has no translation stays whole."""
    rows = [finding(1, kind, field=field, records=named, found=english), finding(2, records="A:0; B:0", found=None)]
    frame = pl.DataFrame(rows, schema=kinds.SCHEMA)
    assert told(frame, ZH)["found"].to_list() == [chinese, None]
    assert told(frame, LANGUAGES["en"]).equals(frame)


@given(st.text(max_size=30) | st.sampled_from([", residence x, mother ", "mother ", ", male, female", "{n}", "\n"]))
def test_no_name_is_lost_or_changed(name: str) -> None:
    """Whatever a child is called, its name is told letter by letter."""
    assert name in sketch(ZH, f"{name}, 2024-03-05, male") or ", residence " in name or "mother " in name
    row = finding(1, "disagreement", field="child_given_name", records="A:1", found=f"A: {name}")
    assert told(pl.DataFrame([row], schema=kinds.SCHEMA), ZH)["found"].to_list() == [f"A：{name}"]


def test_a_chinese_workbook_comes_back(tmp_path: Path) -> None:
    """What was found is shown in Chinese, and the answers beside it are taken in."""
    rows = [finding(1, "disagreement", found="hospital: male; register: female")]
    book = exported(tmp_path, *rows, language="zh")
    sheet = openpyxl.load_workbook(book)[ZH.kinds["disagreement"][0]]
    at = {key: column(sheet, ZH.headings[key]) for key in ("found", "why", "best", "decision", "corrected_value")}
    assert sheet.cell(2, at["found"]).value == "hospital：男；register：女"
    assert (sheet.cell(2, at["best"]).value, sheet.cell(2, at["why"]).value) == ("男", "3条记录中有2条如此")

    def answer(opened: Any) -> None:
        filled = opened.worksheets[1]
        filled.cell(2, at["decision"]).value = choice("disagreement", "corrected", "zh")
        filled.cell(2, at["corrected_value"]).value = "女"

    done = import_findings(tmp_path, [edited(book, answer)])
    assert not done.problems, done.warnings()
    assert [(line["decision"], line["value"]) for line in decisions(tmp_path)] == [("corrected", "female")]
    assert workbooks.export_findings(tmp_path, language="zh").findings == 0
