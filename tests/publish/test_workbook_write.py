"""The workbook of an area: what it holds, how it is protected, that nothing in it can act."""

import datetime as dt
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from tests.publish.offices import column, exported, finding, folder

from everybirth.publish.findings.kinds import CHOICES, KINDS
from everybirth.publish.safe_text import for_excel
from everybirth.publish.workbooks import export_findings, words
from everybirth.publish.workbooks.book import Content, laid_out, workbook_bytes
from everybirth.publish.workbooks.choose import choose, limit_for, prepared

FEBRUARY = dt.datetime(2024, 2, 29)  # noqa: DTZ001 - as a reader of workbooks gives a day
EVERY_KIND = [finding(number, kind) for number, kind in enumerate(KINDS)]


def test_one_sheet_for_each_kind_and_one_that_explains(tmp_path: Path) -> None:
    """The first sheet says what to do and how far it is; then each kind that has findings has a sheet."""
    book = openpyxl.load_workbook(exported(tmp_path, *EVERY_KIND, finding(90), finding(91, status="verified")))
    english = words.LANGUAGES["en"]
    assert book.sheetnames == ["Read me", *(english.kinds[kind][0] for kind in KINDS)]
    first = [[cell.value for cell in row] for row in book["Read me"].iter_rows()]
    assert next(row for row in first if row[0] == "Duplicates")[1:6] == [2, 0, 0, 1, 3]
    assert next(row for row in first if row[0] == "All")[1:6] == [8, 0, 0, 1, 9]
    assert english.texts["whole"] in [row[0] for row in first]


@pytest.mark.parametrize("language", sorted(words.LANGUAGES))
def test_drop_down_lists_offer_what_may_be_decided(tmp_path: Path, language: str) -> None:
    """Each kind offers its own decisions, in its language, and nothing else can be entered."""
    book = openpyxl.load_workbook(exported(tmp_path, *EVERY_KIND, language=language))
    heading = words.LANGUAGES[language].headings["decision"]
    for sheet, kind in zip(book.worksheets[1:], KINDS, strict=True):
        letter = sheet.cell(1, column(sheet, heading)).column_letter
        (rule,) = [rule for rule in sheet.data_validations.dataValidation if str(rule.sqref) == f"{letter}2"]
        offered = rule.formula1.strip('"').split(",")
        assert [words.decision_of(kind, label) for label in offered] == list(
            words.choices_of(words.LANGUAGES[language], kind)
        )
        assert {words.decision_of(kind, label) for label in offered} == set(CHOICES[kind])
        assert (rule.type, rule.showErrorMessage, rule.allow_blank) == ("list", True, True)
        assert len(rule.formula1) <= 257


def test_only_the_cells_to_fill_in_can_be_changed(tmp_path: Path) -> None:
    """Sheets are protected without a password; the office's cells, and no others, are unlocked."""
    book = openpyxl.load_workbook(exported(tmp_path, *EVERY_KIND))
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        assert not sheet.protection.password
    for sheet in book.worksheets[1:]:
        assert sheet.protection.autoFilter is False  # filtering is not forbidden
        for heading in sheet[1]:
            is_office = "(fill in)" in heading.value
            assert heading.protection.locked
            assert sheet.column_dimensions[heading.column_letter].protection.locked is not is_office


def test_sheets_are_made_for_reading_and_printing(tmp_path: Path) -> None:
    """Headings stay in sight, repeat on paper, can be filtered; A4 landscape, one page wide, long texts wrapped."""
    long = finding(1, found="a long story " * 30)
    sheet = openpyxl.load_workbook(exported(tmp_path, long, finding(2)))["Duplicates"]
    assert sheet.freeze_panes == "B2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.auto_filter.ref.startswith("A1:")
    page = sheet.page_setup
    assert (page.orientation, int(page.paperSize), page.fitToHeight) == ("landscape", 9, 0)
    assert sheet["B2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height > 4 * sheet.row_dimensions[1].height / 2
    assert sheet.row_dimensions[3].height == 2 * 15  # two records, each on a line of its own
    assert sheet.cell(3, column(sheet, "Records")).value == "register:R2\nhospital:H2"


def test_chinese_lines_are_higher_and_no_row_is_too_high(tmp_path: Path) -> None:
    """Chinese letters are taller; a row is never higher than Excel has it."""
    book = exported(tmp_path, finding(1, found="长" * 9000), finding(2), language="zh")
    sheet = openpyxl.load_workbook(book).worksheets[1]
    assert sheet.row_dimensions[3].height > 2 * 16
    assert sheet.row_dimensions[2].height <= 409 < 25 * 17


def test_values_have_their_types(tmp_path: Path) -> None:
    """A day is a day, a weight a number, a code its name; the right value is checked as its field needs."""
    fields = ("sex", "birth_date", "child_given_name", "birth_weight")
    book = exported(tmp_path, *(finding(number, "disagreement", field=field) for number, field in enumerate(fields)))
    sheet = openpyxl.load_workbook(book)["Disagreements"]
    best, right = column(sheet, "Value judged best"), column(sheet, "Right value")
    assert [sheet.cell(row, best).value for row in range(2, 6)] == ["male", FEBRUARY, "Ana", 3200]
    assert sheet.cell(3, best).number_format == "yyyy-mm-dd"
    letter = sheet.cell(1, right).column_letter
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules[f"{letter}2"].formula1 == '"female,male"'
    assert (rules[f"{letter}3"].type, rules[f"{letter}5"].type) == ("date", "decimal")
    assert f"{letter}4" not in rules  # a name may be anything


@pytest.mark.parametrize("language", sorted(words.LANGUAGES))
def test_nothing_is_called_quite_sure(tmp_path: Path, language: str) -> None:
    """From 99.5% on a probability is shown as more than 99%, below 0.5% as less than 1%; the cell keeps its value."""
    book = exported(
        tmp_path, finding(1, "not-registered", probability=1.0), finding(2, probability=0.5), language=language
    )
    for sheet in openpyxl.load_workbook(book).worksheets[1:]:
        cell = sheet.cell(2, column(sheet, words.LANGUAGES[language].headings["probability"]))
        assert cell.number_format == '[>=0.995]">99%";[<0.005]"<1%";0%'
        assert cell.value == (1.0 if sheet.title == words.LANGUAGES[language].kinds["not-registered"][0] else 0.5)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "some of these children are on the register under other particulars. Search it by"),
        ("zh", "其中少数孩子其实已登记，只是登记内容不同。上门前请先"),
    ],
)
def test_the_register_is_to_be_searched_before_a_visit(tmp_path: Path, language: str, said: str) -> None:
    """The first sheet says so, and of which sheet, where there are children to register; elsewhere it does not."""
    for kind in ("not-registered", "duplicate"):
        book = openpyxl.load_workbook(exported(tmp_path, finding(1, kind), language=language))
        texts = [str(row[0].value) for row in book.worksheets[0].iter_rows()]
        told = [text for text in texts if said in text and words.LANGUAGES[language].kinds["not-registered"][0] in text]
        assert len(told) == (kind == "not-registered")


@pytest.mark.parametrize(
    ("area", "language", "title"),
    [
        ("unknown", "en", "Findings to look at: area not known"),
        ("unknown", "zh", "待核查的情况：地区不详"),
        ("out of scope", "en", "Findings to look at: outside the plan's areas or dates"),
        ("North", "zh", "待核查的情况：North"),
    ],
)
def test_births_without_an_area_have_a_workbook_that_says_so(
    tmp_path: Path, area: str, language: str, title: str
) -> None:
    """In its title and at the foot of each sheet; the file is called as the area is in the tables."""
    path = exported(tmp_path, finding(1, area=area), language=language)
    book = openpyxl.load_workbook(path)
    assert path.stem == area
    assert book.worksheets[0]["A1"].value == title
    name = title.removeprefix("Findings to look at: ").removeprefix("待核查的情况：")
    assert book.properties.title == name
    assert all(name in str(sheet.oddFooter.left.text) for sheet in book.worksheets)


def test_no_column_is_always_empty(tmp_path: Path) -> None:
    """Values that can hardly be right have no better value and no reason; unused rows are no records."""
    book = openpyxl.load_workbook(exported(tmp_path, finding(1, "implausible"), finding(2, "rejected")))
    office = ["Decision (fill in)", "Note (fill in)", "Who (fill in)"]
    assert [cell.value for cell in book["Unused rows"][1]] == ["Finding", "List", "What was found", *office]
    shown = [cell.value for cell in book["Implausible values"][1]]
    assert shown[:5] == ["Finding", "Field", "What was found", "List", "Records"]
    assert shown[5:] == [office[0], "Right value (fill in)", *office[1:]]


def test_a_workbook_holds_its_own_area_only(tmp_path: Path) -> None:
    """Nothing of another area is in an area's workbook, and nothing that its question does not need."""
    run = folder(
        tmp_path,
        finding(1, area="North", found="nobody but Nora"),
        finding(2, area="South", found="nobody but Susan", birth_id="BSECRET", note="not to be shown"),
    )
    files = export_findings(run).files
    assert [file.name for file in files.values()] == ["North.xlsx", "South.xlsx"]
    with zipfile.ZipFile(files["South"]) as book:
        everything = b"".join(book.read(name) for name in book.namelist())
    assert b"Susan" in everything
    assert not [word for word in (b"Nora", b"North", b"BSECRET", b"not to be shown") if word in everything]


def test_same_findings_same_bytes(tmp_path: Path) -> None:
    """Two exports write the same workbooks, byte for byte, in whatever order the findings are."""
    rows = [finding(number, kind, probability=0.5) for number in range(40) for kind in KINDS[:2]]
    rows = [row | {"finding_id": f"F{number:013}"} for number, row in enumerate(rows)]
    assert exported(tmp_path / "a", *rows).read_bytes() == exported(tmp_path / "b", *rows[::-1]).read_bytes()


def test_the_most_useful_findings_come_first(tmp_path: Path) -> None:
    """Beyond the limit each kind has its share, the surest first (doubtful links: the most doubtful); the rest wait."""
    rows = [finding(number, "not-registered", probability=number / 100) for number in range(30)]
    rows += [finding(100 + number, "uncertain-link", probability=0.3 + number / 100) for number in range(30)]
    rows += [finding(200, "rejected", probability=None)]
    chosen = choose(pl.DataFrame(rows), pl.Series([], dtype=pl.String), 21)
    by_kind = {
        kind: part["finding_id"].to_list() for (kind,), part in chosen.findings.group_by("kind", maintain_order=True)
    }
    assert [len(part) for part in by_kind.values()] == [13, 7, 1]  # what "rejected" does not need goes to the first
    assert by_kind["not-registered"] == [f"F{number:013}" for number in range(29, 16, -1)]
    assert set(by_kind["uncertain-link"]) == {f"F{100 + number:013}" for number in range(17, 24)}
    assert chosen.progress["waiting"].to_list() == [17, 23, 0]


def test_what_came_back_is_first_and_says_so(tmp_path: Path) -> None:
    """A finding that came back after a decision stands before surer ones, with a column that tells."""
    book = exported(tmp_path, finding(1), finding(2, probability=0.2, came_back=True))
    sheet = openpyxl.load_workbook(book)["Duplicates"]
    assert [sheet.cell(row, 1).value for row in (2, 3)] == [f"F{2:013}", f"F{1:013}"]
    assert [sheet.cell(row, column(sheet, "Came back")).value for row in (2, 3)] == ["yes", ""]


@pytest.mark.parametrize(("areas", "limit"), [(0, 2000), (1, 2000), (14, 1428), (700, 30)])
def test_a_run_writes_no_more_than_takes_some_seconds(areas: int, limit: int) -> None:
    """Many areas share what a run writes by itself."""
    assert limit_for(areas) == limit


hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "_x0041_x0041_", "<r><t>x</t></r>", "<r></r>"]),
    st.sampled_from(
        ["http://example.org", "mailto:a@example.org", "\u202etxt.exe", "\U0001f476\U0001f3fd", "\x00\x1f\ufffe"]
    ),
    st.integers(0, 3).map(lambda more: "x" * (32_766 + more)),
    st.integers(0, 3).map(lambda more: "\U0001f476" * (16_383 + more)),
)


@settings(max_examples=60)
@given(text=hostile, area=hostile)
def test_hostile_text_is_inert(text: str, area: str) -> None:
    """Whatever a list holds is shown as text: no formula, no link, no markup; what is shown is for_excel of it."""
    text = text.encode(errors="replace").decode()
    row = finding(1, "disagreement", field="child_given_name", found=text, best=text, records=text)
    findings = laid_out(prepared(pl.DataFrame([row])))
    content = Content(area, {"disagreement": findings.to_dict(as_series=False)}, [("disagreement", 1, 0, 0, 0)])
    for language in words.LANGUAGES.values():
        made = workbook_bytes(content, (language, 10, "everybirth findings 1 / 0 / en"))
    with zipfile.ZipFile(BytesIO(made)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert not [name for name in parts if "externalLink" in name or "<hyperlink" in parts[name]]
    assert "<f>" not in parts["xl/worksheets/sheet2.xml"]
    assert "<r>" not in parts["xl/sharedStrings.xml"]
    rows = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(1).to_python()
    shown = dict(zip(rows[0], rows[1], strict=True))
    chinese = words.LANGUAGES["zh"].headings
    assert shown[chinese["found"]] == shown[chinese["best"]] == for_excel(text)
    assert len(for_excel(text).encode("utf-16-le")) // 2 <= 32_767
