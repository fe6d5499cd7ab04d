"""Evaluating: how well a run did, measured against a known truth."""

from everybirth.evaluate.score import (
    BIN_EDGES,
    Agreement,
    BirthsThatHappened,
    ClusterScore,
    Evaluation,
    evaluate,
    score_clusters,
)

__all__ = [
    "BIN_EDGES",
    "Agreement",
    "BirthsThatHappened",
    "ClusterScore",
    "Evaluation",
    "evaluate",
    "score_clusters",
]
