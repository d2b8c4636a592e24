"""The table of results of a whole matrix: road_results.py LIT_FOLDER OUTPUT, after tools/test.sh --full --filter exec/road."""

import glob
import json
import os
import sys

HEAD = """# Results of the road

Written by `tests/exec/road_results.py` after `tools/test.sh --full --filter exec/road`. Each model is compiled once and launched several times with all its
input sets: as processes on 1, 2 and 4 ranks, and as threads of one process on up to 16 ranks. A row stands here only if, on every launch, every output is within the
tolerance of ONNX Runtime's, has the same bits as on one rank, experts are mapped by their owners only, rows received equal the routes to owned
experts, and spoiling one owner's expert changes the output.

| model | experts by layer | input sets | launches | largest difference | tolerance |
|---|---|---|---|---|---|
"""


def main(folder, output):
    rows = []
    for path in sorted(glob.glob(os.path.join(folder, "*", "row.json"))):
        with open(path, encoding="utf-8") as file:
            row = json.load(file)
        experts = ", ".join(map(str, row["experts"]))
        rows.append(f"| {os.path.basename(os.path.dirname(path))} | {experts} | {row['sets']} | {row['launches']} | {row['largest']:.1e} | {row['tolerance']:g} |\n")
    with open(output, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
