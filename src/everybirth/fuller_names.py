"""Names of one person that differ only in how much of them was written, or in where it was divided.

"Juana María" says more than "Juana". "Iñaki Vargas" with the family name "Núñez" is "Iñaki" with "Vargas Núñez".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from everybirth.compiled import inner_kernel, kernel, loop_kernel
from everybirth.schema import FIELDS, Kind
from everybirth.tables import Column, Int32Array, UInt64Array

STAYS, SPLIT, SHORTER = 0, 1, 2  # a record's name: nothing against it; the same divided otherwise; a part of another
_PARTNERS = {part: field.whole_of for field in FIELDS.values() if field.whole_of for part in field.whole_of}


class NameWords(NamedTuple):
    """The words of one name of each record.

    codes   (n_records,) value, or MISSING; (0,) if no list has such a name
    start   (n_values + 1,) where the words of each value begin
    word    words, value after value, by numbers that are equal where the words are
    """

    codes: Int32Array
    start: Int32Array
    word: UInt64Array


class PersonWords(NamedTuple):
    """A person's names; own says which of the two is looked at: 0 the given name, 1 the family name."""

    given: NameWords
    family: NameWords
    own: int


NO_WORDS = NameWords(np.zeros(0, np.int32), np.zeros(1, np.int32), np.zeros(0, np.uint64))


def person_words(columns: Mapping[str, Column]) -> dict[str, PersonWords]:
    """The words of every name, each with the other name of the same person.

    columns   fields over the same records; only names are looked at
    Returns   field -> its words; words of any field can be compared
    """
    names = {field: column for field, column in columns.items() if column.kind is Kind.NAME}
    if not names:
        return {}
    lists = pl.concat([column.values.cast(pl.String) for column in names.values()]).str.split(" ")
    word = lists.explode().hash().to_numpy().copy()  # two words have one number as good as never
    ends = np.append(0, np.cumsum(lists.list.len().to_numpy())).astype(np.int32)
    words, first = {}, 0
    for field, column in names.items():
        start = ends[first : first + len(column.values) + 1]
        words[field] = NameWords(np.require(column.codes, np.int32, ["C", "W"]), start, word)
        first += len(column.values)
    return {field: _with_partner(field, words) for field in names}


def _with_partner(field: str, words: Mapping[str, NameWords]) -> PersonWords:
    given, family = _PARTNERS.get(field, (field, ""))
    return PersonWords(words.get(given, NO_WORDS), words.get(family, NO_WORDS), int(field == family))


@inner_kernel
def _span(name: Any, record: Any) -> Any:
    """Where the words of a record's name begin and end."""
    if len(name.codes) == 0 or name.codes[record] < 0:
        return 0, 0
    return name.start[name.codes[record]], name.start[name.codes[record] + 1]


@inner_kernel
def _n_words(name: Any, record: Any) -> Any:
    begin, end = _span(name, record)
    return end - begin


@inner_kernel
def _word_at(person: Any, record: Any, place: Any) -> Any:
    """A word of the given name and the family name one after the other."""
    begin, end = _span(person.given, record)
    if place < end - begin:
        return person.given.word[begin + place]
    return person.family.word[_span(person.family, record)[0] + place - (end - begin)]


@inner_kernel
def divided_otherwise(person: Any, a: Any, b: Any) -> Any:
    """Whether given and family name together are the same words in the same order."""
    n = _n_words(person.given, a) + _n_words(person.family, a)
    if n != _n_words(person.given, b) + _n_words(person.family, b):
        return False
    same = True
    for place in range(n):
        same &= _word_at(person, a, place) == _word_at(person, b, place)
    return same


@inner_kernel
def _times(name: Any, record: Any, word: Any) -> Any:
    begin, end = _span(name, record)
    times = 0
    for place in range(begin, end):
        times += name.word[place] == word
    return times


@inner_kernel
def _is_fuller(name: Any, other: Any, a: Any, b: Any) -> Any:
    """Whether the name of b has all words of a's and more, none of which is in a's other name."""
    a_begin, a_end = _span(name, a)
    b_begin, b_end = _span(name, b)
    if b_end - b_begin <= a_end - a_begin:
        return False
    for place in range(a_begin, a_end):
        if _times(name, a, name.word[place]) > _times(name, b, name.word[place]):
            return False
    for place in range(b_begin, b_end):
        word = name.word[place]
        if _times(name, b, word) > _times(name, a, word) and _times(other, a, word) > 0:
            return False
    return True


@inner_kernel
def fuller(person: Any, a: Any, b: Any) -> Any:
    """Whether the name of record b is that of a and more."""
    if person.own == 0:
        return _is_fuller(person.given, person.family, a, b)
    return _is_fuller(person.family, person.given, a, b)


@inner_kernel
def _goes_before(person: Any, rank: Any, a: Any, b: Any) -> Any:
    """Whether record a is believed before b: it has both names, or else its list is better, or it is the first."""
    a_lacks = _n_words(person.given, a) == 0 or _n_words(person.family, a) == 0
    b_lacks = _n_words(person.given, b) == 0 or _n_words(person.family, b) == 0
    if a_lacks != b_lacks:
        return b_lacks
    return rank[a] < rank[b] or (rank[a] == rank[b] and a < b)


@inner_kernel
def compare_names(person: Any, rank: Any, members: Any, tied: Any, state: Any) -> None:
    """Fill in what is to be said against the name of each record of a birth beside those of the others.

    rank     (n_records,) the lower, the more a record is believed
    members  (n,) records that are compared, ascending
    tied     (n,) whether their name is held by as many records as any
    state    (n,) filled in: STAYS, SPLIT or SHORTER; at least one that is tied stays
    """
    own = person.given.codes if person.own == 0 else person.family.codes
    for k in range(len(members)):
        state[k] = STAYS
        for j in range(len(members)):
            a, b = members[k], members[j]
            other = tied[k] and tied[j] and own[a] != own[b]
            if other and divided_otherwise(person, a, b) and _goes_before(person, rank, b, a):
                state[k] = SPLIT
    for k in range(len(members)):
        for j in range(len(members)):
            both = tied[k] and tied[j] and state[k] == STAYS and state[j] != SPLIT
            if both and fuller(person, members[k], members[j]):
                state[k] = SHORTER


@loop_kernel
def states(person: Any, rank: Any, start: Any, member: Any, tied: Any, state: Any) -> None:
    """Fill in `compare_names` of each of some births.

    start    (n + 1,) where the members of each begin
    member, tied, state   (sum of sizes,)
    """
    for birth in range(len(start) - 1):
        begin, end = start[birth], start[birth + 1]
        compare_names(person, rank, member[begin:end], tied[begin:end], state[begin:end])


@kernel
def contrary(person: Any, start: Any, member: Any, parts_agree: Any) -> Any:
    """(n,) whether the names of each of some births exclude one another.

    They do not if each is, on some record, the name with the most words divided otherwise or, if `parts_agree`, a part
    of it.
    """
    own = person.given if person.own == 0 else person.family
    found = np.zeros(len(start) - 1, np.bool_)
    for birth in range(len(found)):
        some = member[start[birth] : start[birth + 1]]
        longest = some[0]
        for record in some:
            if _n_words(own, record) > _n_words(own, longest):
                longest = record
        for record in some:
            alike = own.codes[record] == own.codes[longest]
            for same in some:
                if not alike and own.codes[same] == own.codes[record]:
                    alike = divided_otherwise(person, same, longest)
                    alike |= parts_agree and fuller(person, same, longest)
            found[birth] |= not alike
    return found
