"""The first screen: how many births happened, how many are registered, on other lists only, on no list."""

from markupsafe import Markup

from everybirth.publish.report.blocks import Block, Card, Opening, Paragraph, Points
from everybirth.publish.report.phrases import phrase
from everybirth.publish.report.reading import Interval, Reading
from everybirth.publish.report.rows import parts_of_one
from everybirth.publish.report.words import mark, shown

PARTIAL = mark(
    "For some births nothing tells how many like them were missed; they are counted as listed, so the figure is too "
    "low."
)


def opening(read: Reading) -> Opening:
    """The first screen."""
    words = read.words
    births = read.headline("births")
    return Opening(
        title=words.text("How many births happened, and how many are registered")
        if read.register
        else words.text("How many births happened, and how many are on a list"),
        about=_about(read),
        first=_first(read, births),
        otherwise=_otherwise(read, births),
        cards=_cards(read, births),
        bar=_bar(read, births),
        given=(*_how_counted(read), *_given(read, births)),
    )


def _about(read: Reading) -> Markup:
    words, lists, span = read.words, read.lists, read.span()
    if not lists:
        return Markup("")
    names = words.names([shown(name) for name in lists])
    from_lists = words.count("from {n} list: {lists}", "from {n} lists: {lists}", len(lists), lists=names)
    if span is None:
        return words.html("Births {from_lists}.", from_lists=from_lists)
    if span[0] == span[1]:
        return words.html("Births of {month}, {from_lists}.", month=words.month(span[0]), from_lists=from_lists)
    start, end = (words.month(period) for period in span)
    return words.html("Births from {start} to {end}, {from_lists}.", start=start, end=end, from_lists=from_lists)


def _first(read: Reading, births: Interval | None) -> Markup:
    words = read.words
    if births is not None:
        return words.html(
            "About {births} births happened: probably between {low} and {high}, given the assumptions below.",
            births=Markup("<strong>{}</strong>").format(words.number(births.middle)),
            low=words.number(births.low), high=words.number(births.high),
        )  # fmt: skip
    status = str(read.estimate.get("status", ""))
    if status and status != "ok":
        return words.html("How many births happened is not estimated: {why}.", why=_why(read, status))
    return words.html("How many births happened is not published: the figure is hidden.")


def _why(read: Reading, status: str) -> Markup:
    return phrase(read.words, status.removeprefix("refused: "))


def _cards(read: Reading, births: Interval | None) -> tuple[Card, ...]:
    words = read.words
    register = Card("registered", _figure(read, "registered"), words.text("are on the register"), _registered(read))
    elsewhere = Card(
        "elsewhere",
        _figure(read, "on_other_lists_only"),
        words.text("were found on other lists only"),
        words.text("They are on other lists but not on the register. These children can be offered registration."),
    )
    listed = Card("registered", _figure(read, "listed"), words.text("are on at least one list"), _listed(read))
    missed = Card(
        "missed",
        _figure(read, "missed_by_all"),
        words.text("are on no list at all"),
        words.text("Estimated from how the lists overlap. Nobody knows who they are."),
    )
    wanted = [("registered", register), ("on_other_lists_only", elsewhere)] if read.register else [("listed", listed)]
    wanted += [("missed_by_all", missed)] if births is not None else []
    return tuple(card for measure, card in wanted if read.rows("headline", measure=measure))


def _figure(read: Reading, measure: str) -> Markup:
    found = read.headline(measure)
    if found is None:
        return Markup.escape(read.words.text("hidden"))
    limits = read.words.between(read.words.number(found.low), read.words.number(found.high))
    if read.words.number(found.low) == read.words.number(found.high):
        return Markup("<strong>{}</strong>").format(read.words.number(found.middle))
    return Markup("<strong>{}</strong> <small>{}</small>").format(read.words.number(found.middle), limits)


def _registered(read: Reading) -> Markup:
    name = read.words.html("The register is the list named “{name}”.", name=shown(read.register or ""))
    return read.words.together(_complete(read), name)


def _listed(read: Reading) -> Markup:
    return read.words.together(_complete(read), read.words.text("No list is said to be the register."))


def _complete(read: Reading) -> Markup:
    words, found = read.words, read.headline("completeness")
    if found is None:
        return Markup("")
    return words.html(
        "That is {share} of the births that happened ({low} to {high}).",
        share=Markup("<strong>{}</strong>").format(words.percent(found.middle)),
        low=words.percent(found.low), high=words.percent(found.high),
    )  # fmt: skip


def _bar(read: Reading, births: Interval | None) -> Markup:
    names = [("on_other_lists_only", "elsewhere")] if read.register else []
    names = [("registered" if read.register else "listed", "registered"), *names, ("missed_by_all", "missed")]
    found = [(read.headline(name), style) for name, style in names]
    if births is None or births.middle <= 0 or any(part is None for part, _ in found):
        return Markup("")
    return parts_of_one([(part.middle / births.middle, style) for part, style in found if part], height=28, gap=2)


MEDIANS = mark("The figures above are medians over {n} possible ways to link the records, so they need not add up.")
MEDIANS_LESS = mark(
    "The figures above are medians over {n} possible ways to link the records, less births that are probably counted "
    "twice, so they need not add up."
)


def _how_counted(read: Reading) -> tuple[Block, ...]:
    """Why the first figures differ from those of the tables."""
    words, draws = read.words, int(read.estimate.get("draws_of_linkage") or 0)
    if draws < 2 or not read.headline("registered" if read.register else "listed"):
        return ()
    twice = read.run.get("linking", {}).get("hidden_pairs", {}).get("expected", 0.0)
    medians = words.html(MEDIANS_LESS if round(twice) > 0 else MEDIANS, n=words.number(draws))
    return (Paragraph(medians if _same(read) else words.together(medians, _likeliest(read)), "note"),)


def _same(read: Reading) -> bool:
    """Whether the first figures, as they are written, are those of the tables."""
    listed, registered = read.counted()
    if listed is None or (read.register and registered is None):
        return False
    counts = {"listed": listed}
    if read.register and registered is not None:
        counts |= {"registered": registered, "on_other_lists_only": listed - registered}
    figures = {name: read.headline(name) for name in counts}
    return all(part is None or round(part.middle) == counts[name] for name, part in figures.items())


def _likeliest(read: Reading) -> Markup:
    words, (listed, registered) = read.words, read.counted()
    on_register = 0 if not read.register else registered
    if listed is None or on_register is None or on_register > listed:  # counts with noise may contradict one another
        return words.html("Counts in the tables below are of the likeliest linkage and differ a little.")
    if not read.register:
        return words.html(
            "Counts in the tables below are of the likeliest linkage ({listed} on any list) and differ a little.",
            listed=words.number(listed),
        )
    return words.html(
        "Counts in the tables below are of the likeliest linkage ({registered} registered, {elsewhere} on other lists "
        "only) and differ a little.",
        registered=words.number(on_register), elsewhere=words.number(listed - on_register),
    )  # fmt: skip


ODDS = (0.5, 2.0)  # dependence at which nobody would be surprised


def _otherwise(read: Reading, births: Interval | None) -> Markup:
    """How far the figure would move if two lists depended on each other otherwise."""
    odds = read.odds()
    if births is None or not set(ODDS) <= set(odds):
        return Markup("")
    words, (low, high) = read.words, sorted(odds[ratio].middle for ratio in ODDS)
    return words.html(
        "If {lists} depend on each other otherwise than assumed (an odds ratio of {least} to {most}, where 1 is "
        "assumed), the figure lies between {low} and {high}; the lists cannot tell.",
        lists=read.doubtful(), least=f"{ODDS[0]:g}", most=f"{ODDS[1]:g}",
        low=words.number(low), high=words.number(high),
    )  # fmt: skip


def _given(read: Reading, births: Interval | None) -> tuple[Block, ...]:
    words = read.words
    given = [phrase(words, text) for text in read.estimate.get("given", ())]
    if births is None:
        if read.estimate.get("status") == "ok":
            return ()
        return (
            Paragraph(
                words.text(
                    "Births on no list can be estimated only where at least two lists could each have held them, and "
                    "share enough births. What follows describes the births that are on a list."
                )
            ),
        )
    blocks: list[Block] = []
    if given:
        blocks += [Paragraph(words.text("These figures hold given that:")), Points(tuple(given))]
    status = str(read.estimate.get("status", "ok"))
    if status.startswith("partial"):
        blocks.append(Paragraph(words.text(PARTIAL), "note"))
    blocks.append(
        Paragraph(
            words.html(
                "“Probably” means: 95 in 100 simulated draws lie between the two limits, given the assumptions. How "
                "the figure moves under other assumptions is shown under “{section}”.",
                section=Markup('<a href="#what-if">{}</a>').format(words.text("What if the assumptions are wrong?")),
            ),
            "note",
        )
    )
    return tuple(blocks)
