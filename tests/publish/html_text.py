"""What a page says, line by line, and how it is built: for tests that read it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = {"h1", "h2", "h3", "p", "li", "tr", "summary", "dt", "dd", "caption", "title", "desc"}
NOT_READ = {"style", "text"}  # a style sheet; labels of axes. A search for leaks has to read the raw page
EMPTY = {"meta", "br", "hr", "img", "link"}


@dataclass
class Reader(HTMLParser):
    """Collects lines of text, each with the element it stands in, and every tag with its attributes."""

    lines: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._end_line()
        if tag in ("td", "th") and self.text:
            self.text += " | "
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end_line()
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if not NOT_READ & set(self.open):
            self.text += data

    def _end_line(self) -> None:
        said = " ".join(self.text.split())
        if said:
            kind = next((tag for tag in reversed(self.open) if tag in BLOCKS), "")
            self.lines.append(f"{kind}: {said}" if kind in ("h1", "h2", "h3", "caption", "summary") else said)
        self.text = ""


def read(page: str) -> Reader:
    """Read a page to its end; elements left open are an error."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [], reader.open
    return reader


def said(page: str) -> list[str]:
    """The lines of a page."""
    return read(page).lines
