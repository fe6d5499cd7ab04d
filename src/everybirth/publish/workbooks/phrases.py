"""What findings say, in other languages: kind of finding -> English, as publish/findings writes it -> the language.

In the English, {n} and {m} are figures, {list} is a list and {lists} several; {written} is what stands in a list,
{codes} are standard codes, {parts} are phrases or values one after another, {reason} is a further phrase of the same
kind, {sketch} says whom a record is about (RECORD), and any other place is a name or a value that stays as it is.
"""

from everybirth.publish.findings.kinds import (
    COPIED_BLOCK,
    DISAGREEMENT,
    DUPLICATE,
    IMPLAUSIBLE,
    NOT_REGISTERED,
    REJECTED,
    UNCERTAIN_LINK,
)

Phrases = dict[str, dict[str, str]]

RECORD = "record"  # the words of a record's description, which several kinds have
RESIDENCE, MOTHER, ELSEWHERE = "residence {place}", "mother {name}", "a record of another area ({area})"

CHINESE: Phrases = {
    RECORD: {RESIDENCE: "居住地{place}", MOTHER: "母亲{name}", ELSEWHERE: "另一地区（{area}）的记录"},
    NOT_REGISTERED: {
        "{sketch}, on {lists}": "{sketch}；见于{lists}",
        "on {lists}": "见于{lists}",
        "not on {list}": "不在{list}上",
    },
    DUPLICATE: {"{n} records of {list} are one birth": "{list}中的{n}条记录是同一出生"},
    UNCERTAIN_LINK: {"one birth with a probability of {n}%": "是同一出生的概率为{n}%"},
    DISAGREEMENT: {
        "{n} of {m} records": "{m}条记录中有{n}条如此",
        "evenly divided; the fuller name": "各值的记录数相同；取较完整的姓名",
        "evenly divided; the more usual spelling": "各值的记录数相同；取较常见的写法",
        "evenly divided; the register's": "各值的记录数相同；取登记册的值",
        "evenly divided; the first record's": "各值的记录数相同；取第一条记录的值",
        "evenly divided; {list} is the first of these lists": "各值的记录数相同；取{list}的值，它在这些名单中排在最前",
    },
    IMPLAUSIBLE: {
        "recorded {n} days before the birth": "记录日期比出生早{n}天",
        "recorded 1 day before the birth": "记录日期比出生早1天",
        "registered {n} days before the birth": "登记日期比出生早{n}天",
        "registered 1 day before the birth": "登记日期比出生早1天",
        "child number {n}, but the delivery is given as {m} children": "第{n}个孩子，但本次分娩记为{m}个孩子",
        "child number {n}, but the delivery is given as 1 child": "第{n}个孩子，但本次分娩记为1个孩子",
        "{n} children of one delivery": "一次分娩{n}个孩子",
        "{n} g: below {m}": "{n}克：低于{m}克",
        "{n} g: above {m}": "{n}克：高于{m}克",
        "{n} years: below {m}": "{n}岁：低于{m}岁",
        "{n} years: above {m}": "{n}岁：高于{m}岁",
        "by the dates the mother was {n} years old": "按日期推算，母亲当时{n}岁",
        "by the dates the mother was 1 year old": "按日期推算，母亲当时1岁",
        "by the dates the mother was born after the child": "按日期推算，母亲出生晚于孩子",
        "{date}: far from the dates of the list": "{date}：与该名单的日期相差很远",
        "not a date": "不是日期",
        "before {n} or after {m}": "早于{n}年或晚于{m}年",
        "not among numbers": "不是数字",
        "not among weights from {n} to {m} g": "不在{n}至{m}克的体重范围内",
        "not among ages from {n} to {m} years": "不在{n}至{m}岁的年龄范围内",
        "not among numbers of children from {n} to {m}": "孩子数不在{n}至{m}之间",
        "not among ranks from {n} to {m}": "次序不在{n}至{m}之间",
        "not understood as {codes}": "不能理解为{codes}",
        "{written}: {reason}": "{written}：{reason}",
    },
    REJECTED: {
        "row {n}: {reason}": "第{n}行：{reason}",
        'no id in column "{column}"': "“{column}”列中没有编号",
        "neither a name nor a date": "既无姓名，也无日期",
        "neither a name nor a date could be read": "姓名和日期都无法读出",
        "{n} fields where the header has {m}": "有{n}个字段，而标题行有{m}个",
        "the header again": "重复的标题行",
        "a total, not a birth": "是合计行，不是出生",
    },
    COPIED_BLOCK: {
        "{n} of {m} birth weights are multiples of 500 g": "{m}个出生体重中有{n}个是500克的倍数",
        "{n} of {m} birth weights are one of {parts} g": "{m}个出生体重中有{n}个是{parts}克之一",
        "{n} of {m} births are on the 1st or the 15th of a month": "{m}例出生中有{n}例在某月1日或15日",
        "{n} of {m} births are on one day, {date}": "{m}例出生中有{n}例在同一天（{date}）",
        "{n} of {m} records hold the same values: {parts}": "{m}条记录中有{n}条的值完全相同：{parts}",
        "birth weight {n}": "出生体重{n}克",
        "day of the month {n}": "某月{n}日",
        "mother's age {n}": "母亲年龄{n}岁",
        "by chance in fewer than one of {n} such lists and areas": "若仅因偶然，{n}个这样的名单和地区中不到一个会如此",
    },
}
