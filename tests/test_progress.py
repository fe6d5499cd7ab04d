"""The progress bar: only on a terminal, only for steps that last."""

import io
import time

import pytest

from everybirth.progress import Bar, silent


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def wait_for(stream: io.StringIO, text: str) -> None:
    """Wait until the text was drawn; fail if that takes far too long."""
    end = time.monotonic() + 20
    while text not in stream.getvalue():
        assert time.monotonic() < end, f"{text!r} is not in {stream.getvalue()!r}"
        time.sleep(0.02)


def test_a_long_step_shows_its_name_and_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar of a step that lasts appears by itself, also if nothing more is told, and then follows what is told."""
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Bar(stream, patience=0) as bar:
        bar("compare", 1, 4)
        wait_for(stream, "compare")
        wait_for(stream, "25%")
        bar("compare", 2, 4)
        wait_for(stream, "50%")
        bar("resolve", 0, 0)
        wait_for(stream, "resolve")


def test_a_short_step_shows_nothing() -> None:
    """A step that ends before our patience does draws nothing, and leaves no thread that would draw later."""
    stream = Terminal()
    with Bar(stream, patience=0.05) as bar:
        bar("read", 0, 2)
        bar("read", 2, 2)
    time.sleep(0.2)
    assert stream.getvalue() == ""


def test_nothing_is_drawn_into_a_file() -> None:
    """Where the output is no terminal there is no bar, however long the step."""
    stream = io.StringIO()
    with Bar(stream, patience=0) as bar:
        bar("compare", 1, 4)
        time.sleep(0.1)
        bar("compare", 2, 4)
    assert stream.getvalue() == ""


def test_silent_tells_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """The default prints nothing."""
    silent("compare", 1, 2)
    assert capfd.readouterr() == ("", "")
