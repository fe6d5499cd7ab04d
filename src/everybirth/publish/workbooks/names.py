"""Areas as file names that every system takes, each area its own."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST = 80  # letters, and bytes / 2, of the part that comes from the area's name
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
_OURS = re.compile(r"import-problems.*|filled-in.*|written", re.IGNORECASE)  # names of other files in the folder


def file_names(areas: Iterable[str]) -> dict[str, str]:
    """Area -> name of its file, without ending.

    A name that could not stay as it is, or that another area has but for its case, gets six letters and figures made
    from the area, so that no two files are one on a system that does not tell "North" from "north".
    """
    distinct = sorted(set(areas))
    proper = {area: _proper(area) for area in distinct}
    alike = Counter(_folded(name) for name in proper.values())
    return {
        area: name if name == area and alike[_folded(name)] == 1 else f"{name}-{_mark(area)}"
        for area, name in proper.items()
    }


def _proper(area: str) -> str:
    letters = unicodedata.normalize("NFC", area)
    text = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Cf", "Cs", "Cn"))
    text = _FORBIDDEN.sub("_", text)[:LONGEST].encode()[: 2 * LONGEST].decode(errors="ignore").strip(" .-")
    if not text:
        return "area"
    return f"_{text}" if _DEVICES.fullmatch(text) or _OURS.fullmatch(text) else text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _mark(area: str) -> str:
    return hashlib.sha256(area.encode("utf-8", errors="replace")).hexdigest()[:6]
