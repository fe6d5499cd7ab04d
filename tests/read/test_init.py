"""A first plan guessed from files: it runs as it is, says what is doubtful, and reads nothing that is refused."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from tests.read.worlds import write_workbook

from everybirth import plan
from everybirth.errors import PlanError, ReadError
from everybirth.read import init_plan, read_lists
from everybirth.read.profile import date_format, refused_by_values, sex_codes, site_codes
from everybirth.read.vocabulary import heading
from everybirth.schema import FIELDS


def table(delimiter: str, text: str) -> str:
    """One record per paragraph of words separated by bars, as delimited text."""
    records = ["".join(line.strip() for line in part.split("\n")) for part in text.strip().split("\n\n")]
    return "".join(record.replace("|", delimiter) + "\n" for record in records)


SPANISH = table(
    ";",
    """
    folio|nombre|apellido_paterno|apellido_materno|sexo|fecha_nacimiento|peso_gramos|nombre_madre|
    apellidos_madre|edad_madre|lugar_parto|estado_civil|hijos_vivos|telefono|observaciones

    F1|Ana|López|Gil|M|31/01/2024|3200|María|Gil|25|Hospital|casada|2|5551234567|x

    F2|José|Pérez|Ruiz|H|05/02/2024|2900|Luz|Ruiz|31|Casa|soltera|1|5551234568|
    """,
)
FRENCH = table(
    "\t",
    """
    Numéro d'acte|Nom de l'enfant|Prénoms|Sexe|Date de naissance|Lieu de naissance|Nom de la mère|
    Prénom de la mère|Nom du père|Date de déclaration|Situation matrimoniale

    1|Dupont|Élise|F|02.01.2024|Lyon|Durand|Zoé|Dupont Jean|15.01.2024|mariée

    2|Martin|Luc|M|03.01.2024|Lyon|Petit|Eva|Martin Paul|16.01.2024|célibataire
    """,
)
PORTUGUESE = table(
    ",",
    """
    NUMERODN|NOMERN|SEXO|DTNASC|PESO|NOMEMAE|DTNASCMAE|IDADEMAE|CODMUNRES|LOCNASC|ESTCIVMAE|
    QTDFILVIVO|GESTACAO|RACACOR

    900|Ana Silva|2|05012024|3200|Maria Silva|01021999|24|3550308|Hospital|1|0|5|4

    901|João Souza|1|17012024|2950|Rita Souza|15081990|33|3550308|Domicílio|2|1|5|1
    """,
)
CHINESE = table(
    ",",
    """
    登记号|新生儿姓名|性别|出生日期|出生体重|母亲姓名|母亲出生日期|母亲身份证号|父亲姓名|联系电话|
    现住址|胎次|民族|孕周

    A1|王小明|男|2024年3月5日|3.2|李红|1995年1月2日|110101199501020000|王强|13800138000|北京|1|汉|
    39

    A2|张丽|女|2024年3月6日|2.9|王芳|1996年1月2日|110101199601020000|张军|13800138001|上海|1|汉|40
    """,
)
ENGLISH = table(
    ",",
    """
    record_id|given name|Surname|gender|DOB|Birth Weight (kg)|Mother's full name|Mother's age|
    village|Place of delivery|reported on|informant name|parity

    1|Ann|Lee|F|01/13/2024|3.1|Mary Lee|23|Hill|home|01/14/2024|Jo|2

    2|Bob|Kay|M|02/03/2024|2.8|Sue Kay|31|Dale|facility|02/05/2024|Al|1
    """,
)


def guessed(folder: Path, name: str, content: str, encoding: str = "utf-8") -> tuple[plan.ListPlan, str]:
    """Write a file, guess its plan, and check that the plan runs as it is and loses no row."""
    (folder / name).write_bytes(content.encode(encoding))
    report = init_plan([folder / name], folder / "everybirth.toml")
    loaded = plan.load(folder / "everybirth.toml")
    result = read_lists(loaded)
    (part,) = loaded.lists
    assert result.rows == {part.name: content.count("\n") - 1}
    assert result.rejected.is_empty()
    assert len(report.lists[0].fields) == len(part.columns)
    return part, (folder / "everybirth.toml").read_text(encoding="utf-8")


def columns(part: plan.ListPlan) -> dict[str, str]:
    """Canonical field -> column."""
    return {key: column.column for key, column in part.columns.items()}


def test_spanish_headers(tmp_path: Path) -> None:
    """H and M are hombre and mujer; apellido paterno is the child's; dates are day-first."""
    part, text = guessed(tmp_path, "hospital.csv", SPANISH, "cp1252")
    assert columns(part) == {
        "child_given_name": "nombre",
        "child_family_name": "apellido_paterno",
        "sex": "sexo",
        "birth_date": "fecha_nacimiento",
        "birth_weight": "peso_gramos",
        "mother_given_name": "nombre_madre",
        "mother_family_name": "apellidos_madre",
        "mother_age": "edad_madre",
        "phone": "telefono",
        "site": "lugar_parto",
    }
    assert part.id == "folio"
    assert part.columns["sex"].codes == {"H": "male", "M": "female"}
    assert part.columns["site"].codes == {"Casa": "home", "Hospital": "facility"}
    assert part.columns["birth_date"].format == "%d/%m/%Y"
    assert "estado_civil (marital status and legitimacy)" in text
    assert "#   apellido_materno" in text
    assert "casada" not in text


def test_french_headers(tmp_path: Path) -> None:
    """Nom is a family name beside prénoms, a full name where it stands alone; the register by its file."""
    part, text = guessed(tmp_path, "Registre d'état civil.tsv", FRENCH)
    assert columns(part) == {
        "child_given_name": "Prénoms",
        "child_family_name": "Nom de l'enfant",
        "sex": "Sexe",
        "birth_date": "Date de naissance",
        "mother_given_name": "Prénom de la mère",
        "mother_family_name": "Nom de la mère",
        "father_full_name": "Nom du père",
        "birth_place": "Lieu de naissance",
        "registration_date": "Date de déclaration",
        "registration_number": "Numéro d'acte",
    }
    assert (part.name, part.role, part.id) == ("registre_d_état_civil", "civil-register", "Numéro d'acte")
    assert part.columns["birth_date"].format == "%d.%m.%Y"
    assert "Situation matrimoniale (marital status" in text


def test_portuguese_headers(tmp_path: Path) -> None:
    """Words written as one, dates without separators, and 1/2 for sex said to be a guess."""
    part, text = guessed(tmp_path, "sinasc.csv", PORTUGUESE)
    assert (
        columns(part).items()
        >= {
            "child_full_name": "NOMERN",
            "sex": "SEXO",
            "birth_date": "DTNASC",
            "birth_weight": "PESO",
            "mother_full_name": "NOMEMAE",
            "mother_birth_date": "DTNASCMAE",
            "mother_age": "IDADEMAE",
            "residence": "CODMUNRES",
            "site": "LOCNASC",
        }.items()
    )
    assert part.columns["birth_date"].format == "%d%m%Y"
    assert part.columns["sex"].codes == {"1": "male", "2": "female"}
    assert "1 = male and 2 = female is the usual coding, but only a guess" in text
    for column in ("ESTCIVMAE", "QTDFILVIVO", "GESTACAO", "RACACOR"):
        assert f"#   {column} (" in text


def test_chinese_headers(tmp_path: Path) -> None:
    """Words without spaces, GB18030, Chinese dates, weight in kg said so."""
    part, text = guessed(tmp_path, "出生登记.csv", CHINESE, "gb18030")
    assert columns(part) == {
        "child_full_name": "新生儿姓名",
        "sex": "性别",
        "birth_date": "出生日期",
        "birth_weight": "出生体重",
        "mother_full_name": "母亲姓名",
        "mother_birth_date": "母亲出生日期",
        "mother_id": "母亲身份证号",
        "father_full_name": "父亲姓名",
        "phone": "联系电话",
        "residence": "现住址",
        "registration_number": "登记号",
    }
    assert part.role == "civil-register"
    assert part.columns["birth_date"].format == "%Y年%m月%d日"
    assert part.columns["sex"].codes == {"男": "male", "女": "female"}
    assert "kg" in text
    for column in ("胎次", "民族", "孕周"):
        assert f"#   {column} (" in text


def test_english_headers(tmp_path: Path) -> None:
    """Month-first dates are told by a day over 12; the informant's name is nobody's of the birth."""
    part, text = guessed(tmp_path, "community.csv", ENGLISH)
    assert columns(part) == {
        "child_given_name": "given name",
        "child_family_name": "Surname",
        "sex": "gender",
        "birth_date": "DOB",
        "birth_weight": "Birth Weight (kg)",
        "mother_full_name": "Mother's full name",
        "mother_age": "Mother's age",
        "residence": "village",
        "site": "Place of delivery",
        "recorded_on": "reported on",
    }
    assert part.id == "record_id"
    assert part.columns["birth_date"].format == "%m/%d/%Y"
    assert 'residence = "village"  # a guess: please check' in text
    assert part.role == ""


def test_canonical_names_map_to_themselves(tmp_path: Path) -> None:
    """A file that already uses the canonical names needs no guessing."""
    values: dict[str, object] = {name: ["Ana", "Bo"] for name in FIELDS}
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
    values |= dict.fromkeys(("birth_date", "mother_birth_date", "recorded_on", "registration_date"), days)
    values |= {"sex": ["female", "male"], "site": ["home", "facility"], "birth_weight": [3000, 3100]}
    values |= {"mother_age": [20, 30], "phone": ["5551234", "5551235"], "record_id": ["a", "b"]}
    pl.DataFrame(values).write_parquet(tmp_path / "a.parquet")
    init_plan([tmp_path / "a.parquet"], tmp_path / "everybirth.toml")
    (part,) = plan.load(tmp_path / "everybirth.toml").lists
    assert columns(part) == {name: name for name in FIELDS}
    assert part.id == "record_id"


def test_several_files_and_headers_further_down(tmp_path: Path) -> None:
    """Each file is a list with a name of its own; a title above the header is passed over; the first register is it."""
    (tmp_path / "data").mkdir()
    rows = [["Births"], [], ["case no", "baby name", "birth date", "sex"], [1, "Ana", dt.date(2024, 1, 31), "F"]]
    write_workbook(tmp_path / "data" / "Village list.xlsx", {"x": rows})
    (tmp_path / "village-list.csv").write_text("name,dob\nAna,2024-01-31\n", encoding="utf-8")
    (tmp_path / "register.csv").write_text("name,dob\nAna,2024-01-31\n", encoding="utf-8")
    (tmp_path / "register2.csv").write_text("name,dob\nAna,2024-01-31\n", encoding="utf-8")
    (tmp_path / "codes.csv").write_text("area,population\n1,2\n", encoding="utf-8")
    files = ["data/Village list.xlsx", "village-list.csv", "register.csv", "register2.csv", "codes.csv"]
    report = init_plan([tmp_path / name for name in files], tmp_path / "everybirth.toml")
    loaded = plan.load(tmp_path / "everybirth.toml")
    assert [part.name for part in loaded.lists] == ["village_list", "village_list_2", "register", "register2"]
    assert [part.role for part in loaded.lists] == ["", "", "civil-register", ""]
    assert loaded.lists[0].header_row == 3
    assert loaded.lists[0].id == "case no"
    assert loaded.lists[1].id == ""
    assert loaded.lists[0].path == "data/Village list.xlsx"
    assert read_lists(loaded).rows == dict.fromkeys([part.name for part in loaded.lists], 1)
    assert report.unusable == (("codes.csv", "No column was recognised as a name or a date of birth."),)
    summary = report.summary()
    assert "4 lists" in summary
    assert "register (register.csv): 1 rows" in summary
    assert "codes.csv: left out" in summary


def test_a_row_of_values_is_not_taken_for_a_header(tmp_path: Path) -> None:
    """Unknown names in the first row are still the header, even if values below resemble known names."""
    (tmp_path / "a.csv").write_text("record_id,c1,c2\n1,Name,Weight\n2,Bo,x\n", encoding="utf-8")
    with pytest.raises(ReadError, match="no column with a name"):
        init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")


def test_a_list_of_one_site_is_pointed_out(tmp_path: Path) -> None:
    """What the list can hold at all is proposed, not decided."""
    (tmp_path / "a.csv").write_text("name,place of birth\nAna,hospital\nBo,clinic\n", encoding="utf-8")
    init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")
    text = (tmp_path / "everybirth.toml").read_text(encoding="utf-8")
    assert "all of site facility" in text
    assert '# covers = { site = "facility" }' in text
    assert plan.load(tmp_path / "everybirth.toml").lists[0].covers == {}


@pytest.mark.parametrize(
    ("header", "fields"),
    [("mother,baby", ("mother", "child")), ("Madre,Padre", ("mother", "father")), ("母亲,父亲", ("mother", "father"))],
)
def test_a_column_called_by_a_person_may_hold_the_name(tmp_path: Path, header: str, fields: tuple[str, ...]) -> None:
    """Where its values are whole names it is mapped, and a person is asked to check; single words say too little."""
    names = ["王小明,李娜", "张伟,陈静"] if "母" in header else ["Ana Gil,Bo Ruiz", "Luz Paz,Ed Roa"]
    (tmp_path / "a.csv").write_text(f"dob,{header}\n" + "".join(f"2024-01-31,{row}\n" for row in names), "utf-8")
    init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")
    (part,) = plan.load(tmp_path / "everybirth.toml").lists
    wanted = {f"{person}_full_name": name for person, name in zip(fields, header.split(","), strict=True)}
    assert columns(part) == {"birth_date": "dob"} | wanted
    assert (tmp_path / "everybirth.toml").read_text(encoding="utf-8").count("a guess: please check") == len(fields)
    (tmp_path / "a.csv").write_text(f"dob,{header}\n2024-01-31,yes,1\n2024-02-01,no,2\n", "utf-8")
    init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")
    (part,) = plan.load(tmp_path / "everybirth.toml").lists
    assert columns(part) == {"birth_date": "dob"}


def test_a_community_is_a_place(tmp_path: Path) -> None:
    """It is the residence, as a guess to be checked; it is not taken for a facility."""
    (tmp_path / "a.csv").write_text("Nombre,Comunidad\nAna,San Juan\nLuz,El Alto\n", encoding="utf-8")
    init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")
    (part,) = plan.load(tmp_path / "everybirth.toml").lists
    assert columns(part) == {"child_full_name": "Nombre", "residence": "Comunidad"}
    assert 'residence = "Comunidad"  # a guess: please check' in (tmp_path / "everybirth.toml").read_text("utf-8")


def test_a_column_is_refused_for_what_it_holds(tmp_path: Path) -> None:
    """Marital status under any name is never mapped; "single" alone is no such thing, and values of others neither."""
    (tmp_path / "a.csv").write_text(
        "name,situation,kind,type\nAna,Casada,matrimonial,single\nLuz,soltera,extramatrimonial,twin\n", encoding="utf-8"
    )
    (one,) = init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml").lists
    assert dict(one.refused) == dict.fromkeys(("situation", "kind"), "marital status and legitimacy, by its values")
    assert refused_by_values(pl.Series(["single", None])) is None


def test_rows_of_totals_are_told(tmp_path: Path) -> None:
    """Such a row is counted in a remark, since the run will set it aside."""
    (tmp_path / "a.csv").write_text("name,dob\nAna,2024-01-31\nTOTAL,\n", encoding="utf-8")
    init_plan([tmp_path / "a.csv"], tmp_path / "everybirth.toml")
    text = (tmp_path / "everybirth.toml").read_text(encoding="utf-8")
    assert "# rows that are totals, not births, and will be rejected: 1" in text


def test_a_file_is_one_list(tmp_path: Path) -> None:
    """The same file twice, however it is named, is refused: each of its births would be found twice."""
    (tmp_path / "chw.csv").write_text("name,dob\nAna,2024-01-31\n", encoding="utf-8")
    for again in ("chw.csv", "*.csv", "../" + tmp_path.name + "/chw.csv"):
        with pytest.raises(PlanError, match=r"are one file\. Name each file once"):
            init_plan([tmp_path / "chw.csv", tmp_path / again], tmp_path / "everybirth.toml")
    assert not (tmp_path / "everybirth.toml").exists()


def test_strange_names_stay_within_the_toml(tmp_path: Path) -> None:
    """Quotation marks, backslashes and line breaks in names of columns and files do not break the plan."""
    header = '"baby ""name"" \\","dob\ty","odd\nnew [lists.evil]"'
    (tmp_path / 'a "b".csv').write_text(f"{header}\nAna,2024-01-31,z\n", encoding="utf-8")
    init_plan([tmp_path / 'a "b".csv'], tmp_path / "everybirth.toml")
    loaded = plan.load(tmp_path / "everybirth.toml")
    assert [part.name for part in loaded.lists] == ["a_b"]
    assert read_lists(loaded).lists[0].frame["child_full_name"].to_list() == ["Ana"]


def test_what_init_cannot_do_is_said(tmp_path: Path) -> None:
    """No files, too many, none that is there, none with a birth in it; nothing is written then."""
    (tmp_path / "a.csv").write_text("area,population\n1,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("parity,religion\n1,2\n", encoding="utf-8")
    output = tmp_path / "everybirth.toml"
    for files, error, message in (
        ([], PlanError, "no file"),
        ([tmp_path / "a.csv"] * 21, PlanError, "21 files"),
        ([tmp_path / "c.csv"], PlanError, "no such file"),
        ([tmp_path], PlanError, r"is a folder.*/\*\.csv"),
        ([tmp_path / "c*.csv"], PlanError, r"no file matches .*c\*\.csv"),
        ([tmp_path / "a.csv"], ReadError, "no column with a name"),
        ([tmp_path / "b.csv"], ReadError, "no column that may be read"),
    ):
        with pytest.raises(error, match=message):
            init_plan(files, output)
    assert not output.exists()


@pytest.mark.parametrize(
    ("values", "form", "doubt"),
    [
        (["2024-01-31", "2024-02-01"], "%Y-%m-%d", ""),
        (["31/01/2024", "05/02/2024"], "%d/%m/%Y", ""),
        (["01/31/2024", "05/02/2024"], "%m/%d/%Y", ""),
        (["01/02/2024", "05/02/2024"], "%d/%m/%Y", "day-first is assumed"),
        (["31/01/2024", "05/02/2024", "01/31/2024"], "%d/%m/%Y", "1 of 3 different values"),
        (["31-Jan-2024"], "%d-%b-%Y", ""),
        (["31/01/24", "01/02/24"], "%d/%m/%y", ""),
        (["20240131"], "%Y%m%d", ""),
        (["31012024"], "%d%m%Y", ""),
        (["2024-01-31 05:00:00"], "%Y-%m-%d %H:%M:%S", ""),
        (["Ana", "3200"], "", ""),
    ],
)
def test_dates_tell_their_format(values: list[str], form: str, doubt: str) -> None:
    """Day or month first is decided by values over 12; where nothing decides, it is said."""
    found = date_format(values)
    assert found.format == form
    assert doubt in found.doubt
    assert bool(doubt) == bool(found.doubt)


def test_codes_of_sex_and_site() -> None:
    """M is male beside F and female beside H; numbers are a guess; anything else is no code."""
    assert sex_codes(["M", "F", "U"]) == ({"M": "male", "F": "female"}, "")
    assert sex_codes(["m", "h"]) == ({"m": "female", "h": "male"}, "")
    assert sex_codes(["Masculino", "Femenino"])[0] == {"Masculino": "male", "Femenino": "female"}
    assert sex_codes(["1", "2", "9"])[0] == {"1": "male", "2": "female"}
    assert sex_codes(["1", "2"])[1]
    assert sex_codes(["M"])[1]
    for values in (["Ana", "F"], [], ["1", "2", "3"], [str(n) for n in range(20)]):
        assert sex_codes(values) == ({}, "")
    assert site_codes(["Health centre", "at home", "otro"]) == {
        "Health centre": "facility",
        "at home": "home",
        "otro": "other",
    }
    assert site_codes(["Lyon", "home"]) == {}


def test_headings_know_whose_name_it_is() -> None:
    """Persons, misspellings and words written as one."""
    assert heading("mother's first name").score("mother_given_name") > 0.9
    assert heading("mother's first name").score("child_given_name") == 0
    assert 0.75 < heading("Birht Wieght").score("birth_weight") < 0.9  # a remark asks to check
    assert heading("FechaNacimientoMadre").score("mother_birth_date") > 0.9
    assert heading("midwife name").score("child_full_name") == 0
    assert heading("xyz").score("child_full_name") == 0
