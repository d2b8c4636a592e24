"""Writes the source of recipes.mlir, or compares the weights of its artifact with plain Python. Usage: recipes.py write|check FOLDER"""

import json
import struct
import sys

VALUES = [i * 1.5 - 7.25 for i in range(24)]
VARINTS = bytes([7, 0xAC, 0x02, 0x80, 0x01])
MATRIX = [VALUES[4 * row:4 * row + 4] for row in range(6)]
COLUMNS = [[row[i] for row in MATRIX] for i in range(4)]


def flat(value):
    return [x for item in value for x in flat(item)] if isinstance(value, list) else [value]


def panels(rows):
    """[N][K] to [ceil(N/16)][K][16], zero filled."""
    padded = rows + [[0.0] * len(rows[0])] * (-len(rows) % 16)
    return [[[padded[p + lane][k] for lane in range(16)] for k in range(len(rows[0]))] for p in range(0, len(padded), 16)]


EXPECTED = {
    "raw": ("f", MATRIX),
    "varint": ("q", [7, 300, 128]),
    "transposed": ("f", COLUMNS),
    "reshaped": ("f", COLUMNS),
    "sliced": ("f", [[MATRIX[r][c] for c in (1, 3)] for r in (1, 4)]),
    "joined": ("f", [MATRIX[r] + VALUES[2 * r:2 * r + 2] for r in range(6)]),
    "stacked": ("f", VALUES),
    "gathered": ("f", [MATRIX[5], MATRIX[0], MATRIX[5]]),
    "broadcast": ("f", [[[VALUES[r]] * 4 for r in range(3)]] * 2),
    "cast": ("i", [int(x) for x in VALUES]),
    "packed": ("f", panels([VALUES[:3]] * 20)),
    "packed_transposed": ("f", panels(COLUMNS)),
    "inline": ("e", [1.0, 2.0, 3.0, 4.0]),
    "flags": ("B", [1, 0, 1]),
}


def check(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8:8 + length]), data[8 + length:]
    for name, (kind, value) in EXPECTED.items():
        begin, end = header[name]["data_offsets"]
        wanted = flat(value)
        got = list(struct.unpack(f"<{len(wanted)}{kind}", body[begin:end]))
        if got != wanted:
            sys.exit(f"{name}: got {got}, expected {wanted}")
    print(f"{len(EXPECTED)} weights are right")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        with open(sys.argv[2] + "/w.bin", "wb") as file:
            file.write(struct.pack("<24f", *VALUES) + VARINTS)
    else:
        check(sys.argv[2] + "/weights/dense.safetensors")
