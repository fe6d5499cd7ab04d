"""Worlds with known truth: births, the lists that hold them, and what went wrong on the way."""

from everybirth.simulate.options import CaptureModel, Options
from everybirth.simulate.world import World, world
from everybirth.simulate.write import write_world

__all__ = ["CaptureModel", "Options", "World", "world", "write_world"]
