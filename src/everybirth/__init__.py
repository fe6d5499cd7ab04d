"""everybirth: count every birth once."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from everybirth.pipeline import estimate, evaluate, init, report, run, simulate
    from everybirth.result import Result

__version__ = "0.1.0"
__all__ = ["Result", "__version__", "estimate", "evaluate", "init", "report", "run", "simulate"]


def __getattr__(name: str) -> Any:
    """Load the road only when it is walked, so that `import everybirth` and `everybirth --help` stay quick."""
    if name in __all__:
        from everybirth import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'everybirth' has no attribute {name!r}")


class _Package(ModuleType):
    """Keeps everybirth.estimate a function after the package of that name is imported; also simulate, evaluate."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
