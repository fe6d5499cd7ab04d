"""Slips of the pen, the ear and the keyboard, over arrays of words at once."""

import unicodedata
from collections.abc import Callable

import numpy as np

from everybirth.simulate.text import WIDTH, Words
from everybirth.tables import Int64Array

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

# Letters that sound alike in one language or another: what was said -> what was written.
SOUNDS: tuple[tuple[str, str], ...] = (
    ("ph", "f"), ("f", "ph"), ("c", "k"), ("k", "c"), ("s", "z"), ("z", "s"), ("i", "y"), ("y", "i"), ("v", "b"),
    ("b", "v"), ("g", "j"), ("j", "g"), ("ck", "k"), ("qu", "k"), ("sh", "s"), ("ch", "sh"), ("th", "t"), ("t", "d"),
    ("d", "t"), ("l", "r"), ("r", "l"), ("w", "v"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ai", "e"), ("ei", "ey"),
    ("h", ""), ("nn", "n"), ("m", "n"), ("e", "i"), ("o", "u"), ("a", "e"), ("ia", "ya"), ("ie", "y"), ("x", "ks"),
    ("C", "K"), ("K", "C"), ("Ph", "F"), ("F", "Ph"), ("S", "Z"), ("Z", "S"), ("V", "B"), ("B", "V"), ("Y", "I"),
    ("J", "G"), ("Ch", "Sh"), ("Th", "T"), ("W", "V"), ("I", "Y"), ("Kh", "K"), ("Gh", "G"),
)  # fmt: skip

SHARES_OF_SLIPS = (0.26, 0.32, 0.18, 0.10, 0.14)  # neighbouring key, sound, dropped, doubled, swapped


def misspell(words: Words, rng: np.random.Generator) -> Words:
    """Each word with one slip of the pen; a word that a slip leaves unchanged gets a neighbouring key instead.

    words     (n,) fixed width
    Returns   (n,) the same width; words of one letter may stay as they are
    """
    kinds = rng.choice(len(SHARES_OF_SLIPS), size=len(words), p=SHARES_OF_SLIPS)
    slips: tuple[Callable[[Words, np.random.Generator], Words], ...] = (hit_near_key, mishear, drop, double, swap)
    written = words.astype(f"U{WIDTH}")
    for kind, slip in enumerate(slips):
        rows = np.flatnonzero(kinds == kind)
        written[rows] = slip(written[rows], rng)
    rows = np.flatnonzero((written == words) | (np.strings.str_len(written) == 0))
    written[rows] = hit_near_key(words[rows].astype(f"U{WIDTH}"), rng)
    return written


def mishear(words: Words, rng: np.random.Generator) -> Words:
    """Each word with one of its sounds written another way, at its first place; words without such a sound stay."""
    written = words.astype(f"U{WIDTH}")
    liking = np.empty((len(SOUNDS), len(words)), np.float32)
    for rule, (said, _) in enumerate(SOUNDS):
        liking[rule] = np.where(np.strings.find(written, said) >= 0, rng.random(len(words), np.float32), -1)
    chosen = liking.argmax(axis=0)
    for rule in np.unique(chosen):
        rows = np.flatnonzero((chosen == rule) & (liking[rule] >= 0))
        if len(rows):
            said, put = SOUNDS[int(rule)]
            written[rows] = np.strings.replace(written[rows], said, put, 1)
    return written


def hit_near_key(words: Words, rng: np.random.Generator) -> Words:
    """Each word with one letter replaced by a neighbour on the keyboard, in the same case."""
    letters = _letters(words)
    at = _position(words, rng)
    rows = np.arange(len(words))
    old = letters[rows, at]
    known = np.where(old < len(_NEIGHBOURS), old, 0)
    letters[rows, at] = np.where(
        old < len(_NEIGHBOURS), _NEIGHBOURS[known, rng.integers(_NEIGHBOURS.shape[1], size=len(words))], ord("e")
    )
    return _words(letters)


def drop(words: Words, rng: np.random.Generator) -> Words:
    """Each word of three letters or more without one letter."""
    at = _position(words, rng)
    at[np.strings.str_len(words) < 3] = WIDTH
    columns = np.arange(WIDTH)
    return _rearrange(words, columns + (columns >= at[:, None]))


def double(words: Words, rng: np.random.Generator) -> Words:
    """Each word with one letter twice."""
    at = _position(words, rng)
    columns = np.arange(WIDTH)
    return _rearrange(words, columns - (columns > at[:, None]))


def swap(words: Words, rng: np.random.Generator) -> Words:
    """Each word with two adjacent letters exchanged, never the first."""
    length = np.strings.str_len(words)
    at = np.minimum(np.maximum(_position(words, rng), 1), np.maximum(length - 2, 0))
    at[length < 3] = WIDTH
    columns = np.arange(WIDTH)
    return _rearrange(words, columns + (columns == at[:, None]) - (columns == at[:, None] + 1))


def shorten(words: Words, rng: np.random.Generator) -> Words:
    """Each word in a short form: the first part of a compound name, else three to five letters, else the initial."""
    written = words.astype(f"U{WIDTH}")
    head, bar, _ = np.strings.partition(np.strings.replace(written, "-", " "), " ")
    compound = np.strings.str_len(bar) > 0
    initial = ~compound & (rng.random(len(words)) < 0.15)
    keep = np.where(initial, 1, rng.integers(3, 6, size=len(words)))
    letters = _letters(written)
    letters[np.arange(WIDTH) >= keep[:, None]] = 0
    return np.where(compound, head, _words(letters)).astype(f"U{WIDTH}")


def strip_accents(words: Words) -> Words:
    """Each word in plain letters; each distinct word is worked on once."""
    distinct, place = np.unique(words, return_inverse=True)
    letters_of = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ß": "ss", "Ø": "O", "Ł": "L", "Đ": "D"}
    table = str.maketrans(letters_of)
    plain = [
        "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
        for word in distinct.tolist()
    ]
    return np.array([word.translate(table) for word in plain], dtype=f"U{WIDTH}")[place]


def _position(words: Words, rng: np.random.Generator) -> Int64Array:
    """(n,) where the slip falls: the first letter is hit a third as often as the others."""
    length = np.strings.str_len(words).astype(np.float64)
    drawn = rng.random(len(words)) * np.maximum(length - 2 / 3, 1 / 3) + 2 / 3
    place: Int64Array = np.minimum(np.floor(drawn), np.maximum(length - 1, 0)).astype(np.int64)
    return place


def _letters(words: Words) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    """(n, WIDTH) code points, 0 after the end."""
    return np.ascontiguousarray(words.astype(f"U{WIDTH}")).view(np.uint32).reshape(len(words), WIDTH).copy()


def _words(letters: np.ndarray[tuple[int, int], np.dtype[np.uint32]]) -> Words:
    return np.ascontiguousarray(letters).view(f"U{WIDTH}").reshape(len(letters))


def _rearrange(words: Words, columns: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Words:
    """Words whose letters are taken from the columns given; past the end is empty."""
    wide = np.zeros((len(words), WIDTH + 1), np.uint32)
    wide[:, :WIDTH] = _letters(words)
    moved = np.take_along_axis(wide, np.clip(columns, 0, WIDTH), axis=1)
    return _words(moved)


def _neighbours() -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    """(128, 4) four neighbouring keys for each ASCII character; not a letter: itself."""
    place = {key: (row, column + 0.5 * row) for row, keys in enumerate(KEYBOARD) for column, key in enumerate(keys)}
    table = np.tile(np.arange(128, dtype=np.uint32)[:, None], (1, 4))
    for key, (row, column) in place.items():
        others = sorted(
            (k for k in place if k != key), key=lambda k: (place[k][0] - row) ** 2 + (place[k][1] - column) ** 2
        )
        table[ord(key)] = [ord(other) for other in others[:4]]
        table[ord(key.upper())] = [ord(other.upper()) for other in others[:4]]
    return table


_NEIGHBOURS = _neighbours()
