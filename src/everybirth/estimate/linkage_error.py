"""Two lists with errors of linkage: births from links that miss some pairs and join some wrongly."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """What is known of the links between two lists.

    first, second   births on each
    linked          births linked, rightly or wrongly
    precision       share of the links that are right
    recall          share of the births on both lists that are linked rightly
    """

    first: float
    second: float
    linked: float
    precision: float
    recall: float


def ding_fienberg(links: Links) -> dict[str, float] | None:
    """Births by Lincoln-Petersen, uncorrected and corrected for the errors of linkage; None where nothing is shared.

    The births on both lists are the right links, divided by the share of such births that are linked rightly.
    Returns  recall; false_links, the share of the births on the first list only that are linked to one that they are
             not; both, births on both lists; births; and uncorrected
    Source   Ding & Fienberg 1994; with false links Di Consiglio & Tuoto 2015
    """
    right = links.linked * links.precision
    if min(links.first, links.second, right, links.recall) <= 0:
        return None
    both = right / min(links.recall, 1.0)
    return {
        "recall": min(links.recall, 1.0),
        "false_links": (links.linked - right) / max(links.first - both, 1.0),
        "both": both,
        "births": links.first * links.second / both,
        "uncorrected": links.first * links.second / links.linked,
    }
