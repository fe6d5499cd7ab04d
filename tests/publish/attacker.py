"""Somebody who has the published files and wants the hidden counts. Written from docs/tables.md, not from the code.

Whatever two tables say of the same births is one unknown; the unknowns add up as the tables say, and shares and other
figures limit them. For each hidden count he finds the least and the greatest value that agrees with everything that is
published, in whole numbers.
"""

import csv
import json
import re
from pathlib import Path

from tests.publish.attacker_findings import read_findings, read_progress
from tests.publish.expected import expected_days, expected_weights
from tests.publish.unknowns import Unknowns

UNSAID = ("unknown", "not stated")
LEFT_OUT = "left out"  # months and years of which everything is hidden have no row
TIMES = ("month", "year", "registration_year")
HALF = 0.00005  # shares are rounded to four digits
ENDS = {"within 30 days": 30, "31-90 days": 90, "91-365 days": 365, "1 to under 5 years": 1825}
FIXED = ("95 in 100", "; 1 is ")  # numbers in texts that are the same in every release


def unsaid(dimension: str) -> set[str]:
    """Values of a dimension that may have births though no row shows them."""
    return {"unknown", LEFT_OUT} if dimension in TIMES else {"unknown"}


class Attacker(Unknowns):
    """Reads the folder of the tables; `derivable` says what can be worked out."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.tables = {name: self._rows(folder / f"{name}.csv") for name in self.index["order"]}
        self.register = self.index["about"]["register"]
        self._by_two("area")
        self._by_two("month")
        for name in ("site", "plurality", "weight_class", "mother_age"):
            self._by_one(name)
        self._adjusted()
        self._overlap()
        self._completeness()
        self._registration()
        self._girls_and_boys()
        self._lists()
        self._heaping()
        self._links()
        read_findings(self)
        read_progress(self)
        self._headline()

    @staticmethod
    def _rows(file: Path) -> list[dict[str, str]]:
        with file.open(newline="", encoding="utf-8") as opened:
            return list(csv.DictReader(opened))

    def at(self, what: str, /, **where: str) -> int:
        """The unknown of a count; the register's own list is "registered"."""
        what = "registered" if what == f"on {self.register}" else what
        before = len(self.place)
        place = self.number(what, **where)
        if len(self.place) > before and what == "registered" and not {"delay", "registration_year"} & where.keys():
            self.add_up(self.at("births", **where), [place, self.at("unregistered", **where)])
        return place

    def tell(self, births: int, registered: int, **where: str) -> None:
        """Let him know a count that no table shows."""
        self.known[self.at("births", **where)] = births
        self.known[self.at("registered", **where)] = registered

    def numbers_in_texts(self) -> list[str]:
        """Texts that hold figures, but for those that are the same in every release."""
        texts = [text for name in self.index["order"] for row in self.tables[name] for text in self._texts(name, row)]
        texts += [self.index["about"]["status"], *self.index["omitted"].values()]
        for fixed in FIXED:
            texts = [text.replace(fixed, "") for text in texts]
        return [text for text in texts if re.search(r"\d", text)]

    def _texts(self, table: str, row: dict[str, str]) -> list[str]:
        return [row[name] for name in self.index["tables"][table]["text_figures"]]

    def _share(self, text: str, part: int, whole: int) -> None:
        """Take in a share of a whole."""
        if text not in ("", ".."):
            self.limit({part: 1.0, whole: -float(text) + HALF}, 0.0)
            self.limit({part: 1.0, whole: -float(text) - HALF}, high=0.0)

    def _of_estimate(self, count: int, births: str, completeness: str) -> None:
        """Work out a hidden count from completeness and the births that happened, of which it is nearly the product."""
        if count not in self.known and ".." not in (births, completeness):
            middle = float(births) * float(completeness)
            self.limit({count: 1.0}, 0.99 * middle - 1.0, 1.01 * middle + 1.0)

    def _counts(self, table: str, row: dict[str, str], **where: str) -> None:
        births = row["listed"] if "listed" in row else row["births"]
        self.read(table, "births", births, self.at("births", **where), never_0=True)
        if "registered" in row:
            self.read(table, "registered", row["registered"], self.at("registered", **where), never_0=False)

    def _kinds(self) -> tuple[str, ...]:
        return ("births", "registered", "unregistered") if self.register else ("births",)

    def _by_two(self, dimension: str) -> None:
        table = f"births_by_{dimension}_sex"
        rows = self.tables.get(table, [])
        for row in rows:
            self._counts(table, row, **{dimension: row[dimension], "sex": row["sex"]})
        firsts = sorted({row[dimension] for row in rows} - {"total"})
        sexes = sorted({row["sex"] for row in rows} - {"total"})
        for kind in self._kinds():
            if sexes:
                for first in [*firsts, "total"] if firsts else ["total"]:
                    parts = [self.at(kind, **{dimension: first, "sex": sex}) for sex in {*sexes, "unknown"}]
                    self.add_up(self.at(kind, **{dimension: first}), parts)
            if firsts:
                for sex in [*sexes, "total"] if sexes else ["total"]:
                    some = {*firsts, *unsaid(dimension)}
                    parts = [self.at(kind, **{dimension: first, "sex": sex}) for first in some]
                    self.add_up(self.at(kind, sex=sex), parts)
        if dimension == "month":
            for year in {first[:4] for first in firsts if first != "unknown"}:
                for kind in self._kinds():
                    months = [self.at(kind, month=first) for first in firsts if first[:4] == year]
                    self.add_up(self.at(kind, year=year), [*months, self.at(kind, month=f"{LEFT_OUT} {year}")])

    def _by_one(self, dimension: str) -> None:
        table = f"births_by_{dimension}"
        rows = self.tables.get(table, [])
        for row in rows:
            self._counts(table, row, **{dimension: row[dimension]})
        values = {row[dimension] for row in rows} - {"total"}
        for kind in self._kinds() if values else ():
            self.add_up(self.at(kind), [self.at(kind, **{dimension: value}) for value in {*values, "unknown"}])

    def _adjusted(self) -> None:
        for row in self.tables.get("adjusted_births", []):
            where = {row["level"]: row["value"]}
            self._counts("adjusted_births", row, **where)
            kind = "registered" if self.register else "births"
            self._of_estimate(self.at(kind, **where), row["births"], row["completeness"])

    def _overlap(self) -> None:
        rows = self.tables.get("overlap", [])
        lists = self.index["about"]["lists"]
        for row in rows:
            place = self.at("births", **{name: row[name] for name in lists})
            self.read("overlap", "births", row["births"], place, never_0=True)
        for name in lists if rows else ():
            for kind, answer in ((f"on {name}", "yes"), (f"off {name}", "no")):
                some = [self.at("births", **{n: row[n] for n in lists}) for row in rows if row[name] == answer]
                self.add_up(self.at(kind), some)
            self.add_up(self.at("births"), [self.at(f"on {name}"), self.at(f"off {name}")])

    def _completeness(self) -> None:
        rows = self.tables.get("completeness", [])
        levels: dict[tuple[str, str], set[str]] = {}
        estimates = {(row["level"], row["value"]): row["births"] for row in self.tables.get("adjusted_births", [])}
        for row in rows:
            where = {row["level"]: row["value"]}
            late = row["measure"] != "listed"
            kind = "births" if row["list"] == "any list" else f"on {row['list']}"
            kind = "in time" if late else kind
            place = self.at(kind, **where)
            text = "0" if row["status"] == "cannot hold" else row["listed"]
            self.read("completeness", "listed", text, place, never_0=kind not in ("births", f"on {self.register}"))
            self._of_estimate(place, estimates.get((row["level"], row["value"]), ".."), row["completeness"])
            if late:
                self._in_time(place, int(re.findall(r"\d+", row["measure"])[0]), where)
                self.add_up(self.at("registered", **where), [place, self.at("too late", **where)])
            elif kind != "births":
                self.add_up(self.at("births", **where), [place, self.at(f"off {row['list']}", **where)])
            if row["level"] != "total":
                levels.setdefault((kind, row["level"]), set()).add(row["value"])
        for (kind, level), values in levels.items():
            self.add_up(self.at(kind), [self.at(kind, **{level: value}) for value in {*values, *unsaid(level)}])
        if "overlap" in self.tables:
            self._combinations({level: values for (_, level), values in levels.items()})

    def _combinations(self, levels: dict[str, set[str]]) -> None:
        """Each birth of an area, a sex ... is on some combination of lists, and the overlap counts those in all."""
        lists = self.index["about"]["lists"]
        rows = [{name: row[name] for name in lists} for row in self.tables["overlap"]]
        for level, values in levels.items():
            for value in {*values, *unsaid(level)}:
                own = {level: value}
                self.add_up(self.at("births", **own), [self.at("births", **own, **row) for row in rows])
                for name in lists:
                    on = [self.at("births", **own, **row) for row in rows if row[name] == "yes"]
                    self.add_up(self.at(f"on {name}", **own), on)
            for row in rows:
                every = [self.at("births", **{level: v}, **row) for v in {*values, *unsaid(level)}]
                self.add_up(self.at("births", **row), every)

    def _in_time(self, place: int, days: int, where: dict[str, str]) -> None:
        """Births registered within a limit of days are those of all times that end before, and some of the next."""
        if not self.tables.get("timeliness") or not {*where} <= {"total", "area"}:
            return
        cells = [self.at("registered", **where, delay=delay) for delay in (*ENDS, "5 years and later")]
        full = sum(end <= days for end in ENDS.values())
        self.at_least([place], cells[:full])
        self.at_least(cells[: full if days in ENDS.values() else full + 1], [place])

    def _registration(self) -> None:
        rows = self.tables.get("timeliness", [])
        delays = {row["delay"] for row in rows} | {"not stated"}
        areas = {row["value"] for row in rows}
        every = {row["value"] for row in self.tables.get("adjusted_births", []) if row["level"] == "area"}
        for row in rows:
            place = self.at("registered", area=row["value"], delay=row["delay"])
            self.read("timeliness", "registered", row["registered"], place, never_0=True)
            self._share(row["share"], place, self.at("registered", area=row["value"]))
        for area in {*areas, *every, "unknown"} if rows else ():
            parts = [self.at("registered", area=area, delay=delay) for delay in delays]
            self.add_up(self.at("registered", area=area), parts)
        for delay in delays if rows and every else ():
            parts = [self.at("registered", area=area, delay=delay) for area in {*every, "unknown"}]
            self.add_up(self.at("registered", delay=delay), parts)
        rows = self.tables.get("occurrence_by_registration_year", [])
        for row in rows:
            where = {"year": row["birth_year"], "registration_year": row["registration_year"]}
            place = self.at("registered", **where)
            self.read("occurrence_by_registration_year", "registered", row["registered"], place, never_0=True)
        entered = {row["registration_year"] for row in rows} | {"not stated", LEFT_OUT}
        for year in {row["birth_year"] for row in rows} - {"unknown"}:
            parts = [self.at("registered", year=year, registration_year=other) for other in entered]
            self.add_up(self.at("registered", year=year), parts)

    def _girls_and_boys(self) -> None:
        for row in self.tables.get("sex_ratio", []):
            for column, sex in (("girls", "female"), ("boys", "male")):
                kind = "registered" if self.register else "births"
                self.read("sex_ratio", column, row[column], self.at(kind, area=row["value"], sex=sex), never_0=False)

    def _lists(self) -> None:
        for row in self.tables.get("list_quality", []):
            name = row["list"]
            places = {column: self.at(column, list=name) for column in ("rows", "rejected", "repeated", "outside")}
            places["births"] = self.at(f"on {name}")
            for column, place in places.items():
                self.read("list_quality", column, row[column], place, never_0=column != "births")
            records = self.at("records", list=name)
            self.add_up(places["rows"], [places["rejected"], records])
            self.add_up(records, [places["births"], places["repeated"], places["outside"]])
        for row in self.tables.get("missing_values", []):
            where = {"list": row["list"], "field": row["field"]}
            place = self.at("missing", **where)
            self.read("missing_values", "missing", row["missing"], place, never_0=True)
            self._share(row["share"], place, self.at("records", list=row["list"]))
            self.add_up(self.at("records", list=row["list"]), [place, self.at("stated", **where)])
        for row in self.tables.get("disagreements", []):
            where = {"field": row["field"], "lists": row["lists"]}
            both, differ = self.at("compared", **where), self.at("disagree", **where)
            self.read("disagreements", "compared", row["compared"], both, never_0=True)
            self.read("disagreements", "disagree", row["disagree"], differ, never_0=True)
            self._share(row["share"], differ, both)
            self.add_up(both, [differ, self.at("agree", **where)])

    def _heaping(self) -> None:
        months = {row["month"]: row["births"] for row in self.tables.get("births_by_month_sex", [])
                  if row["sex"] == "total" and row["month"] not in ("total", *UNSAID)}  # fmt: skip
        groups: dict[tuple[str, str], list[dict[str, str]]] = {}
        for row in self.tables.get("heaping", []):
            groups.setdefault((row["list"], row["what"]), []).append(row)
        for (name, what), rows in groups.items():
            cells = {row["value"]: self.at("heap", list=name, what=what, value=row["value"]) for row in rows}
            for row in rows:
                self.read("heaping", "records", row["records"], cells[row["value"]], never_0=True)
            stated = self.at("stated", list=name, field="birth_date" if what == "day of month" else "birth_weight")
            if "stated" in rows[0]:
                self.read("heaping", "stated", rows[0]["stated"], stated, never_0=True)
            self.add_up(stated, cells.values())
            if what == "day of month":
                expected_days(self, rows, stated, months)
            else:
                expected_weights(self, rows, cells)

    def _links(self) -> None:
        """Links made, which false links and precision, or missed links and recall, would tell as well."""
        found = {row["measure"]: row["estimate"] for row in self.tables.get("linkage", [])}
        if "links made" not in found:
            return
        made = self.at("links made")
        self.read("linkage", "estimate", found["links made"], made, never_0=True)
        self.read("linkage", "estimate", found["records in doubt"], self.at("records in doubt"), never_0=True)
        self._divided(made, found["expected false links"], found["expected precision"])
        lists = self.index["about"]["lists"]
        records = [self.at(what, list=name) for name in lists for what in ("repeated",)]
        self.at_least([made, self.at("births")], [*records, *(self.at(f"on {name}") for name in lists)])
        for row in self.tables.get("link_probability", []):
            place = self.at("pairs", probability=row["probability"])
            self.read("link_probability", "pairs", row["pairs"], place, never_0=True)

    def _divided(self, made: int, false: str, precision: str) -> None:
        if ".." not in (false, precision) and float(precision) < 1.0:
            wrong, share = float(false), 1.0 - float(precision)
            high = (wrong + 0.05) / (share - HALF) if share > HALF else float("inf")
            self.limit({made: 1.0}, (wrong - 0.05) / (share + HALF), high)

    def _headline(self) -> None:
        """Figures of the total lie about the counts that other tables hide."""
        counts = {"listed": "births", "registered": "registered", "on_other_lists_only": "unregistered"}
        for row in self.tables.get("headline", []):
            kind = counts.get(row["measure"])
            if kind and ".." not in (row["low"], row["high"]) and self.at(kind) in self.hidden:
                self.limit({self.at(kind): 1.0}, float(row["low"]) - 1.0, float(row["high"]) + 1.0)
