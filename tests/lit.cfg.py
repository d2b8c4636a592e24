import os

import lit.formats
from lit.llvm import llvm_config

config.name = "switchyard"
config.suffixes = [".mlir", ".test"]
config.excludes = ["models", "Inputs", "__pycache__"]
config.test_format = lit.formats.ShTest(not llvm_config.use_lit_shell)
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.switchyard_obj_root, "tests", "lit")
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("FILECHECK_OPTS", "-enable-var-scope --allow-unused-prefixes=false")
tools = os.path.join(config.switchyard_obj_root, "bin")
llvm_config.with_environment("PATH", tools, append_path=True)
llvm_config.add_tool_substitutions(["moe-opt", "moe-run"], [tools])
llvm_config.use_default_substitutions()
config.substitutions.append(("%bin", tools))
config.bin = tools

# The project's own Python (onnx, onnxruntime, numpy); tests that need it say `REQUIRES: python-wheels`.
venv = os.path.join(config.switchyard_src_root, ".venv", "bin", "python3")
python = venv if os.path.exists(venv) else "python3"
config.substitutions.insert(0, ("%python", python))  # before the one of lit, which is the system's
config.python = python
config.substitutions.append(("%models", os.path.join(config.switchyard_src_root, "tests", "models")))
config.substitutions.append(("%src", config.switchyard_src_root))
if os.path.exists(venv):
    config.available_features.add("python-wheels")
# Absent in a build without the runtime.
if os.path.exists(os.path.join(tools, "moe-run")):
    config.available_features.add("moe-run")
