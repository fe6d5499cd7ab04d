"""Tables of how well the records were linked."""

import numpy as np

from everybirth.publish.tabulate.draft import Book, Draft
from everybirth.publish.tabulate.source import Source

EDGES = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
IN_QUESTION = ("0.2-0.5", "0.5-0.8")  # the pairs that offices are asked about, 0.8 itself among them
IN_DOUBT = 0.95  # records whose probability to belong to their birth is below this
NORMAL = 1.96  # standard deviations to each side, between which 95 in 100 lie
COUNTED, NOT_MEASURED = "counted", "not measured"
LIMITS = "95 in 100, if the probabilities are right and links err one by one"
Three = tuple[float, float, float]  # an estimate and its limits


def linkage_tables(book: Book, source: Source) -> None:
    """Draft them all, after the tables of births and records."""
    _linkage(book, source)
    _probabilities(book, source)


def _linkage(book: Book, source: Source) -> None:
    """Two rows are counts; the estimates rest on them: false links and precision together tell how many were made."""
    links = source.links
    n_made, n_doubt = int(links.joined.sum()), int((links.record_probability < IN_DOUBT).sum())
    made = book.ledger.add(("links", (("what", "made"),)), n_made)
    doubt = book.ledger.add(("records", (("what", "in doubt"),)), n_doubt)
    _no_fewer_than_joined(book, made, source)
    draft = Draft("linkage", ("measure",), (), ("estimate", "low", "high", "limits"), ("limits",))
    found = _expected(source)
    found = {"blocking recall": found.pop("blocking recall"), "links made": None, **found}
    for measure, three in found.items():
        digits = 1 if measure.endswith("links") else 4
        figures = (None, None, None) if three is None else tuple(round(value, digits) for value in three)
        row = (float(n_made), None, None, COUNTED) if measure == "links made" else (*figures, _kind(three))
        draft.add((measure,), (), row, (made,))
    draft.add(("records in doubt",), (), (float(n_doubt), None, None, COUNTED), (doubt,))
    variance = source.run["estimate"].get("variance_share_of_linkage")
    share = None if variance is None else round(float(variance), 4)
    draft.add(("share of variance due to linkage",), (), (share, None, None, NOT_MEASURED))
    book.drafts.append(draft)


def _kind(three: Three | None) -> str:
    return NOT_MEASURED if three is None else LIMITS


def _no_fewer_than_joined(book: Book, made: int, source: Source) -> None:
    """Say that links are no fewer than the records that they join to others: births on each list and records too many,
    less the different births.

    Decisions can join records that no link joins; then it is not so, and who relies on it is misled.
    """
    register = source.rules.register
    names = source.records.list_names
    held = [book.ledger.place["registered" if name == register else f"on {name}", ()] for name in names]
    records = [*held, *(book.ledger.place["repeated", (("list", name),)] for name in names)]
    births, value = book.ledger.place["births", ()], book.ledger.value
    if value[made] + value[births] >= sum(value[cell] for cell in records):
        book.ledger.at_least((made, births), records)


def _expected(source: Source) -> dict[str, Three | None]:
    """What the probabilities of the pairs let expect, and of those that were never compared; None: not known."""
    likely, joined = source.links.probability.astype(np.float64), source.links.joined
    spread = likely * (1.0 - likely)
    made, right, apart = float(joined.sum()), float(likely[joined].sum()), float(likely[~joined].sum())
    false = _within(made - right, float(np.sqrt(spread[joined].sum())), most=made)
    recall = float(source.run["linking"].get("blocking_recall") or 0.0)
    found: dict[str, Three | None] = dict.fromkeys(
        ("blocking recall", "expected false links", "expected missed links", "expected precision", "expected recall")
    )
    found["expected false links"] = false
    found["expected precision"] = _share(made, false)
    if len(likely) and recall > 0:
        sd = float(source.run["linking"].get("hidden_pairs", {}).get("sd", 0.0))
        unseen = (right + apart) * (1.0 / recall - 1.0)
        missed = _within(apart + unseen, float(np.hypot(np.sqrt(spread[~joined].sum()), sd)))
        found["expected missed links"] = missed
        found["blocking recall"] = _of(right + apart, _within(unseen, sd))
        found["expected recall"] = _of(right, missed)
    return found


def _within(middle: float, sd: float, most: float = np.inf) -> Three:
    return middle, max(middle - NORMAL * sd, 0.0), min(middle + NORMAL * sd, most)


def _share(whole: float, without: Three) -> Three | None:
    """The share of a whole that is left without some."""
    middle, low, high = without
    return (1.0 - middle / whole, 1.0 - high / whole, 1.0 - low / whole) if whole else None


def _of(part: float, rest: Three) -> Three | None:
    """The share that a part is of itself and the rest."""
    middle, low, high = (part / (part + some) if part + some > 0 else np.nan for some in rest)
    return None if np.isnan((middle, low, high)).any() else (middle, high, low)


def _probabilities(book: Book, source: Source) -> None:
    """Pairs by their probability, from the first edge up."""
    draft = Draft("link_probability", ("probability",), ("pairs",))
    likely = source.links.probability
    bins = [float(np.nextafter(np.float32(edge), np.float32(1))) if edge == 0.8 else edge for edge in EDGES]
    counts, _ = np.histogram(likely[likely >= EDGES[0]], bins=[*bins, 1.0 + 1e-6])
    for low, high, count in zip(EDGES, [*EDGES[1:], 1], counts.tolist(), strict=True):
        name = f"{low:g}-{high:g}"
        draft.add((name,), (book.ledger.add(("pairs", (("probability", name),)), count),))
    book.drafts.append(draft)
