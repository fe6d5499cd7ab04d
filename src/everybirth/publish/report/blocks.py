"""What a page is made of: sections of paragraphs, charts and tables. Data only; the template lays them out."""

from dataclasses import dataclass, field

from markupsafe import Markup

Text = Markup | str  # a plain str is escaped by the template


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    text     what it says
    kind     "name" (a row's header), "text", "number", "plot" (a drawing that another cell puts into words), "hidden"
    """

    text: Text
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row; the first cell of each row may be its header."""

    caption: Text
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, what can be read from it, what its figures are of, and the figures themselves.

    key        unique in the page; an anchor
    chart      an SVG drawing, or a table whose rows are drawn
    reading    one sentence
    of         the denominator and the uncertainty, in words
    tables     under a fold
    """

    key: str
    title: Text
    chart: Markup | Table
    reading: Text
    of: Text
    tables: tuple[Table, ...] = ()
    legend: tuple[tuple[str, Text], ...] = ()  # (style of the sample, what it stands for)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; style "" or "note"."""

    text: Text
    style: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A list of short texts."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Terms and what they are."""

    items: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Something long, under a fold: a table, or the rows of a chart."""

    title: Text
    content: Table


Block = Paragraph | Points | Pairs | Figure | Table | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One of the few figures on the first screen: the figure, its interval, and a sentence."""

    style: str
    figure: Text
    label: Text
    sentence: Text


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first screen says: title, what it is about, the answer and what it might be otherwise, figures, a bar of
    them, what they are given.
    """

    title: str
    about: Text
    first: Text
    otherwise: Text
    cards: tuple[Card, ...]
    bar: Markup
    given: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    language: str
    direction: str
    opening: Opening
    sections: tuple[Section, ...]
    labels: dict[str, str] = field(default_factory=dict)
