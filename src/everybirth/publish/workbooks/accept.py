"""Which of the answers that came back can be taken in, and what is to be done about the others."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from everybirth.publish.findings.kinds import CORRECTED, NOT_REGISTERED, WITH_VALUE
from everybirth.publish.safe_text import for_excel
from everybirth.publish.values import NotAValueError
from everybirth.publish.workbooks.returned import FINDING_ID, Answer, Returned
from everybirth.publish.workbooks.values import right_value
from everybirth.publish.workbooks.words import decision_of, plain

LATER = "Choose a decision from the list of the cell, and import again."


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the run."""

    kind: str
    records: str
    field: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A decision taken in before, in the order in which they came.

    file, digest   name of the workbook and its SHA-256
    """

    decision: str
    value: str
    note: str
    who: str
    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision to take in; file and digest: of the workbook, as Earlier has them."""

    finding_id: str
    kind: str
    records: str
    field: str
    decision: str
    value: str
    note: str
    who: str
    file: str
    digest: str


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
            elif answer.finding_id not in known and _is_known_already(answer, earlier.get(answer.finding_id, ())):
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
        elif any(_overruled(old, made, history[-1]) for old in history):
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
    if answer.records and not _is_about(answer, finding):
        return _with(
            answer,
            "The id and the records of this row belong to different findings.",
            "Copy the row from the workbook that was sent.",
        )
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
        *(answer.note, answer.who, answer.file, answer.digest),
    )


def _is_about(answer: Answer, finding: Known) -> bool:
    """Whether the row's records are the finding's. A child that is still not registered may have one more by now."""
    written, there = _named(answer.records), _named(for_excel(finding.records.replace("; ", "\n")))
    return written == there or (finding.kind == NOT_REGISTERED and written < there)


def _named(records: str) -> set[str]:
    """The records of a finding, in whatever order and however a program has broken the lines of their cell."""
    return {plain(record) for record in re.split("[;\n]", records)} - {""}


def _unknown(answer: Answer, *, other_run: bool) -> Answer:
    if other_run:
        remedy = "Import it into the folder of that run; if the plan was changed, the finding may be gone."
        return _with(answer, "The workbook was made from another run, and this finding is not here.", remedy)
    remedy = "Write the workbooks again (everybirth findings export) and look whether it came back under another id."
    problem = "No finding has this id: it was mistyped, or its records were linked or changed since."
    return _with(answer, problem, remedy)


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


def _overruled(old: Earlier, made: Decision, last: Earlier) -> bool:
    """Whether an answer is an earlier one from the same workbook, and another workbook had the last word since.

    A workbook is the same if its content is. Saved again with further answers it is known by its name, but only where
    the other one has another name: offices send many files that are all called by their area.
    """
    again = old.digest == made.digest or (old.file == made.file and last.file != made.file)
    return again and (old.decision, old.value) == (made.decision, made.value)


def _is_known_already(answer: Answer, history: Sequence[Earlier]) -> bool:
    """Whether an answer about a finding that is gone is the one that was taken in before."""
    decision = decision_of("", answer.decision)
    return any(
        answer.digest == old.digest or (old.file, old.note, old.decision) == (answer.file, answer.note, decision)
        for old in history
    )
