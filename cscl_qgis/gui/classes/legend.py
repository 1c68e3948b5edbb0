"""The class table as it is edited: one row a value of the class field.

Rows with one code are one class: its name, colour and HCAT code are theirs together. A row without
a code is ignored, its parcels count as unknown.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Dict, Iterable, List, Optional, Sequence, Set

from ....backend.cscl.contract.classes import PALETTE, ClassTable, CropClass
from ....backend.cscl.contract.codes import FIRST_CROP, LAST_CROP

SOURCE = "class table"


@dataclass(frozen=True)
class Row:
    """One value of the class field, with its parcels and their hectares.

    `own_name` and `own_hcat` are what the layer itself calls it, for when it leaves its class.
    """

    value: str
    name: str
    code: Optional[int]
    colour: str
    hcat: str = ""
    own_name: str = ""
    own_hcat: str = ""
    count: int = 0
    area: float = 0.0


@dataclass(frozen=True)
class ClassSum:
    """One class with the parcels and hectares of all its values."""

    code: int
    name: str
    colour: str
    count: int
    area: float


class Legend:
    """All rows, and what can be done with them; indexes are those of `rows`."""

    def __init__(self) -> None:
        self.rows: List[Row] = []

    def codes(self) -> Set[int]:
        """Return the codes of all classes."""
        return {row.code for row in self.rows if row.code is not None}

    def table(self) -> ClassTable:
        """Return the classes in order; ignored values are in none."""
        classes = [
            CropClass(
                code, own[0].name, own[0].colour, tuple(row.value for row in own), own[0].hcat
            )
            for code, own in sorted(self._by_code().items())
        ]
        return ClassTable(tuple(classes), SOURCE)

    def classes(self) -> List[ClassSum]:
        """Return the classes with their sums, the largest area first."""
        sums = []
        for code, own in self._by_code().items():
            count, area = sum(row.count for row in own), sum((row.area for row in own), 0.0)
            sums.append(ClassSum(code, own[0].name, own[0].colour, count, area))
        return sorted(sums, key=lambda item: (-item.area, item.name))

    def read(self, found: Iterable[Row]) -> int:
        """Take the values of a layer in; return how many new ones there are.

        Values that are known keep what was made of them. New ones are ignored, unless there was
        no table at all.
        """
        values = {row.value: row for row in found}
        untouched = not self.rows
        self.rows = [_counted(row, values.pop(row.value, None)) for row in self.rows]
        self.rows += [row if untouched else replace(row, code=None) for row in values.values()]
        return 0 if untouched else len(values)

    def take(self, table: Sequence[Row]) -> int:
        """Put a class table in place of what was made; return how many values it lacks.

        Values of the layer that it lacks are ignored; values that the layer lacks are kept, so
        that the table stays whole.
        """
        named = {row.value: row for row in table}
        self.rows = [
            replace(
                row, name=named[row.value].name, code=named[row.value].code,
                colour=named[row.value].colour, hcat=named[row.value].hcat,
            )
            if row.value in named
            else replace(row, code=None)
            for row in self.rows
        ]  # fmt: skip
        present = {row.value for row in self.rows}
        missing = sum(1 for value in present if value not in named)
        self.rows += [row for row in table if row.value not in present]
        return missing

    def rename(self, index: int, name: str) -> None:
        """Name the row's class; the name of another class joins both."""
        name = name.strip()
        row = self.rows[index]
        if not name or name == row.name:
            return
        other = next((item for item in self._firsts().values() if item.name == name), None)
        if row.code is None:
            self._change([index], name=name)
        elif other is not None:
            self._join(self._members([index]), other)
        else:
            self._change(self._members([index]), name=name)

    def recode(self, index: int, code: int) -> None:
        """Give the row's class another code; the code of another class joins both."""
        if not FIRST_CROP <= code <= LAST_CROP:
            return
        other = self._firsts().get(code)
        if other is not None:
            self._join(self._members([index]), other)
        else:
            self._change(self._members([index]), code=code)

    def recolour(self, index: int, colour: str) -> None:
        """Give the row's class a colour, #rrggbb."""
        self._change(self._members([index]), colour=colour)

    def set_hcat(self, index: int, hcat: str) -> None:
        """Give the row's class the code of the crop taxonomy HCAT."""
        self._change(self._members([index]), hcat=hcat.strip())

    def merge(self, indexes: Sequence[int]) -> None:
        """Make one class of the classes of these rows, named by the one with the largest area."""
        self.use(indexes)
        used = {self.rows[index].code for index in indexes}
        largest = next((item for item in self.classes() if item.code in used), None)
        if largest is not None:
            self._join(self._members(indexes), self._firsts()[largest.code])

    def split(self, indexes: Sequence[int]) -> None:
        """Make a class of its own of each value of the classes of these rows."""
        members = self._members([index for index in indexes if self.rows[index].code is not None])
        for code in sorted({self.rows[index].code or 0 for index in members}):
            own = [index for index in members if self.rows[index].code == code]
            for place, index in enumerate(own if len(own) > 1 else []):
                self._stand_alone(index, keep=place == 0)

    def ignore(self, indexes: Sequence[int]) -> None:
        """Leave these values out."""
        self._change(indexes, code=None)

    def use(self, indexes: Sequence[int]) -> None:
        """Take ignored values in again, each in the class of its name or in one of its own.

        Where all codes are taken the value stays ignored.
        """
        for index in indexes:
            row = self.rows[index]
            if row.code is not None:
                continue
            other = next((item for item in self._firsts().values() if item.name == row.name), None)
            if other is not None:
                self._join([index], other)
            else:
                self._new_class(index)

    def state(self) -> List[Dict[str, Any]]:
        """Return the rows as JSON's own types."""
        return [asdict(row) for row in self.rows]

    def restore(self, state: Any) -> None:
        """Take the rows that `state` returned; what is damaged is left out."""
        rows = [_row(item) for item in state] if isinstance(state, list) else []
        self.rows = [row for row in rows if row is not None]

    def _by_code(self) -> Dict[int, List[Row]]:
        rows: Dict[int, List[Row]] = {}
        for row in self.rows:
            if row.code is not None:
                rows.setdefault(row.code, []).append(row)
        return rows

    def _firsts(self) -> Dict[int, Row]:
        return {code: own[0] for code, own in self._by_code().items()}

    def _members(self, indexes: Iterable[int]) -> List[int]:
        """Return these rows and all others of their classes."""
        wanted = set(indexes)
        codes = {self.rows[index].code for index in wanted} - {None}
        return [
            index for index, row in enumerate(self.rows) if index in wanted or row.code in codes
        ]

    def _join(self, indexes: Sequence[int], other: Row) -> None:
        self._change(
            indexes, code=other.code, name=other.name, colour=other.colour, hcat=other.hcat
        )

    def _change(self, indexes: Iterable[int], **values: Any) -> None:
        for index in indexes:
            self.rows[index] = replace(self.rows[index], **values)

    def _stand_alone(self, index: int, keep: bool) -> None:
        row = self.rows[index]
        self.rows[index] = replace(row, code=None)
        name = self._free_name(row.own_name or row.value)
        if keep:
            self._change([index], code=row.code, name=name, hcat=row.own_hcat)
        else:
            self._change([index], name=name, hcat=row.own_hcat)
            self._new_class(index)

    def _new_class(self, index: int) -> None:
        taken = self.codes()
        code = next((n for n in range(FIRST_CROP, LAST_CROP + 1) if n not in taken), None)
        if code is not None:
            colour = PALETTE[(code - FIRST_CROP) % len(PALETTE)]
            self._change([index], code=code, colour=colour)

    def _free_name(self, wanted: str) -> str:
        taken = {row.name for row in self._firsts().values()}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted} {number}"
        return name


def _counted(row: Row, found: Optional[Row]) -> Row:
    if found is None:
        return replace(row, count=0, area=0.0)
    return replace(
        row, count=found.count, area=found.area, own_name=found.own_name, own_hcat=found.own_hcat
    )


def _row(item: Any) -> Optional[Row]:
    """Return the row of a state, or `None` where it is damaged."""
    names = {field.name for field in fields(Row)}
    if not isinstance(item, dict) or set(item) != names:
        return None
    texts = ("value", "name", "colour", "hcat", "own_name", "own_hcat")
    whole = isinstance(item["code"], int) and FIRST_CROP <= item["code"] <= LAST_CROP
    numbers = isinstance(item["count"], int) and isinstance(item["area"], (int, float))
    if all(isinstance(item[name], str) for name in texts) and numbers:
        code = item["code"] if whole else None
        return Row(**{**item, "code": code, "area": float(item["area"])})
    return None
