"""The report's words in a language, and figures as a reader expects them.

A message is written in English where it is used and is its own key in the catalogues (gettext). Three methods mark one:
`text`, `html` and `count`; the function `mark` marks one that is looked up later.
"""

import gettext
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from everybirth.errors import PlanError
from everybirth.publish.safe_text import for_html

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "report"
SOURCE = "en"  # the language that messages are written in; it needs no catalogue
LONGEST_LABEL = 120  # characters of a name that are shown


def mark(message: str) -> str:
    """The message itself; marks it for the catalogues where it is translated elsewhere."""
    return message


def languages() -> tuple[str, ...]:
    """Codes of the languages that the report can be written in, the source language first."""
    return (SOURCE, *sorted(path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def check_language(language: str) -> None:
    """Raises PlanError if there is no such language."""
    if language not in languages():
        raise PlanError(f'--language: "{language}" is not there. There are: {", ".join(languages())}.')


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    language   its code, as in the lang attribute of HTML
    source     whether this is the language that messages are written in
    """

    language: str
    source: bool
    catalogue: gettext.NullTranslations

    def text(self, message: str, **values: object) -> str:
        """The message in this language, its {places} filled in; not escaped."""
        found = self.catalogue.gettext(message) if message else ""  # "" is the catalogue's own header
        return found.format(**values) if values else found

    def html(self, message: str, **values: object) -> Markup:
        """The same for a page: values are escaped unless they are markup."""
        found = Markup.escape(self.catalogue.gettext(message) if message else "")
        return found.format(**values) if values else found

    def count(self, one: str, many: str, number: float, **values: object) -> str:
        """The message for that many things; {n} is the number."""
        return self.catalogue.ngettext(one, many, round(number)).format(n=self.number(number), **values)

    def has(self, message: str) -> bool:
        """Whether the message reads right in this language."""
        return self.source or self.catalogue.gettext(message) != message

    def number(self, value: float | None) -> str:
        """A count: 12,345."""
        return self.text("not known") if value is None or not math.isfinite(value) else f"{value:,.0f}"

    def decimal(self, value: float | None, digits: int = 2) -> str:
        """A ratio: 1.05."""
        return self.text("not known") if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of one: 83.4%. What is not quite all or nothing is never rounded to 100% or 0%."""
        if share is None or not math.isfinite(share):
            return self.text("not known")
        shown = f"{100 * share:.{digits}f}"
        if share < 1 and shown == f"{100:.{digits}f}":
            return self.text("over {percent}", percent=f"{100 - 10**-digits:.{digits}f}%")
        if share > 0 and shown == f"{0:.{digits}f}":
            return self.text("under {percent}", percent=f"{10**-digits:.{digits}f}%")
        return f"{shown}%"

    def between(self, low: str, high: str) -> str:
        """The two limits of an interval."""
        return self.text("{low} to {high}", low=low, high=high)

    def together(self, first: Markup | str, second: Markup | str) -> Markup:
        """One sentence after another."""
        return self.html("{first} {second}", first=first, second=second)

    def names(self, names: Sequence[Markup | str]) -> Markup:
        """Names one after another."""
        return self.html(", ").join(names)

    def all_of(self, names: Sequence[Markup | str]) -> Markup:
        """Names in a sentence: a, b and c."""
        if len(names) < 2:
            return self.names(names)
        return self.html("{names} and {last}", names=self.names(names[:-1]), last=names[-1])

    def month(self, period: str, *, short: bool = False) -> str:
        """2024-03 as March 2024 or Mar 2024, 2024 as it is; anything else is shown as it is."""
        found = re.fullmatch(r"(\d{4})-(\d{2})", period)
        if not found or not 1 <= int(found[2]) <= 12:
            return period
        names = SHORT_MONTHS if short else MONTHS
        return self.text("{month} {year}", month=self.text(names[int(found[2]) - 1]), year=found[1])


MONTHS = (
    *(mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June")),
    *(mark("July"), mark("August"), mark("September"), mark("October"), mark("November"), mark("December")),
)
SHORT_MONTHS = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun")),
    *(mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)


@cache
def open_words(language: str) -> Words:
    """The words of a language.

    Raises   PlanError  if there is no catalogue for it
    """
    check_language(language)
    if language == SOURCE:
        return Words(language, True, gettext.NullTranslations())
    return Words(language, False, gettext.translation(DOMAIN, LOCALE, [language]))


def shown(text: str) -> Markup:
    """A name from the lists or the plan as a page shows it: one line, harmless, not endless."""
    line = " ".join(text.split())
    return sentence(line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…")


def sentence(text: str) -> Markup:
    """A text of the run's own, harmless, of any length."""
    return Markup(for_html(text))
