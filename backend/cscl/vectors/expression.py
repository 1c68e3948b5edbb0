"""Expressions over the fields of a layer, such as the class of a parcel from two of them.

Fields are written as they are or in double quotes, text in single quotes:

    crop
    "crop name" + ', ' + variety
    'cereal' if group in (1, 2) and not organic else lower(strip(crop))

The grammar is that of Python's expressions, of which a closed list is accepted; nothing is ever
run. NULL follows SQL: comparing with it tells nothing, a condition that tells nothing does not
hold, and text with NULL is NULL; `field is None` asks for it.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from cscl.contract.errors import UserError

LONGEST = 2000
DEEPEST = 40
TEXT, NUMBER, TRUTH, NULL = "text", "number", "true or false", "NULL"
_STRING = re.compile(r"""(?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\])*(?P=quote)""", re.DOTALL)
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: pc.equal,
    ast.NotEq: pc.not_equal,
    ast.Lt: pc.less,
    ast.LtE: pc.less_equal,
    ast.Gt: pc.greater,
    ast.GtE: pc.greater_equal,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "strip": pc.utf8_trim_whitespace,
}


@dataclass(frozen=True)
class _Value:
    """A column, or one value for all rows, with its kind."""

    kind: str
    data: Any


class Expression:
    """An expression bound to the fields of a schema; `fields` are those that it reads."""

    def __init__(self, text: str, schema: pa.Schema, subject: object) -> None:
        """Check the expression; raises `UserError` with the position of what is wrong."""
        self._text, self._schema, self._subject = text, schema, subject
        self._used: dict[str, None] = {}
        self._tree = None if text in schema.names else self._parsed()
        empty = pa.RecordBatch.from_arrays(
            [pa.array([], field.type) for field in schema], schema=schema
        )
        self.evaluate(empty)
        self.fields = tuple(self._used)
        if not self.fields:
            self._refuse("it reads no field")

    def evaluate(self, batch: pa.RecordBatch) -> pa.Array:
        """Return the value of each row; the batch needs the columns of `fields`."""
        if self._tree is None:
            return self._field(self._text, batch).data
        found = self._value(self._tree, batch, 0)
        if found.kind == TRUTH:
            self._fail(self._tree, "it says true or false, which is no class")
        if isinstance(found.data, (pa.Array, pa.ChunkedArray)):
            return found.data
        return pa.array([found.data.as_py()] * batch.num_rows, found.data.type)

    def _parsed(self) -> ast.expr:
        if len(self._text) > LONGEST:
            self._refuse(f"it has {len(self._text)} characters, more than {LONGEST}")
        # Parsed on one line, so that columns are positions in the text.
        line = re.sub(r"[\r\n\t]", " ", self._text)
        try:
            return ast.parse(line.strip(), mode="eval").body
        except SyntaxError as error:
            shift = len(line) - len(line.lstrip())
            hint = "; to compare, write ==" if re.search(r"(?<![=!<>])=(?!=)", line) else ""
            self._refuse(f"it is not understood at position {(error.offset or 1) + shift}{hint}")
        except (ValueError, RecursionError, MemoryError):
            self._refuse("it is not understood")

    def _value(self, node: ast.expr, batch: pa.RecordBatch, depth: int) -> _Value:
        if depth > DEEPEST:
            self._fail(node, f"it is nested more than {DEEPEST} deep")
        inner = depth + 1
        if isinstance(node, ast.Name):
            return self._field(node.id, batch, node)
        if isinstance(node, ast.Constant):
            return self._constant(node, batch)
        if isinstance(node, ast.Compare):
            return self._comparison(node, batch, inner)
        if isinstance(node, ast.BoolOp):
            join = pc.and_kleene if isinstance(node.op, ast.And) else pc.or_kleene
            found = self._truth(node.values[0], batch, inner)
            for other in node.values[1:]:
                found = join(found, self._truth(other, batch, inner))
            return _Value(TRUTH, found)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _Value(TRUTH, pc.invert(self._truth(node.operand, batch, inner)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return _Value(NUMBER, pc.negate(self._of(NUMBER, node.operand, batch, inner)))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left = self._of(TEXT, node.left, batch, inner)
            return _Value(TEXT, pc.binary_join_element_wise(
                left, self._of(TEXT, node.right, batch, inner), ""
            ))  # fmt: skip
        if isinstance(node, ast.IfExp):
            return self._choice(node, batch, inner)
        if isinstance(node, ast.Call):
            return self._call(node, batch, inner)
        self._fail(node, f"this is not allowed here ({type(node).__name__})")

    def _field(self, name: str, batch: pa.RecordBatch, node: ast.expr | None = None) -> _Value:
        index = self._schema.get_field_index(name)
        if index < 0:
            self._fail(node, f"there is no field {name!r}")
        self._used[name] = None
        kind, data = self._schema.field(index).type, batch.column(name)
        if pa.types.is_boolean(kind):
            return _Value(TRUTH, data)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return _Value(NUMBER, data)
        if pa.types.is_null(kind):
            return _Value(NULL, data)
        return _Value(TEXT, data.cast(pa.string()))

    def _constant(self, node: ast.Constant, batch: pa.RecordBatch) -> _Value:
        value = node.value
        if value is None:
            return _Value(NULL, pa.scalar(None, pa.string()))
        if isinstance(value, bool):
            return _Value(TRUTH, pa.scalar(value))
        if isinstance(value, (int, float)):
            try:
                return _Value(NUMBER, pa.scalar(value))
            except (OverflowError, pa.ArrowInvalid):
                self._fail(node, f"{value} is too large")
        written = self._written(node)
        if not isinstance(value, str) or not _STRING.fullmatch(written):
            self._fail(node, "write one text in single quotes or one field in double quotes")
        if written[0] == '"':
            return self._field(value, batch, node)
        return _Value(TEXT, pa.scalar(value))

    def _comparison(self, node: ast.Compare, batch: pa.RecordBatch, depth: int) -> _Value:
        found = None
        sides = itertools.pairwise([node.left, *node.comparators])
        for operator, (left, right) in zip(node.ops, sides, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                part = self._membership(left, right, batch, depth)
                part = part if isinstance(operator, ast.In) else pc.invert(part)
            elif isinstance(operator, (ast.Is, ast.IsNot)):
                if not isinstance(right, ast.Constant) or right.value is not None:
                    self._fail(right, "after is stands None")
                part = pc.is_null(self._value(left, batch, depth).data)
                part = part if isinstance(operator, ast.Is) else pc.invert(part)
            else:
                values = self._alike(left, right, batch, depth)
                part = _COMPARISONS[type(operator)](*values)
            found = part if found is None else pc.and_kleene(found, part)
        return _Value(TRUTH, found)

    def _membership(
        self, left: ast.expr, right: ast.expr, batch: pa.RecordBatch, depth: int
    ) -> Any:
        if not isinstance(right, (ast.Tuple, ast.List)) or not right.elts:
            self._fail(right, "after in stands a list such as ('wheat', 'rye')")
        found = None
        for item in right.elts:
            part = pc.equal(*self._alike(left, item, batch, depth))
            found = part if found is None else pc.or_kleene(found, part)
        return found

    def _choice(self, node: ast.IfExp, batch: pa.RecordBatch, depth: int) -> _Value:
        condition = pc.fill_null(self._truth(node.test, batch, depth), False)
        first = self._value(node.body, batch, depth)
        second = self._value(node.orelse, batch, depth)
        kinds = {first.kind, second.kind} - {NULL}
        if len(kinds) > 1:
            self._fail(node, f"its two results are {first.kind} and {second.kind}")
        kind = kinds.pop() if kinds else NULL
        filled = (second.data if first.kind == NULL else first.data).type
        sides = [
            pa.scalar(None, filled) if value.kind == NULL else value.data
            for value in (first, second)
        ]
        return _Value(kind, pc.if_else(condition, *sides))

    def _call(self, node: ast.Call, batch: pa.RecordBatch, depth: int) -> _Value:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        wanted = 2 if name == "left" else 1
        if name not in (*_FUNCTIONS, "left") or node.keywords or len(node.args) != wanted:
            self._fail(node, "there are lower(text), upper(text), strip(text) and left(text, n)")
        text = self._of(TEXT, node.args[0], batch, depth)
        if name != "left":
            return _Value(TEXT, _FUNCTIONS[name](text))
        count = node.args[1]
        if not isinstance(count, ast.Constant) or type(count.value) is not int:
            self._fail(count, "the second value of left is a whole number")
        return _Value(TEXT, pc.utf8_slice_codeunits(text, 0, min(count.value, LONGEST)))

    def _truth(self, node: ast.expr, batch: pa.RecordBatch, depth: int) -> Any:
        return self._of(TRUTH, node, batch, depth)

    def _of(self, kind: str, node: ast.expr, batch: pa.RecordBatch, depth: int) -> Any:
        found = self._value(node, batch, depth)
        if found.kind != kind:
            wanted = "a condition" if kind == TRUTH else f"a {kind}"
            self._fail(node, f"{wanted} is needed here, this is {found.kind}")
        return found.data

    def _alike(
        self, left: ast.expr, right: ast.expr, batch: pa.RecordBatch, depth: int
    ) -> tuple[Any, Any]:
        first, second = self._value(left, batch, depth), self._value(right, batch, depth)
        if NULL in (first.kind, second.kind):
            self._fail(right, "ask for NULL with: is None")
        if first.kind != second.kind:
            self._fail(right, f"{first.kind} cannot be compared with {second.kind}")
        return first.data, second.data

    def _written(self, node: ast.expr) -> str:
        line = re.sub(r"[\r\n\t]", " ", self._text).strip()
        return ast.get_source_segment(line, node) or ""

    def _fail(self, node: ast.expr | None, found: str) -> NoReturn:
        shift = len(self._text) - len(self._text.lstrip())
        # Python counts columns in bytes of UTF-8.
        before = self._text.strip().encode("utf-8")[: node.col_offset if node else 0]
        self._refuse(f"at position {len(before.decode('utf-8', 'ignore')) + shift + 1}: {found}")

    def _refuse(self, found: str) -> NoReturn:
        raise UserError(
            "class_expression",
            f"{self._subject}, expression {self._text[:200]!r}",
            found,
            f"Its fields are {', '.join(self._schema.names) or 'none'}.",
        )
