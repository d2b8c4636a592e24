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
// Operators: name, first version, inputs (least, most), outputs (least, most), attributes over all versions.
// An attribute is its name, ':', the letters of its types (Operators.h), and '!' where all versions require it.
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


def attributes(versions):
    types = collections.defaultdict(set)
    for schema in versions:
        for name, attribute in schema.attributes.items():
            types[name].add(LETTERS[str(attribute.type).split(".")[-1]])
    required = set.intersection(*({name for name, attribute in schema.attributes.items() if attribute.required} for schema in versions))
    return " ".join(f"{name}:{''.join(sorted(letters))}{'!' if name in required else ''}" for name, letters in sorted(types.items()))


def count(number):
    return "many" if number >= MANY else str(number)


def row(key, versions):
    arity = (min(schema.min_input for schema in versions), max(schema.max_input for schema in versions),
             min(schema.min_output for schema in versions), max(schema.max_output for schema in versions))
    first = min(schema.since_version for schema in versions)
    return f'OPERATOR("{key[0]}::{key[1]}", {first}, {", ".join(map(count, arity))}, "{attributes(versions)}")'


if __name__ == "__main__":
    print(HEADER + "\n".join(row(key, versions) for key, versions in sorted(schemas().items())))
