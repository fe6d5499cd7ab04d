"""Somebody who has the published files and wants the hidden counts. Written from docs/tables.md, not from the code.

Whatever two tables say of the same births is one unknown; the unknowns add up as the tables say. For each hidden count
he finds the least and the greatest value that agrees with everything that is published, in whole numbers.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Unknown = tuple[str, frozenset[tuple[str, str]]]
UNSAID = ("unknown", "not stated")
ROOM = 5_000.0  # no count in the tests is so large


class Attacker:
    """Reads the folder of the tables; `derivable` says what can be worked out."""

    def __init__(self, folder: Path) -> None:
        self.index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.tables = {name: self._rows(folder / f"{name}.csv") for name in self.index["order"]}
        self.place: dict[Unknown, int] = {}
        self.equations: list[dict[int, float]] = []
        self.known: dict[int, float] = {}
        self.hidden: dict[int, tuple[str, str]] = {}
        self.positive: set[int] = set()
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
        self._findings()

    @staticmethod
    def _rows(file: Path) -> list[dict[str, str]]:
        with file.open(newline="", encoding="utf-8") as opened:
            return list(csv.DictReader(opened))

    def at(self, what: str, /, **where: str) -> int:
        """The unknown of a count; a total is no limit, and the register's own list is "registered"."""
        if what == f"on {self.register}":
            what = "registered"
        key = (what, frozenset((name, value) for name, value in where.items() if value != "total"))
        new = key not in self.place
        place = self.place.setdefault(key, len(self.place))
        if new and what == "registered" and not {"delay", "registration_year"} & where.keys():
            rest = self.at("unregistered", **where)
            self.add_up(self.at("births", **where), [place, rest])
        return place

    def tell(self, births: int, registered: int, **where: str) -> None:
        """Let him know a count that no table shows."""
        self.known[self.at("births", **where)] = births
        self.known[self.at("registered", **where)] = registered

    def add_up(self, whole: int, parts: Iterable[int]) -> None:
        equation = {whole: -1.0}
        for part in parts:
            equation[part] = equation.get(part, 0.0) + 1.0
        self.equations.append(equation)

    def read(self, table: str, column: str, text: str, place: int, *, never_0: bool) -> None:
        """Take in one count as it stands in a file."""
        if text == "..":
            self.hidden[place] = (table, column)
            if never_0:
                self.positive.add(place)
        else:
            value = float(text)
            assert self.known.setdefault(place, value) == value, f"{table} says otherwise than another table"

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
                    parts = [self.at(kind, **{dimension: first, "sex": sex}) for first in {*firsts, "unknown"}]
                    self.add_up(self.at(kind, sex=sex), parts)
        if dimension == "month":
            for year in {first[:4] for first in firsts if first != "unknown"}:
                for kind in self._kinds():
                    months = [self.at(kind, month=first) for first in firsts if first[:4] == year]
                    self.add_up(self.at(kind, year=year), months)

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
            self._counts("adjusted_births", row, **{row["level"]: row["value"]})

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
        for row in rows:
            where = {row["level"]: row["value"]}
            late = row["measure"] != "listed"
            kind = "births" if row["list"] == "any list" else f"on {row['list']}"
            kind = "in time" if late else kind
            place = self.at(kind, **where)
            self.read(
                "completeness", "listed", row["listed"], place, never_0=kind not in ("births", f"on {self.register}")
            )
            if late:
                self.add_up(self.at("registered", **where), [place, self.at("too late", **where)])
            elif kind != "births":
                self.add_up(self.at("births", **where), [place, self.at(f"off {row['list']}", **where)])
            if row["level"] != "total":
                levels.setdefault((kind, row["level"]), set()).add(row["value"])
        for (kind, level), values in levels.items():
            self.add_up(self.at(kind), [self.at(kind, **{level: value}) for value in {*values, "unknown"}])
        if "overlap" in self.tables:
            self._combinations({level: values for (_, level), values in levels.items()})

    def _combinations(self, levels: dict[str, set[str]]) -> None:
        """Each birth of an area, a sex ... is on some combination of lists, and the overlap counts those in all."""
        lists = self.index["about"]["lists"]
        rows = [{name: row[name] for name in lists} for row in self.tables["overlap"]]
        for level, values in levels.items():
            for value in {*values, "unknown"}:
                own = {level: value}
                self.add_up(self.at("births", **own), [self.at("births", **own, **row) for row in rows])
                for name in lists:
                    on = [self.at("births", **own, **row) for row in rows if row[name] == "yes"]
                    self.add_up(self.at(f"on {name}", **own), on)
            for row in rows:
                self.add_up(
                    self.at("births", **row), [self.at("births", **{level: v}, **row) for v in {*values, "unknown"}]
                )

    def _registration(self) -> None:
        rows = self.tables.get("timeliness", [])
        delays = {row["delay"] for row in rows} | {"not stated"}
        areas = {row["value"] for row in rows}
        every = {row["value"] for row in self.tables.get("adjusted_births", []) if row["level"] == "area"}
        for row in rows:
            place = self.at("registered", area=row["value"], delay=row["delay"])
            self.read("timeliness", "registered", row["registered"], place, never_0=True)
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
        entered = {row["registration_year"] for row in rows} | {"not stated"}
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
            self.add_up(self.at("records", list=row["list"]), [place, self.at("stated", **where)])
        heaps: dict[tuple[str, str], list[int]] = {}
        for row in self.tables.get("heaping", []):
            place = self.at("heap", **{name: row[name] for name in ("list", "what", "value")})
            self.read("heaping", "records", row["records"], place, never_0=True)
            field = "birth_date" if row["what"] == "day of month" else "birth_weight"
            heaps.setdefault((row["list"], field), []).append(place)
        for (name, field), places_ in heaps.items():
            self.add_up(self.at("stated", list=name, field=field), places_)
        for row in self.tables.get("disagreements", []):
            where = {"field": row["field"], "lists": row["lists"]}
            both, differ = self.at("compared", **where), self.at("disagree", **where)
            self.read("disagreements", "compared", row["compared"], both, never_0=True)
            self.read("disagreements", "disagree", row["disagree"], differ, never_0=True)
            self.add_up(both, [differ, self.at("agree", **where)])

    def _findings(self) -> None:
        rows = self.tables.get("findings", [])
        areas = {row["area"] for row in rows}
        kinds = {(row["kind"], row["status"]) for row in rows}
        shown = {(row["area"], row["kind"], row["status"]) for row in rows}
        for row in rows:
            place = self.at("findings", area=row["area"], kind=row["kind"], status=row["status"])
            self.read("findings", "findings", row["findings"], place, never_0=True)
        for kind, status in kinds:
            for area in areas:
                if (area, kind, status) not in shown and area != "unknown":
                    self.known[self.at("findings", area=area, kind=kind, status=status)] = 0.0
            parts = [
                self.at("findings", area=area, kind=kind, status=status) for area in {*areas, "unknown"} - {"total"}
            ]
            self.add_up(self.at("findings", kind=kind, status=status), parts)
        for area in areas:
            parts = [self.at("findings", area=area, kind=k, status=s) for k, s in kinds if k == "not-registered"]
            if parts and self.register:
                self.add_up(self.at("unregistered", area=area), parts)

    def _system(self) -> tuple[list[LinearConstraint], Bounds]:
        n = len(self.place)
        lower = np.zeros(n)
        lower[sorted(self.positive)] = 1.0
        upper = np.full(n, ROOM)
        for place, value in self.known.items():
            lower[place] = upper[place] = value
        at = (
            [k for k, row in enumerate(self.equations) for _ in row],
            [place for row in self.equations for place in row],
        )
        signs = [sign for row in self.equations for sign in row.values()]
        zeros = np.zeros(len(self.equations))
        equal = coo_array((signs, at), shape=(len(zeros), n)).tocsr()
        return [LinearConstraint(equal, zeros, zeros)] if self.equations else [], Bounds(lower, upper)

    def derivable(self, threshold: int) -> list[str]:
        """Hidden counts whose range is less than the threshold wide.

        Every table found to be possible is looked at for all of them, so that most need no search of their own.
        """
        constraints, bounds = self._system()
        low, high = np.full(len(self.place), np.inf), np.full(len(self.place), -np.inf)

        def look(direction: np.ndarray) -> None:
            best = milp(direction, integrality=np.ones(len(direction)), bounds=bounds, constraints=constraints)
            assert best.x is not None, f"the published tables contradict each other: {best.message}"
            np.minimum(low, np.rint(best.x), out=low)
            np.maximum(high, np.rint(best.x), out=high)

        rng = np.random.default_rng(0)
        for _ in range(20 if self.hidden else 0):
            narrow = high - low < threshold
            look(np.where(narrow & (rng.random(len(narrow)) < 0.1), rng.normal(size=len(narrow)), 0.0))
        found = []
        for place, (table, column) in self.hidden.items():
            for sense in (1.0, -1.0):
                if high[place] - low[place] < threshold:
                    direction = np.zeros(len(self.place))
                    direction[place] = sense
                    look(direction)
            if high[place] - low[place] < threshold:
                key = next(key for key, at in self.place.items() if at == place)
                found.append(f"{table}.{column} {key[0]} {sorted(key[1])}: {low[place]:.0f} to {high[place]:.0f}")
        return found
