"""Settings that all tests share."""

import hashlib
import os
import tempfile
from pathlib import Path

from hypothesis import settings

# Numba notices a change in the file of a compiled function, not in the files of those it calls. A cache named after all
# sources cannot go stale; processes that the tests start use it too.
_SOURCES = sorted((Path(__file__).parents[1] / "src").rglob("*.py"))
_STATE = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:16]
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"everybirth-kernels-{_STATE}")

# The machines that check a change are slow and shared: no example is timed. There, examples are the same on every run.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")
