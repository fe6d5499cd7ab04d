"""What all but names share: digits of any script as 0-9, spaces folded, words for "not known" as missing."""

import polars as pl

from everybirth.standardise.names import nulled, replaced

_ZEROS = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០０"  # Arabic, Persian, Devanagari, Bengali ... full-width: nine more follow each in order
_DIGITS = {chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)}

MISSING_WORDS = """
    na|n/a|n.a.|n.a|nan|nat|null|none|nil|unknown|unk|missing|not known|not stated|not recorded|not available|blank
    undefined|x|xx|xxx|#n/a|#null!|desconocido|desconocida|ignorado|ignorada|sin dato|sin datos|no consta|no aplica
    desconhecido|desconhecida|nao informado|não informado|sem informacao|sem informação|inconnu|inconnue|non connu
    non renseigné|non renseigne|indeterminado|indeterminate|indéterminé|不详|不詳|未知|无|無|不明|未填|空
"""
_MISSING_LIST = [words.strip() for line in MISSING_WORDS.strip().splitlines() for words in line.split("|")]


def plain(values: pl.Series) -> pl.Series:
    """Text with outer spaces off, inner runs of spaces one, digits 0-9; null where it holds nothing.

    values   (n,) String
    Returns  (n,) String, null for empty text, punctuation alone and words such as unknown, n/a, 不详
    """
    uneven = values.str.contains(r"^\s|\s$|[^ -~]|  ").fill_null(False)
    if uneven.any():
        folded = values.filter(uneven).str.replace_all(r"\s+", " ").str.strip_chars().str.normalize("NFC")
        values = replaced(values, uneven, folded.str.replace_many(list(_DIGITS), list(_DIGITS.values())))
    doubtful = ~values.str.contains("[0-9]").fill_null(True)  # what has a figure holds something
    rest = values.filter(doubtful)
    nothing = rest.str.to_lowercase().is_in(_MISSING_LIST) | ~rest.str.contains(r"[\p{L}\p{N}]")
    return replaced(values, doubtful, nulled(rest, nothing))


def identifiers(values: pl.Series) -> pl.Series:
    """Identifiers and place codes as they are compared: upper case. `values` as `plain` leaves them."""
    return values.str.to_uppercase()


def phones(values: pl.Series) -> pl.Series:
    """Telephone numbers as they are compared: the last nine digits of the first number in the text.

    values   (n,) String, as `plain` leaves it
    Returns  (n,) String of 5 to 9 digits, without country code and leading zeros; null for less, and for one digit
             repeated throughout, which stands for no number
    """
    wordy = ~values.str.contains("^[0-9]+$").fill_null(True)
    first = values.filter(wordy).str.replace(r"(?i)^tel[a-z]*[^0-9+]*", "").str.extract(r"([+(]*[0-9][0-9 ()+.\-]*)")
    digits = replaced(values, wordy, first.str.replace_all("[^0-9]", "")).str.strip_chars_start("0").str.tail(9)
    same = digits.str.contains("^(?:1+|2+|3+|4+|5+|6+|7+|8+|9+)$")
    return nulled(digits, same | (digits.str.len_bytes() < 5))
