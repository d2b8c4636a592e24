"""Spoils one expert in a safetensors file of an artifact."""

import json
import struct


def spoil(path, expert):
    """Flips the top exponent bit of every float of the expert, in all tensors of the file that experts lead."""
    with open(path, "r+b") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        for name, tensor in header.items():
            if name == "__metadata__" or not tensor["shape"] or tensor["dtype"] != "F32":
                continue
            begin, end = tensor["data_offsets"]
            slice_bytes = (end - begin) // tensor["shape"][0]
            file.seek(8 + size + begin + expert * slice_bytes)
            data = bytearray(file.read(slice_bytes))
            data[3::4] = bytes(byte ^ 0x80 for byte in data[3::4])
            file.seek(8 + size + begin + expert * slice_bytes)
            file.write(data)
