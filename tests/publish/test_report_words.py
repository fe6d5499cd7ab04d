"""The report's words: every message is translated, and nothing else is left in English."""

import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from tests.publish.html_text import said
from tests.publish.report_cases import ALIKE, CASES, LISTS

from everybirth.errors import PlanError
from everybirth.estimate import pooling, ratios, strata, summary, together
from everybirth.publish import table_texts
from everybirth.publish.report import labels, report_html
from everybirth.publish.report.phrases import known, phrase
from everybirth.publish.report.words import DOMAIN, LOCALE, languages, open_words, shown

KEYWORDS = {"text": None, "html": None, "mark": None, "count": (1, 2)}
TRANSLATED = [code for code in languages() if code != "en"]


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as its translator wrote it."""
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages() -> set[str]:
    """Every message that the report's code marks; of two forms, the first."""
    found = extract_from_dir(LOCALE.parent, [("**.py", "python")], keywords=KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def test_there_is_a_chinese_report() -> None:
    """English, the language of the messages, and Chinese."""
    assert languages()[0] == "en"
    assert "zh" in languages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    """The catalogue holds what the code says: run `pybabel update` after a change (docs/report.md)."""
    found = {(one.id[0] if isinstance(one.id, tuple) else one.id): one for one in catalogue(language) if one.id}
    assert set(found) == messages()
    for key, one in found.items():
        forms = one.string if isinstance(one.string, tuple | list) else (one.string,)
        assert all(forms), f"not translated: {key}"
        assert not one.fuzzy, f"to be looked at again: {key}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_places_of_figures(language: str) -> None:
    """A translation has each {place} of its message, once or more often, and no other."""
    for one in catalogue(language):
        wanted = set(re.findall(r"\{\w*\}", " ".join(one.id) if isinstance(one.id, tuple) else one.id))
        for form in one.string if isinstance(one.string, tuple | list) else (one.string,):
            assert one.id == "" or set(re.findall(r"\{\w*\}", form)) == wanted, one.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    """The .mo file that is read was compiled from the .po file beside it."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(compiled)
    for message in messages():
        assert shipped.gettext(message) == fresh.gettext(message)
        assert shipped.ngettext(message, message, 2) == fresh.ngettext(message, message, 2)


COMMANDS = re.compile(r"--language zh|\[estimate\]下设定from和to")  # and what is typed into a plan


def english(text: str) -> Iterator[str]:
    """Words of Latin letters that a reader of another language need not know."""
    kept = {*LISTS, "everybirth", "SHA", "CSV", "Excel", "tables", "run", "json", "BIC", "AIC", "Lincoln", "Petersen"}
    kept |= {"Chapman", "result", "toml", "out", "seed", "report"}
    for word in re.findall(r"[A-Za-z]{2,}", COMMANDS.sub("", text)):
        if word not in kept:
            yield word


@pytest.mark.parametrize("case", ["usual", "no-register", "not-estimated", "all-hidden", "nothing"])
def test_nothing_is_left_in_english(case: str) -> None:
    """In the Chinese report only names of lists, methods and commands are in Latin letters."""
    plan = "ab" * 32
    for line in said(report_html(*CASES[case](), "zh")):
        assert not list(english(re.sub("^(h[123]|caption|summary): ", "", line.replace(plan, "")))), line


def test_every_sentence_of_the_estimates_can_be_translated() -> None:
    """What figures are given, why there are none, what is unusual: as the steps before the report word it."""
    given = [pooling.TWO_LISTS, pooling.MORE_LISTS, pooling.MANY_LISTS, f"if {together.GIVEN}"]
    where = ["", "for births that every list can hold, "]
    where += [f"for births that only a, b and c {verb}, " for verb in ("can hold", "hold")]
    for text in (*(f"{part}{one.removeprefix('if ')}" for one in given for part in where), ALIKE):
        assert known(text), text
    refused = [words for words in summary.WORDS.values() if words != "ok"]
    for text in (*refused, pooling.EMPTY, strata.TOO_FEW, strata.TOO_MANY, ratios.UNUSUAL):
        assert known(text), text
    assert not known("something that no step says")


def test_names_in_a_sentence_are_translated_where_they_are_words() -> None:
    """What births have in common is put into words; a list may be called anything, "sex" too."""
    words = open_words("zh")
    assert phrase(words, ALIKE).startswith("地区、出生时期、性别和地点类型均相同的出生视为同类")
    assert phrase(words, "for births that only a, b and sex can hold, lists depend on one another in pairs only") == (
        "对于只可能列入a、b和sex的出生，名单之间只存在两两相依"
    )


def test_every_reason_of_the_tables_can_be_translated() -> None:
    """Names of tables, and why some are not published, as the tables word it."""
    never = {*table_texts.NEVER, *table_texts.NEVER.values()}
    reasons = {
        *(table_texts.NO_REGISTER, table_texts.NO_FIELD, table_texts.TOO_FEW, table_texts.NOT_PROTECTED),
        *(table_texts.NO_NOISE, table_texts.NO_FINDING, table_texts.ONE_RUN),
        *(table_texts.NOT_ESTIMATED, table_texts.ONE_LIST),
    }
    assert never | reasons <= set(labels.REASONS)
    assert set(table_texts.TITLES) <= set(labels.TABLES)
    assert set(labels.TABLES.values()) | set(labels.REASONS) <= messages()


def test_a_language_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    """`--language fr` is wrong usage."""
    with pytest.raises(PlanError, match=r'"fr" is not there\. There are: en, zh\.'):
        open_words("fr")


MONTHS = [
    ("2024-03", "March 2024", "Mar 2024", "2024年3月"),
    ("2024", "2024", "2024", "2024"),
    ("2024-13", "2024-13", "2024-13", "2024-13"),
]


@pytest.mark.parametrize(("period", "long", "short", "chinese"), MONTHS)
def test_months_are_written_out(period: str, long: str, short: str, chinese: str) -> None:
    """What is no month is shown as it is."""
    words = open_words("en")
    assert words.month(period) == long
    assert words.month(period, short=True) == short
    assert open_words("zh").month(period) == chinese


SHARES = [
    *((0.0, "0.0%"), (1.0, "100.0%"), (0.8339, "83.4%"), (0.99999, "over 99.9%"), (0.00001, "under 0.1%")),
    *((None, "not known"), (float("nan"), "not known")),
]


@pytest.mark.parametrize(("share", "said_as"), SHARES)
def test_shares_are_not_rounded_to_all_or_nothing(share: float | None, said_as: str) -> None:
    """100% and 0% mean all and none."""
    assert open_words("en").percent(share) == said_as


def test_counts_take_the_right_form() -> None:
    """One thing, several things; a language without the difference has one form."""
    assert open_words("en").count("{n} count is hidden.", "{n} counts are hidden.", 1) == "1 count is hidden."
    assert open_words("en").count("{n} count is hidden.", "{n} counts are hidden.", 1234) == "1,234 counts are hidden."
    assert open_words("zh").count("{n} count is hidden.", "{n} counts are hidden.", 1234) == "共隐藏1,234个计数。"


def test_a_name_is_one_harmless_line() -> None:
    """Breaks become blanks, markup is escaped, the endless is cut."""
    assert shown("a\r\nb\t<i>") == "a b &lt;i&gt;"
    assert len(shown("x" * 10_000)) == 120


def test_catalogues_are_shipped() -> None:
    """Both files lie in the package, so that a translator has the words and the program the compiled ones."""
    files = sorted(path.name for path in Path(LOCALE / "zh" / "LC_MESSAGES").iterdir())
    assert files == [f"{DOMAIN}.mo", f"{DOMAIN}.po"]
