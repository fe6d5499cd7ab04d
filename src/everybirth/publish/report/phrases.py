"""Sentences that earlier steps of a run have made, in the page's language.

Such a sentence is a message with its {places} filled in. It is recognised by the message, translated, and the places
are filled in again; what stands in one may be such a sentence itself.
"""

import re
from functools import cache

from markupsafe import Markup

from everybirth.publish.report.words import Words, mark, shown
from everybirth.publish.report.words import sentence as safe

# What figures are given; why there are none; remarks. {rest} may be any of these sentences.
MESSAGES = (
    mark("for births that only {lists} can hold, {rest}"),
    mark("for births that only {lists} hold, {rest}"),
    mark("for births that every list can hold, {rest}"),
    mark("being on one list makes being on the other neither likelier nor less likely"),
    mark("lists depend on one another equally strongly whether or not a birth is on the remaining list"),
    mark("lists depend on one another in pairs only"),
    mark(
        "given some of the lists, the others are independent, in one of the ways averaged over, and all groups have "
        "the same share of births missed"
    ),
    mark("births of the same {kinds} are alike; where they are few, the estimate borrows from similar groups"),
    mark("refused: {rest}"),
    mark("there are no births in the plan's dates and areas"),
    mark("the maximum-likelihood estimate does not exist for these counts"),
    mark("the model has more parameters than these counts determine"),
    mark("the maximum-likelihood estimate neither exists nor is determined by these counts"),
    mark("a list holds no birth here; leave that list out or pool with a neighbour"),
    mark("lists share no birth, so nothing tells how many both missed"),
    mark("too few births are shared between lists; pool with a neighbour"),
    mark("a combination of lists that the estimate needs has no birth; pool with a neighbour"),
    mark("the search did not settle on one answer"),
    mark("the counts set no upper limit to the births missed"),
    mark("no model can be fitted to these counts"),
    mark("no list holds a birth here, nor in the groups it could borrow from"),
    mark("fewer than two lists can hold these births, so nothing tells how many they missed"),
    mark("there are more than {n} lists; merge or leave out some"),
    mark("counted here; in the estimates shared out among the other rows"),
    mark("unusual; check under-registration of girls, duplicates, linkage by sex"),
    mark("births that {lists} can hold; 1 is as assumed"),
    mark("births that {lists} can hold; 1 is as among births on other lists"),
    mark("refused for births that {lists} can hold: only listed ones are counted"),
    mark("part of it left aside: the others overlap too little there"),
    mark("under {n}"),
    mark("{n} and over"),
    mark("{n} and more"),
    mark("{method} for births that {lists} can hold"),
)

# What births of one group have in common.
KINDS = (mark("area"), mark("period of birth"), mark("sex"), mark("kind of place"))


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", message)
    return re.compile("".join(f"(?P<{part}>.+)" if k % 2 else re.escape(part) for k, part in enumerate(parts)))


def known(sentence: str) -> bool:
    """Whether a sentence can be translated, all of it."""
    for message in MESSAGES:
        found = _pattern(message).fullmatch(sentence)
        if found and ("rest" not in found.groupdict() or known(found["rest"])):
            return True
    return False


def phrase(words: Words, sentence: str) -> Markup:
    """The sentence in the page's language; one that is not known stays in English, and is marked as such."""
    if words.source:
        return safe(sentence)
    for message in MESSAGES:
        found = _pattern(message).fullmatch(sentence)
        if found and known(sentence):
            places = found.groupdict()
            return words.html(message, **{key: _filled(words, key, part) for key, part in places.items()})
    return Markup('<span lang="en">{}</span>').format(safe(sentence))


def _filled(words: Words, key: str, part: str) -> Markup:
    """What stands in a place: a sentence, names of what births have, or names of lists, joined as in "a, b and c"."""
    if key == "rest":
        return phrase(words, part)
    names = re.split(r" and |, ", part)
    return words.all_of([words.html(name) if key == "kinds" and name in KINDS else shown(name) for name in names])
