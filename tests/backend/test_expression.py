"""Expressions over fields: what they give, what is refused, and that nothing is ever run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from cscl.contract.errors import UserError
from cscl.vectors.expression import Expression
from hypothesis import given
from hypothesis import strategies as st

BATCH = pa.RecordBatch.from_pydict(
    {
        "crop": pa.array(["Wheat ", None, "rye", "x"]),
        "group": pa.array([1, 2, None, 4]),
        'Größe "x"': pa.array(["a", "b", "c", "d"]),
        "organic": pa.array([True, False, None, True]),
        "e mpty": pa.nulls(4),
        "share": pa.array([1.5, 2, 3, 4]),
        "money": pa.array([Decimal("1.10"), None, Decimal("3.00"), Decimal("4.00")]),
        "a + b": pa.array(["p", "q", "r", "s"]),
        "line\nbreak": pa.array(["1", "2", "3", "4"]),
    }
)


@pytest.mark.parametrize(
    ("text", "fields", "values"),
    [
        ("crop", ["crop"], ["Wheat ", None, "rye", "x"]),
        ("a + b", ["a + b"], ["p", "q", "r", "s"]),  # a field of that name wins
        ("line\nbreak", ["line\nbreak"], ["1", "2", "3", "4"]),
        ("e mpty", ["e mpty"], [None] * 4),
        ('"e mpty"', ["e mpty"], [None] * 4),
        ("lower(strip(crop))", ["crop"], ["wheat", None, "rye", "x"]),
        ("upper(left(crop, 2))", ["crop"], ["WH", None, "RY", "X"]),
        ("crop + '-' + \"a + b\"", ["crop", "a + b"], ["Wheat -p", None, "rye-r", "x-s"]),
        ('\'Ä\' + "Größe \\"x\\""', ['Größe "x"'], ["Äa", "Äb", "Äc", "Äd"]),
        ("'one' if group == 1 else None", ["group"], ["one", None, None, None]),
        ("'c' if group in (1, 2) else crop", ["group", "crop"], ["c", "c", "rye", "x"]),
        ("'c' if crop not in ['rye', 'x'] else 'd'", ["crop"], ["c", "d", "d", "d"]),
        ("'a' if 1 < share <= 3 else 'b'", ["share"], ["a", "a", "a", "b"]),
        ("'a' if money >= 3 else 'b'", ["money"], ["b", "b", "a", "a"]),
        ("'a' if organic and not group == 4 else 'b'", ["organic", "group"], ["a", "b", "b", "b"]),
        ("'a' if organic or crop is not None else 'b'", ["organic", "crop"], ["a", "b", "a", "a"]),
        ("'none' if crop is None else crop", ["crop"], ["Wheat ", "none", "rye", "x"]),
        ("-group", ["group"], [-1, -2, None, -4]),
        (" ( group ) ", ["group"], [1, 2, None, 4]),
    ],
)
def test_values(text: str, fields: list[str], values: list[Any]) -> None:
    expression = Expression(text, BATCH.schema, "x")
    assert list(expression.fields) == fields
    assert expression.evaluate(BATCH.select(fields)).to_pylist() == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("crop = 'a'", "it is not understood at position 6; to compare, write =="),
        ("crop ==", "it is not understood at position"),
        ("crops + 'a'", "at position 1: there is no field 'crops'"),
        ("'Größe' + grösse", "at position 11: there is no field 'grösse'"),
        ("  'a' if group == '1' else 'b'", "at position 19: number cannot be compared with text"),
        ("crop == None", "at position 9: ask for NULL with: is None"),
        ("crop + group", "at position 8: a text is needed here, this is number"),
        ("crop and organic", "at position 1: a condition is needed here, this is text"),
        ("1 if organic else 'a'", "at position 1: its two results are number and text"),
        ("group == 1", "at position 1: it says true or false, which is no class"),
        ("crop in 'rye'", "at position 9: after in stands a list such as ('wheat', 'rye')"),
        ("left(crop, -1)", "at position 12: the second value of left is a whole number"),
        ("'a' 'b'", "at position 1: write one text in single quotes or one field in double quotes"),
        ("'constant'", "it reads no field"),
        ("x" * 2001, "it has 2001 characters, more than 2000"),
        ("'a' if " + "not " * 60 + "organic else crop", "it is nested more than 40 deep"),
        ("99999999999999999999", "at position 1: 99999999999999999999 is too large"),
        ("crop\0", "it is not understood"),
        ("", "it is not understood at position 1"),
        # Nothing of Python's is to be had.
        ("__import__('os').system('true')", "lower(text), upper(text), strip(text) and left"),
        ("eval('1')", "lower(text), upper(text), strip(text) and left"),
        ("crop.upper()", "lower(text), upper(text), strip(text) and left"),
        ("crop.__class__", "this is not allowed here (Attribute)"),
        ("crop[0]", "this is not allowed here (Subscript)"),
        ("lambda: crop", "this is not allowed here (Lambda)"),
        ("f'{crop}'", "this is not allowed here (JoinedStr)"),
        ("[c for c in crop]", "this is not allowed here (ListComp)"),
        ("(crop := 'a')", "this is not allowed here (NamedExpr)"),
        ("group ** 9", "this is not allowed here (BinOp)"),
        ("b'x'", "write one text in single quotes"),
        ("(yield)", "this is not allowed here (Yield)"),
        ("lower(text=crop)", "lower(text), upper(text), strip(text) and left"),
    ],
)
def test_what_is_refused(text: str, found: str) -> None:
    with pytest.raises(UserError) as caught:
        Expression(text, BATCH.schema, "a.gpkg, layer p")
    error = caught.value
    assert error.code == "class_expression" and found in str(error)
    assert str(error).startswith("a.gpkg, layer p, expression ")
    assert "Its fields are crop, group, Größe" in str(error)


@given(st.text(max_size=30))
def test_any_text_gives_values_or_a_user_error(text: str) -> None:
    try:
        expression = Expression(text, BATCH.schema, "x")
    except UserError as error:
        assert error.code == "class_expression"
    else:
        assert len(expression.evaluate(BATCH)) == 4


WORDS = st.sampled_from(
    [*"()'\"+,[]", "crop", "group", "organic", "'x'", "1", "==", "in", "not", "and", "or", "if",
     "else", "is", "None", "lower(", "left(", "-", "<", " "]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12))
def test_any_words_of_the_language_give_values_or_a_user_error(words: list[str]) -> None:
    test_any_text_gives_values_or_a_user_error.hypothesis.inner_test(" ".join(words))


@given(st.text(max_size=300).filter(lambda text: "\0" not in text))
def test_a_field_of_any_name_is_found_by_its_name(name: str) -> None:
    batch = pa.RecordBatch.from_pydict({name: pa.array(["a", "1 OR 1=1"])})
    expression = Expression(name, batch.schema, "x")
    assert expression.fields == (name,)
    assert expression.evaluate(batch).to_pylist() == ["a", "1 OR 1=1"]
