"""Settings that all tests share."""

import os

from hypothesis import settings

# The machines that check a change are slow and shared: no example is timed. There, examples are the same on every run.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")
