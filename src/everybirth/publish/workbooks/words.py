"""What a workbook says, in each language; and what an office may have written back, in any of them.

A further language is one more `Words` in LANGUAGES. Sheet names have at most 31 letters and none of [ ] : * ? / \\ ;
all choices of a kind together, with a comma between, at most 255.
"""

import unicodedata
from dataclasses import dataclass, field

from everybirth.errors import PlanError
from everybirth.publish.findings.kinds import KINDS, OPEN, OUT_OF_SCOPE, UNKNOWN
from everybirth.publish.workbooks.phrases import CHINESE, Phrases

OFFICE = ("decision", "corrected_value", "note", "who")  # the columns that an office fills in


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    kinds      kind -> name of its sheet, and what it asks
    choices    kind -> decision -> what the drop-down list shows; "take_back" among the texts is shown after them
    headings   column of the findings, or of an office's answer -> heading
    fields     canonical field -> its name
    values     standard code -> its name
    texts      key -> sentence; {} are filled in
    phrases    what findings say, of which there is nothing for English: they are told in it
    line       height of a line of text, points; some scripts are taller
    """

    kinds: dict[str, tuple[str, str]]
    choices: dict[str, dict[str, str]]
    headings: dict[str, str]
    fields: dict[str, str]
    values: dict[str, str]
    texts: dict[str, str]
    phrases: Phrases = field(default_factory=dict)
    line: int = 15


_ENGLISH = Words(
    kinds={
        "not-registered": (
            "To register",
            "Children on another list whom the register does not seem to have. Find the family, offer registration.",
        ),
        "duplicate": ("Duplicates", "One list seems to hold a birth more than once. Are the records one birth?"),
        "uncertain-link": ("Doubtful links", "Records that may or may not be one birth. Are they?"),
        "disagreement": ("Disagreements", "The lists say different things about one child. What is right?"),
        "implausible": (
            "Implausible values",
            "A value that can hardly be right. Look at the paper record. If wrong and unknown, it counts as missing.",
        ),
        "rejected": ("Unused rows", "Rows of a list that could not be used. Mend them in the list itself."),
        "copied-block": ("Repeated values", "The same few values again and again, as when records are copied."),
    },
    choices={
        "not-registered": {
            "corrected": "registered now",
            "confirmed": "not registered yet",
            "dismissed": "not to be registered here",
        },
        "duplicate": {"confirmed": "same birth", "dismissed": "different births"},
        "uncertain-link": {"confirmed": "same birth", "dismissed": "different births"},
        "disagreement": {
            "confirmed": "best value is right",
            "corrected": "another value is right",
            "dismissed": "no error",
        },
        "implausible": {
            "dismissed": "value is right",
            "corrected": "another value is right",
            "confirmed": "wrong and right value unknown",
        },
        "rejected": {
            "corrected": "mended in the list",
            "dismissed": "not to be mended",
        },
        "copied-block": {
            "corrected": "mended in the list",
            "confirmed": "values were copied",
            "dismissed": "values are true",
        },
    },
    headings={
        "finding_id": "Finding",
        "found": "What was found",
        "records": "Records",
        "list": "List",
        "field": "Field",
        "best": "Value judged best",
        "why": "Why",
        "probability": "How sure",
        "came_back": "Came back",
        "decision": "Decision (fill in)",
        "corrected_value": "Right value (fill in)",
        "note": "Note (fill in)",
        "who": "Who (fill in)",
        "file": "File",
        "sheet": "Sheet",
        "row": "Row",
        "problem": "Problem",
        "remedy": "What to do",
        "content": "The row as it was",
    },
    fields={
        "child_given_name": "child's given name",
        "child_family_name": "child's family name",
        "child_full_name": "child's full name",
        "sex": "sex",
        "birth_date": "date of birth",
        "birth_weight": "birth weight (g)",
        "plurality": "children of this delivery",
        "delivery_order": "place in this delivery",
        "mother_given_name": "mother's given name",
        "mother_family_name": "mother's family name",
        "mother_full_name": "mother's full name",
        "mother_birth_date": "mother's date of birth",
        "mother_age": "mother's age (years)",
        "father_given_name": "father's given name",
        "father_family_name": "father's family name",
        "father_full_name": "father's full name",
        "birth_place": "place of birth",
        "residence": "residence",
        "site": "kind of place of birth",
        "facility": "facility",
        "recorded_on": "date of the record",
        "registration_date": "date of registration",
        "registration_number": "registration number",
    },
    values={"female": "female", "male": "male", "facility": "facility", "home": "home", "other": "other"},
    texts={
        "first_sheet": "Read me",
        "title": "Findings to look at: {area}",
        "private": "This workbook holds names of children and parents. Keep it locked away, send it only over ways "
        "that your office allows for such records, and delete it when it has been taken back.",
        "purpose": "It is for giving every child a legal identity and for mending the records. It must not be used "
        "against a family.",
        "before": "To the sheet “{sheet}”: some of these children are on the register under other particulars. Search "
        "it by the mother's name and the child's date of birth before you visit.",
        "how": "How to work with it",
        "how_1": "1. Each sheet holds one kind of finding. Begin with the first.",
        "how_2": "2. Look at the records named, on paper if there is any. Then choose a decision from the list in the "
        "yellow cell. Leave it empty if you do not know yet.",
        "how_3": "3. If another value is right, write it beside the decision. Write dates as 2024-01-31.",
        "how_4": "4. Note and name are as you like. Only the yellow cells can be changed.",
        "how_5": "5. Save the workbook as .xlsx and send it back.",
        "how_6": "6. What you decide counts at the next run, which then says of each finding whether it is settled.",
        "progress": "Progress",
        "kind": "Kind",
        "here": "In this workbook",
        "waiting": "Wait for the next one",
        "decided": "Decided",
        "settled": "Settled",
        "all": "All",
        "asks": "What it asks",
        "cut": "There were more findings than a workbook should hold ({limit}). Each kind has its share here, the most "
        "useful first: births to register and duplicates from the surest down, doubtful links from the most doubtful "
        "down, disagreements in the order sex, date of birth, names, the rest. The others come when these are settled "
        "and the workbook is written again.",
        "whole": "All open findings are here.",
        "choose": "Choose from the list, or leave it empty.",
        "not_chosen": "Only the words of the list can be read back.",
        "date": "A date, as 2024-01-31.",
        "number": "A number.",
        "page": "page",
        "foot": "{area}: {sheet}",
        "mark": "Made by everybirth. Please leave this line: {mark}",
        "no_area": "area not known",
        "outside": "outside the plan's areas or dates",
        "yes": "yes",
        "take_back": "take my decision back",
    },
)

_CHINESE = Words(
    kinds={
        "not-registered": ("待登记", "其他名单上有、但民事登记册上似乎没有的孩子。请找到家庭，协助登记。"),
        "duplicate": ("重复记录", "同一名单似乎多次记录了同一出生。这些记录是同一出生吗？"),
        "uncertain-link": ("存疑关联", "可能是、也可能不是同一出生的记录。是同一出生吗？"),
        "disagreement": ("信息不一致", "各名单对同一孩子的记录不同。哪个正确？"),
        "implausible": ("不合理的值", "几乎不可能正确的值。请查看纸质记录。如果错误而正确值不明，将视为缺失。"),
        "rejected": ("未使用的行", "名单中无法使用的行。请在名单中改正。"),
        "copied-block": ("重复出现的值", "少数相同的值反复出现，像是抄写而来。"),
    },
    choices={
        "not-registered": {"corrected": "现已登记", "confirmed": "尚未登记", "dismissed": "不应在此登记"},
        "duplicate": {"confirmed": "同一出生", "dismissed": "不同出生"},
        "uncertain-link": {"confirmed": "同一出生", "dismissed": "不同出生"},
        "disagreement": {"confirmed": "推荐值正确", "corrected": "另一个值正确", "dismissed": "没有错误"},
        "implausible": {"dismissed": "该值正确", "corrected": "另一个值正确", "confirmed": "错误但正确值不明"},
        "rejected": {"corrected": "已在名单中改正", "dismissed": "无需改正"},
        "copied-block": {"corrected": "已在名单中改正", "confirmed": "确系抄写", "dismissed": "值属实"},
    },
    headings={
        "finding_id": "编号",
        "found": "发现的情况",
        "records": "记录",
        "list": "名单",
        "field": "项目",
        "best": "推荐值",
        "why": "理由",
        "probability": "把握程度",
        "came_back": "再次出现",
        "decision": "决定（请填写）",
        "corrected_value": "正确的值（请填写）",
        "note": "备注（请填写）",
        "who": "填写人（请填写）",
        "file": "文件",
        "sheet": "工作表",
        "row": "行",
        "problem": "问题",
        "remedy": "如何处理",
        "content": "该行原文",
    },
    fields={
        "child_given_name": "孩子的名",
        "child_family_name": "孩子的姓",
        "child_full_name": "孩子的姓名",
        "sex": "性别",
        "birth_date": "出生日期",
        "birth_weight": "出生体重（克）",
        "plurality": "本次分娩的孩子数",
        "delivery_order": "本次分娩中的次序",
        "mother_given_name": "母亲的名",
        "mother_family_name": "母亲的姓",
        "mother_full_name": "母亲的姓名",
        "mother_birth_date": "母亲出生日期",
        "mother_age": "母亲年龄（岁）",
        "father_given_name": "父亲的名",
        "father_family_name": "父亲的姓",
        "father_full_name": "父亲的姓名",
        "birth_place": "出生地",
        "residence": "居住地",
        "site": "出生地点类型",
        "facility": "医疗机构",
        "recorded_on": "记录日期",
        "registration_date": "登记日期",
        "registration_number": "登记号",
    },
    values={"female": "女", "male": "男", "facility": "医疗机构", "home": "家中", "other": "其他"},
    texts={
        "first_sheet": "说明",
        "title": "待核查的情况：{area}",
        "private": "本工作簿含有孩子和父母的姓名。请妥善保管，只通过单位允许的途径传送，交回后请删除。",
        "purpose": "它用于让每个孩子获得合法身份，并改正记录。不得用于追究任何家庭。",
        "before": "“{sheet}”工作表：其中少数孩子其实已登记，只是登记内容不同。"
        "上门前请先按母亲姓名和孩子的出生日期查找登记册。",
        "how": "如何填写",
        "how_1": "1. 每个工作表是一类情况。请从第一个开始。",
        "how_2": "2. 查看所列记录，有纸质记录的请查纸质记录。然后在黄色单元格的列表中选择决定。不清楚时请留空。",
        "how_3": "3. 如果另一个值正确，请写在决定旁边。日期写作 2024-01-31。",
        "how_4": "4. 备注和姓名可自由填写。只有黄色单元格可以修改。",
        "how_5": "5. 请将工作簿存为 .xlsx 并交回。",
        "how_6": "6. 您的决定在下一次运行时生效，届时会说明每项是否已解决。",
        "progress": "进度",
        "kind": "类别",
        "here": "本工作簿中",
        "waiting": "留待下次",
        "decided": "已决定",
        "settled": "已解决",
        "all": "合计",
        "asks": "要回答什么",
        "cut": "情况多于一个工作簿应有的数量（{limit}）。每类各占一份，最有用的在前：待登记和重复记录从最确定的开始，"
        "存疑关联从最难判断的开始，信息不一致按性别、出生日期、姓名、其他的次序。其余的在这些解决并重新写出工作簿后出现。",
        "whole": "所有未解决的情况都在这里。",
        "choose": "请从列表中选择，或留空。",
        "not_chosen": "只能读入列表中的词。",
        "date": "日期，如 2024-01-31。",
        "number": "数字。",
        "page": "页",
        "foot": "{area}：{sheet}",
        "mark": "由 everybirth 制作。请保留此行：{mark}",
        "no_area": "地区不详",
        "outside": "不在计划的地区或日期范围内",
        "yes": "是",
        "take_back": "撤回决定",
        "comma": "，",
        "colon": "：",
        "semicolon": "；",
        "and": "、",
        "or": "或",
    },
    phrases=CHINESE,
    line=17,
)

LANGUAGES = {"en": _ENGLISH, "zh": _CHINESE}


def check_language(code: str) -> None:
    """Raises PlanError if workbooks cannot be written in a language."""
    if code not in LANGUAGES:
        raise PlanError(f'--language: workbooks cannot be written in "{code}". There are: {", ".join(LANGUAGES)}.')


def words_of(code: str) -> Words:
    """The words of a language.

    Raises   PlanError  if there is no such language
    """
    check_language(code)
    return LANGUAGES[code]


def plain(text: str) -> str:
    """Text without case, width, blanks and punctuation, as words written back are compared."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _headings() -> dict[str, str]:
    known = {}
    for words in LANGUAGES.values():
        for key, heading in words.headings.items():
            for form in (heading, heading.split("(")[0].split("（")[0], key):
                known[plain(form)] = key
    return known


def area_name(words: Words, area: str) -> str:
    """What an area is called; those of births that do not say, or are left out, are no names."""
    return {UNKNOWN: words.texts["no_area"], OUT_OF_SCOPE: words.texts["outside"]}.get(area, area)


def choices_of(words: Words, kind: str) -> dict[str, str]:
    """Decision -> what the drop-down list of a kind shows, in its order."""
    return words.choices.get(kind, {}) | {OPEN: words.texts["take_back"]}


def _choices() -> dict[str, dict[str, str]]:
    return {
        kind: {
            plain(form): decision
            for words in LANGUAGES.values()
            for decision, label in choices_of(words, kind).items()
            for form in (label, decision)
        }
        for kind in KINDS
    }


_HEADINGS = _headings()
_CHOICES = _choices()
_CODES = {
    plain(form): code for words in LANGUAGES.values() for code, name in words.values.items() for form in (name, code)
}


def column_of(heading: str) -> str | None:
    """The column that a heading names in any of the languages, or None."""
    return _HEADINGS.get(plain(heading))


def decision_of(kind: str, text: str) -> str | None:
    """The decision that a choice names in any of the languages, or None; `kind` "" stands for any kind."""
    if kind in _CHOICES:
        return _CHOICES[kind].get(plain(text))
    return next((known[plain(text)] for known in _CHOICES.values() if plain(text) in known), None)


def code_of(text: str) -> str | None:
    """The standard code that a name of a sex or of a place of birth stands for, or None."""
    return _CODES.get(plain(text))
