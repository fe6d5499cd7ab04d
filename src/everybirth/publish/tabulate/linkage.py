"""Tables of how well the records were linked, and of what offices are asked to look at."""

import numpy as np
import polars as pl

from everybirth.publish.release import TOTAL
from everybirth.publish.tabulate.draft import Book, Draft, where
from everybirth.publish.tabulate.source import Source
from everybirth.publish.tabulate.universe import UNKNOWN

EDGES = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
IN_DOUBT = 0.95  # records whose probability to belong to their birth is below this
NOT_REGISTERED = "not-registered"


def linkage_tables(book: Book, source: Source) -> None:
    """Draft them all."""
    _linkage(book, source)
    _probabilities(book, source)
    if source.findings is not None:
        _findings(book, source.findings)


def _linkage(book: Book, source: Source) -> None:
    links, recall = source.links, float(source.run["linking"].get("blocking_recall") or 0.0)
    likely = links.probability.astype(np.float64)
    made, right = int(links.joined.sum()), float(likely[links.joined].sum())
    apart = float(likely[~links.joined].sum())
    unseen = (right + apart) * (1.0 / recall - 1.0) if recall > 0 else None
    missed = None if unseen is None else apart + unseen
    variance = source.run["estimate"].get("variance_share_of_linkage")
    doubt = int((links.record_probability < IN_DOUBT).sum())
    rows: list[tuple[str, float | None]] = [
        ("blocking recall", round(recall, 4) if len(likely) else None),
        ("links made", None if book.is_small(made) else float(made)),
        ("expected false links", round(made - right, 1)),
        ("expected missed links", None if missed is None else round(missed, 1)),
        ("expected precision", round(right / made, 4) if made else None),
        ("expected recall", round(right / (right + missed), 4) if missed is not None and right + missed > 0 else None),
        ("records in doubt", None if book.is_small(doubt) else float(doubt)),
        ("share of variance due to linkage", None if variance is None else round(float(variance), 4)),
    ]
    draft = Draft("linkage", ("measure",), (), ("estimate",))
    for measure, figure in rows:
        draft.add((measure,), (), (figure,))
    book.drafts.append(draft)


def _probabilities(book: Book, source: Source) -> None:
    """Pairs by their probability, from the first edge up."""
    draft = Draft("link_probability", ("probability",), ("pairs",))
    likely = source.links.probability
    counts, _ = np.histogram(likely[likely >= EDGES[0]], bins=[*EDGES, 1.0 + 1e-6])
    for low, high, count in zip(EDGES, [*EDGES[1:], 1], counts.tolist(), strict=True):
        name = f"{low:g}-{high:g}"
        draft.add((name,), (book.ledger.add(("pairs", (("probability", name),)), count),))
    book.drafts.append(draft)


def _findings(book: Book, findings: pl.DataFrame) -> None:
    """Findings by area, kind and status. What is not registered is the births less those registered, once again."""
    draft = Draft("findings", ("area", "kind", "status"), ("findings",))
    if not findings.height:
        return
    counted = findings.group_by(pl.col("area").cast(pl.String).fill_null(UNKNOWN), "kind", "status").agg(
        pl.len().cast(pl.Int64).alias("n")
    )
    found = {(row[0], row[1], row[2]): row[3] for row in counted.sort("area", "kind", "status").iter_rows()}
    kinds = sorted({key[1:] for key in found})
    areas = sorted({key[0] for key in found})
    cells: dict[tuple[str, str, str], int] = {}
    for kind, status in kinds:
        parts = []
        for area in areas:
            n = found.get((area, kind, status), 0)
            key = _key(area, kind, status)
            unsaid = area == UNKNOWN
            cell = book.ledger.unsaid(key, n, shown=not book.is_small(n)) if unsaid else book.ledger.add(key, n)
            cells[area, kind, status] = cell
            parts.append(cell)
        total = sum(book.ledger.value[cell] for cell in parts)
        cells[TOTAL, kind, status] = book.ledger.add(_key(TOTAL, kind, status), total)
        book.ledger.relate(cells[TOTAL, kind, status], parts)
    for area in (*areas, TOTAL):
        for kind, status in kinds:
            cell = cells[area, kind, status]
            if book.ledger.value[cell] and book.ledger.shows(cell):
                draft.add((area, kind, status), (cell,))
        _as_unregistered(book, area, [cells[area, kind, status] for kind, status in kinds if kind == NOT_REGISTERED])
    book.drafts.append(draft)


def _key(area: str, kind: str, status: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return "findings", where(("area", area), ("kind", kind), ("status", status))


def _as_unregistered(book: Book, area: str, cells: list[int]) -> None:
    """Tie the births found to be not registered to births less registered ones, where they are the same births."""
    rest = book.known("not registered", where(("area", area)))
    if rest is not None and cells and sum(book.ledger.value[cell] for cell in cells) == book.ledger.value[rest]:
        book.ledger.relate(rest, cells)
