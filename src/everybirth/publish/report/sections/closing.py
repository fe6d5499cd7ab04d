"""What was assumed, what is not shown, and how to get the same figures again."""

from markupsafe import Markup

from everybirth.publish.report.blocks import Block, Cell, Fold, Pairs, Paragraph, Points, Section, Table
from everybirth.publish.report.labels import METHODS, TABLES
from everybirth.publish.report.phrases import phrase
from everybirth.publish.report.reading import Reading
from everybirth.publish.report.words import sentence, shown


def assumed(read: Reading) -> Section:
    """Every assumption behind the figures, in one place."""
    words = read.words
    given = [
        words.html("Births on no list: {given}.", given=phrase(words, text)) for text in read.estimate.get("given", ())
    ]
    points = [
        *given,
        words.html(
            "Births: each group of records that the linking puts together is one birth, with the doubt that its "
            "probability says."
        ),
        words.html(
            "What a record does not say (area, month, sex, place) is, for the estimates, taken from a birth on the "
            "same lists, anew in each simulated draw."
        ),
        words.html(
            "Intervals: 95 in 100 simulated draws over the linkage and the estimate. They do not cover a wrong "
            "assumption."
        ),
    ]
    return Section("assumed", words.text("What was assumed"), (Points(tuple(points)),))


def not_shown(read: Reading) -> Section:
    """What is hidden to protect persons, and what is never published."""
    words, release = read.words, read.release
    n_hidden = sum(release.hidden.values())
    rule = words.html(
        "“hidden” stands for a count of fewer than {n}, or for one from which such a count could be worked out. "
        "Figures that rest on a hidden count are left out as well.",
        n=release.threshold,
    )
    if release.about.get("protection") not in (None, "suppression"):
        rule = words.html("Counts carry random noise that protects each person; they do not add up exactly.")
    said = words.count("{n} count is hidden.", "{n} counts are hidden.", n_hidden)
    blocks: list[Block] = [Paragraph(words.together(rule, said))]
    blocks.append(
        Paragraph(
            words.text("No area, village, facility or worker is ranked, and no record of a person is in this report.")
        )
    )
    if release.omitted:
        body = tuple(
            (Cell(_known(read, TABLES.get(name, name)), "name"), Cell(_known(read, why)))
            for name, why in release.omitted.items()
        )
        head = (Cell(words.text("table")), Cell(words.text("reason")))
        title = words.text("What is not published, and why")
        blocks.append(Fold(title, Table(title, head, body)))
    return Section("hidden", words.text("What is not shown"), tuple(blocks))


def _known(read: Reading, text: str) -> Markup:
    """A text of the tables in the page's language; one that has no translation is marked as English."""
    if read.words.has(text):
        return Markup.escape(read.words.text(text))
    return Markup('<span lang="en">{}</span>').format(sentence(text))


def again(read: Reading) -> Section:
    """What is needed for the same figures."""
    words, run = read.words, read.run
    estimate = read.estimate
    spoken = "" if words.source else f" --language {words.language}"
    items = [
        (words.html("version"), Markup("everybirth {}").format(str(run.get("version", "")))),
        (words.html("plan (its SHA-256)"), Markup("<code>{}</code>").format(str(run.get("plan", "")))),
        (words.html("seed"), Markup("{}").format(str(run.get("seed", "")))),
        (words.html("simulated linkages"), Markup.escape(words.number(estimate.get("draws_of_linkage")))),
        (words.html("method"), _methods(read, str(estimate.get("method", "")))),
        (
            words.html("command"),
            Markup("<code>everybirth run everybirth.toml --out result --seed {}{}</code>").format(
                str(run.get("seed", 0)), spoken
            ),
        ),
        (words.html("this page alone"), Markup("<code>everybirth report result{}</code>").format(spoken)),
    ]
    blocks: list[Block] = [
        Paragraph(words.text("The same lists, plan, seed and version give the same figures, on any computer.")),
        Pairs(tuple(items)),
        Paragraph(
            words.text("Every figure of this page is in the folder tables beside it, as CSV and as an Excel workbook.")
        ),
    ]
    n_warnings = len(run.get("warnings", ()))
    if n_warnings:
        text = words.count(
            "The run gave {n} warning; it is in run.json.",
            "The run gave {n} warnings; they are in run.json.",
            n_warnings,
        )
        blocks.append(Paragraph(text))
    return Section("again", words.text("How to get the same figures again"), tuple(blocks))


def _methods(read: Reading, method: str) -> Markup:
    names = [read.words.html(METHODS[name]) if name in METHODS else shown(name) for name in method.split(" + ") if name]
    return read.words.names(names) if names else read.words.html("none")
