"""Disclosure control: which counts to hide so that no small one can be worked out, and the attack that proves it."""

from everybirth.publish.disclosure.cells import RUN, Cells, Ledger, Where
from everybirth.publish.disclosure.protect import protect

__all__ = ["RUN", "Cells", "Ledger", "Where", "protect"]
