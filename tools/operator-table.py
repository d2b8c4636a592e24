"""Writes frontends/onnx/Operators.inc: what the pinned wheels of onnx and onnxruntime say about each operator.

    .venv/bin/python3 tools/operator-table.py > frontends/onnx/Operators.inc
"""

import collections

import onnx.defs
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

LETTERS = {"FLOAT": "f", "INT": "i", "STRING": "s", "TENSOR": "t", "GRAPH": "g", "SPARSE_TENSOR": "p", "TYPE_PROTO": "y",
           "FLOATS": "F", "INTS": "I", "STRINGS": "S", "TENSORS": "T", "GRAPHS": "G", "TYPE_PROTOS": "Y"}
MANY = 2147483647
HEADER = """\
// Operators: name, version from which the row holds, inputs (least, most), outputs (least, most), attributes.
// An attribute is its name, ':', the letter of its type (Operators.h), and '!' where it is required.
// An operator without outputs has left its operator set in that version.
// Written by tools/operator-table.py; do not edit.
"""


def schemas():
    """Schemas by (domain, name): those of onnx, and what onnxruntime adds to them."""
    found = collections.defaultdict(list)
    for schema in onnx.defs.get_all_schemas_with_history():
        found[schema.domain or "ai.onnx", schema.name].append(schema)
    standard = set(found)
    for schema in runtime.get_all_operator_schema():
        key = (schema.domain or "ai.onnx", schema.name)
        if key not in standard and key[0] in ("ai.onnx", "com.microsoft"):
            found[key].append(schema)
    return found


def attributes(schema):
    return " ".join(f"{name}:{LETTERS[str(attribute.type).split('.')[-1]]}{'!' if attribute.required else ''}"
                    for name, attribute in sorted(schema.attributes.items()))


def count(number):
    return "many" if number >= MANY else str(number)


def rows(key, versions):
    """A row for each version that differs from the one before it."""
    last, ordered = None, sorted(versions, key=lambda schema: schema.since_version)
    for schema in ordered:
        # A version that a later one takes back has not left for good.
        gone = schema.deprecated and schema is ordered[-1]
        arity = (0, 0, 0, 0) if gone else (schema.min_input, schema.max_input, schema.min_output, schema.max_output)
        row = f'{", ".join(map(count, arity))}, "{"" if gone else attributes(schema)}")'
        if row != last:
            yield f'OPERATOR("{key[0]}::{key[1]}", {schema.since_version}, {row}'
        last = row


if __name__ == "__main__":
    print(HEADER + "\n".join(row for key, versions in sorted(schemas().items()) for row in rows(key, versions)))
