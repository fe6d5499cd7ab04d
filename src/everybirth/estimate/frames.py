"""Which births a list can hold at all: what speaks against the plan, and what the plan might say."""

import numpy as np

from everybirth.estimate.births import Births, Reading
from everybirth.estimate.cells import bit
from everybirth.estimate.scope import Scope

HARDLY_ANY = 0.005  # share of the births of a site, known from other lists, that a list holds by error only
PLENTY = 0.05  # share that it must hold of another site
ENOUGH = 200  # births of a site on other lists before anything is said


def contradictions(best: Births, lists: tuple[str, ...]) -> dict[str, int]:
    """For each list, births on it that it is said not to hold; only lists that have some."""
    found = {name: int(((best.against & bit(k, len(lists))) != 0).sum()) for k, name in enumerate(lists)}
    return {name: count for name, count in found.items() if count}


def warnings(read: Reading, best: Births, wanted: Scope) -> list[str]:
    """What a user should know of the covers in the plan, in words."""
    lines = [
        f"{name}: {count:,} births on it are of a kind that covers says it does not hold. They were counted as births "
        "of a kind that it does; if they are many, look at covers or at these records."
        for name, count in contradictions(best, wanted.lists).items()
    ]
    lines += [f"{where}: no list has this field, so it was left aside." for where in read.unused_covers]
    return lines + suggestions(read, best, wanted)


def suggestions(read: Reading, best: Births, wanted: Scope) -> list[str]:
    """Lists that hold hardly any births of a site, though the plan does not say so."""
    lines = []
    n_lists = len(wanted.lists)
    for k, name in enumerate(wanted.lists):
        own = bit(k, n_lists)
        others = (best.history & ~own) != 0
        if wanted.covers[k] or not others.any():
            continue
        share: dict[str, float] = {}
        for code, site in enumerate(read.labels.site):
            there = others & (best.site == code)
            if there.sum() >= ENOUGH:
                share[site] = float(np.mean((best.history[there] & own) != 0))
        held = [site for site, part in share.items() if part >= PLENTY]
        lacking = [site for site, part in share.items() if part < HARDLY_ANY]
        if held and lacking:
            sites = ", ".join(f'"{site}"' for site in held)
            lines.append(
                f"{name}: it holds hardly any births whose site is {' or '.join(lacking)}. If it cannot hold them, say "
                f"in the plan, under [lists.{name}]: covers = {{ site = [{sites}] }}. As it stands, those are taken "
                "for births that it missed."
            )
    return lines
