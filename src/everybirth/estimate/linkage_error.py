"""Two lists with errors of linkage: births from links that miss some pairs and join some wrongly."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """What is known of the links between two lists.

    first, second   births on each
    linked          births linked, rightly or wrongly
    right           expected number of the links that are right
    expected        expected number of births on both lists, linked or not
    """

    first: float
    second: float
    linked: float
    right: float
    expected: float


def ding_fienberg(links: Links) -> dict[str, float] | None:
    """Births by Lincoln-Petersen, uncorrected and corrected for the errors of linkage; None where nothing is shared.

    Of the births on both lists the share `recall` is linked; of the births on the first list only the share
    `false_links` is linked to one that it is not. Then linked = recall * both + false_links * (first - both).
    Source   Ding & Fienberg 1994; with false links Di Consiglio & Tuoto 2015
    """
    if min(links.first, links.second, links.linked, links.expected) <= 0:
        return None
    recall = min(links.right / links.expected, 1.0)
    false_links = (links.linked - links.right) / max(links.first - links.expected, 1.0)
    if recall <= false_links:
        return None
    both = (links.linked - false_links * links.first) / (recall - false_links)
    if both <= 0:
        return None
    return {
        "recall": recall,
        "false_links": false_links,
        "both": both,
        "births": links.first * links.second / both,
        "uncorrected": links.first * links.second / links.linked,
    }
