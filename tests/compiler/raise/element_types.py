"""Compares compiler/analysis/ElementTypes.inc with the schemas of the onnx package: element_types.py TABLE. Nothing that an operator takes, in any
version, may be refused, and operands that the table holds to one type must be of one type variable."""

import re
import sys

import onnx.defs

FLOATS = {"tensor(float16)", "tensor(float)", "tensor(double)", "tensor(bfloat16)"}
INTEGERS = {f"tensor({sign}int{bits})" for sign in ("", "u") for bits in (8, 16, 32, 64)}
BOOL = {"tensor(bool)"}
ALL = FLOATS | INTEGERS | BOOL
NUMBERS = FLOATS | INTEGERS
KINDS = {"t": ALL, "x": ALL, "n": NUMBERS, "m": NUMBERS, "f": FLOATS, "g": FLOATS, "b": BOOL, "o": BOOL,
         "i": {"tensor(int32)", "tensor(int64)"}, "l": {"tensor(int64)"}}


def faults(name, letters):
    schemas = [schema for schema in onnx.defs.get_all_schemas_with_history() if schema.name == name and schema.domain == "" and not schema.deprecated]
    if not schemas:
        yield f"{name}: there is no such operator"
    for schema in schemas:
        one = set()
        for index, parameter in enumerate(schema.inputs):
            letter = letters[min(index, len(letters) - 1)]
            refused = (set(parameter.types) & ALL) - KINDS[letter]
            if refused:
                yield f"{name} {schema.since_version}, operand {index}: {sorted(refused)} would be refused"
            if letter in "tnfb":
                one.add(parameter.type_str)
        if len(one) > 1:
            yield f"{name} {schema.since_version}: operands of one type are {sorted(one)}"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = re.findall(r'^ELEMENT_TYPES\("ai.onnx::(\w+)", "(\w+)"\)', file.read(), re.M)
    found = [fault for name, letters in rows for fault in faults(name, letters)]
    sys.exit("\n".join(found) if found or not rows else 0)
