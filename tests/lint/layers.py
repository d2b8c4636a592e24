"""The layer law for #include lines, with the table of tools/cmake/Layers.cmake."""

import os
import re

from tree import ROOT, files, finish, read

# The layer of a path: the longest prefix counts. Headers of kernels/support are data like the layouts.
ROOMS = {
    "kernels": "kernels", "kernels/abi.h": "kernels_layout", "kernels/kernels.inc": "kernels_layout",
    "kernels/layout": "kernels_layout", "kernels/support": "kernels_layout", "runtime": "runtime", "runtime/base": "base",
    "runtime/artifact": "artifact", "dialects": "dialects", "compiler": "compiler", "frontends": "frontends", "tools": "tools",
    "tests": "tests",
}
# Which layers may include a header of LLVM or MLIR, by the start of its path; everybody else may not.
OUTSIDE = {"mlir/": {"dialects", "compiler", "frontends", "tools", "tests"},
           "llvm/": {"base", "artifact", "runtime", "dialects", "compiler", "frontends", "tools", "tests"}}


def layer(path):
    prefixes = [room for room in ROOMS if path == room or path.startswith(room + "/")]
    return ROOMS[max(prefixes, key=len)] if prefixes else None


def law():
    table = read("tools/cmake/Layers.cmake").replace("${SWITCHYARD_LAYER_ALLOWS_tools}",
                                                     re.search(r'ALLOWS_tools +"([^"]*)"', read("tools/cmake/Layers.cmake")).group(1))
    return {name: set(filter(None, allowed.split(";"))) for name, allowed in re.findall(r'LAYER_ALLOWS_(\w+) +"([^"]*)"\)', table)}


def problems(path, allowed):
    own = layer(path)
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if not match:
            continue
        target = match.group(1)
        other = layer(target)
        if other and other != own and other not in allowed[own]:
            yield f"{path}:{number}: layer {own} may not use {target} (layer {other})"
        for prefix, who in OUTSIDE.items():
            if target.startswith(prefix) and own not in who:
                yield f"{path}:{number}: layer {own} may not use {target}"
        if '"' in line and not other and os.path.exists(os.path.join(ROOT, os.path.dirname(path), target)):
            yield f"{path}:{number}: write the path of {target} from the repository root"


if __name__ == "__main__":
    table = law()
    sources = [path for path in files("*.h", "*.cc", "*.cpp", "*.inc", "*.cu", "*.c") if layer(path)]
    finish([problem for path in sources for problem in problems(path, table)] if sources else ["no sources found"])
