"""Which of the answers that came back can be taken in, and what is to be done about the others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from everybirth.publish.findings.kinds import CORRECTED, WITH_VALUE
from everybirth.publish.workbooks.returned import FINDING_ID, Answer, Returned
from everybirth.publish.workbooks.values import NotAValueError, right_value
from everybirth.publish.workbooks.words import decision_of

LATER = "Choose a decision from the list of the cell, and import again."


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the run."""

    kind: str
    records: str
    field: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A decision taken in before, in the order in which they came."""

    decision: str
    value: str
    note: str
    who: str
    file: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision to take in."""

    finding_id: str
    kind: str
    records: str
    field: str
    decision: str
    value: str
    note: str
    who: str
    file: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What to do with the answers.

    decisions   to take in, in the order of the answers
    changed     how many of them differ from an earlier decision
    unchanged   answers that are known already
    outdated    answers known already, and overruled since by another workbook
    problems    answers that cannot be taken in; problem and remedy say why
    """

    decisions: tuple[Decision, ...]
    changed: int
    unchanged: int
    outdated: int
    problems: tuple[Answer, ...]


def accept(
    workbooks: Sequence[Returned], known: Mapping[str, Known], earlier: Mapping[str, Sequence[Earlier]], run: str
) -> Accepted:
    """Sort out the answers of some workbooks.

    known     id -> finding of the run
    earlier   id -> its decisions so far, also of findings that are no longer there
    run       fingerprint of the run's plan, as far as the workbooks have it
    """
    understood: dict[str, list[tuple[Answer, Decision]]] = defaultdict(list)
    problems: list[Answer] = []
    unchanged = 0
    for book in workbooks:
        for answer in book.answers:
            made = _understand(answer, known, other_run=bool(book.run) and not run.startswith(book.run))
            if isinstance(made, Decision):
                understood[made.finding_id].append((answer, made))
            elif _is_known_already(answer, earlier.get(answer.finding_id, ())):
                unchanged += 1
            else:
                problems.append(made)
    decisions: list[Decision] = []
    changed = outdated = 0
    for finding_id, group in understood.items():
        if len({(one.decision, one.value) for _, one in group}) > 1:
            problems += [_contradicted(answer, len(group)) for answer, _ in group]
            continue
        made = _together([one for _, one in group])
        history = earlier.get(finding_id, ())
        if history and _same(history[-1], made):
            unchanged += len(group)
        elif history and history[-1].file != made.file and any(_from_same_file(old, made) for old in history):
            outdated += len(group)
        else:
            changed += bool(history)
            decisions.append(made)
    return Accepted(tuple(decisions), changed, unchanged, outdated, tuple(problems))


def _understand(answer: Answer, known: Mapping[str, Known], *, other_run: bool) -> Decision | Answer:
    """The decision that an answer makes, or the answer with its problem."""
    if answer.problem:
        return answer
    if not FINDING_ID.fullmatch(answer.finding_id):
        return _with(
            answer,
            "What stands under Finding is no id.",
            "Copy the id from the workbook that was sent, import again.",
        )
    finding = known.get(answer.finding_id)
    if finding is None:
        return _unknown(answer, other_run=other_run)
    if not answer.decision:
        return _with(answer, "Something was written, but no decision chosen.", LATER)
    decision = decision_of(finding.kind, answer.decision)
    if decision is None:
        of_another = decision_of("", answer.decision) is not None
        found = "is not one for this kind of finding" if of_another else "is none of the words of the list"
        return _with(answer, f"The decision {found}.", LATER)
    value = ""
    written = answer.value not in (None, "")
    if decision == CORRECTED and finding.kind in WITH_VALUE:
        if not written:
            return _with(answer, "Another value is right, but it is not given.", "Write it beside the decision.")
        try:
            value = right_value(finding.field, answer.value)
        except NotAValueError as error:
            return _with(answer, f"The right value cannot be one: {error}.", "Correct it and import again.")
    elif written:
        remedy = "Choose the decision that goes with a value, or delete the value; import again."
        return _with(answer, "There is a right value beside a decision that has none.", remedy)
    return Decision(
        *(answer.finding_id, finding.kind, finding.records, finding.field, decision, value),
        *(answer.note, answer.who, answer.file),
    )


def _unknown(answer: Answer, *, other_run: bool) -> Answer:
    if other_run:
        remedy = "Import it into the folder of that run; if the plan was changed, the finding may be gone."
        return _with(answer, "The workbook was made from another run, and this finding is not here.", remedy)
    remedy = "Write the workbooks again (everybirth findings export) and look whether it came back under another id."
    return _with(answer, "The run has no such finding any more: its records were linked or changed since.", remedy)


def _with(answer: Answer, problem: str, remedy: str) -> Answer:
    return replace(answer, problem=problem, remedy=remedy)


def _contradicted(answer: Answer, rows: int) -> Answer:
    return _with(
        answer,
        f"This finding has different answers in {rows} rows.",
        "Keep the right row, delete the others, and import again.",
    )


def _together(made: Sequence[Decision]) -> Decision:
    """One decision from rows that say the same; their notes and names side by side."""
    notes = dict.fromkeys(one.note for one in made if one.note)
    people = dict.fromkeys(one.who for one in made if one.who)
    return replace(made[0], note=" / ".join(notes), who=", ".join(people))


def _same(old: Earlier, made: Decision) -> bool:
    """Whether nothing new was said, whoever says it."""
    return (old.decision, old.value, old.note) == (made.decision, made.value, made.note)


def _from_same_file(old: Earlier, made: Decision) -> bool:
    return (old.decision, old.value, old.file) == (made.decision, made.value, made.file)


def _is_known_already(answer: Answer, history: Sequence[Earlier]) -> bool:
    """Whether an answer about a finding that is gone is the one that was taken in before."""
    return any(
        old.file == answer.file and old.note == answer.note and decision_of("", answer.decision) == old.decision
        for old in history
    )
