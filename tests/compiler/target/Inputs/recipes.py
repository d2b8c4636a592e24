"""Writes the source of recipes.mlir, or compares the weights of its artifact with plain Python. Usage: recipes.py write|check FOLDER"""

import json
import struct
import sys

VALUES = [i * 1.5 - 7.25 for i in range(24)]
VARINTS = bytes([7, 0xAC, 0x02, 0x80, 0x01])
BYTES = bytes([0x4E, 0xF1, 0x80, 0x7F, 0x01, 0x10, 0x88, 0xFF, 0x07, 0x2A])
ROWS = [list(BYTES[:5]), list(BYTES[5:])]
SIGNED = [[byte - 256 if byte > 127 else byte for byte in row] for row in ROWS]
MINIFLOATS = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
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
    "fourths": ("f", [byte >> shift & 3 for byte in BYTES[:2] for shift in (0, 2, 4, 6)]),
    "blocks": ("f", [[(ROWS[r][c] - (3 * r + c // 2 + 1)) * VALUES[3 * r + c // 2] for c in range(5)] for r in range(2)]),
    "columns": ("f", [[SIGNED[r][c] * 0.5 for r in range(2)] for c in range(5)]),
    "half": ("f", [[(ROWS[r][c] - 1) * VALUES[3 * r + c // 2] for c in (1, 4)] for r in range(2)]),
    "signed": ("f", [-2.0, 8.0, 3.0]),
    "micro": ("f", [-MINIFLOATS[6] * 2.0, MINIFLOATS[4] * 2.0, MINIFLOATS[1], -MINIFLOATS[7]]),
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
            file.write(struct.pack("<24f", *VALUES) + VARINTS + BYTES)
    else:
        check(sys.argv[2] + "/weights/dense.safetensors")
