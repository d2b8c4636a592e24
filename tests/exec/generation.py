"""Generated tokens are those of ONNX Runtime, run step by step on the same file: generation.py BIN MODELS SCRATCH NAME…"""

import glob
import json
import os
import shutil
import sys

import numpy
import onnx
import onnxruntime
from harness import Failure, check, run, succeed

TOKENS = 12
PROMPTS = {"1,5,9": [[1, 5, 9]], "7": [[7]], "3,1,4;1,5,9": [[3, 1, 4], [1, 5, 9]], "3,1,4,1,5;9,2": [[3, 1, 4, 1, 5], [9, 2]]}
TYPES = {"tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32, "tensor(float)": numpy.float32, "tensor(float16)": numpy.float16}


class Reference:
    """Greedy generation with ONNX Runtime: caches go from a step's outputs to the next one's inputs."""

    def __init__(self, folder, scratch):
        path = os.path.join(folder, "model.onnx")
        model = onnx.load(path, load_external_data=False)
        # ONNX Runtime loses the experts of a MoE node whose input nothing reads later: as outputs of the graph they stay alive.
        model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(node.input[0]) for node in model.graph.node if node.op_type == "MoE")
        alive = os.path.join(scratch, "alive.onnx")
        onnx.save(model, alive)
        for data in glob.glob(path + ".data"):
            shutil.copy(data, scratch)
        self.session = onnxruntime.InferenceSession(alive, providers=["CPUExecutionProvider"])
        self.inputs = {value.name: value for value in self.session.get_inputs()}
        self.outputs = [value.name for value in self.session.get_outputs()]
        self.pasts = {name: numpy.load(os.path.join(folder, "inputs", name + ".npy")).shape for name in self.inputs if name.startswith("past")}

    def generate(self, rows):
        """Prompts of one length go together."""
        if len({len(row) for row in rows}) > 1:
            return [self.generate([row])[0] for row in rows]
        ids = numpy.array(rows, numpy.int64)
        batch = len(ids)
        # Keys and values grow; the state of a convolution is zeros.
        shapes = {name: (batch, shape[1], 0, shape[3]) if len(shape) == 4 else (batch, *shape[1:]) for name, shape in self.pasts.items()}
        caches = {name: numpy.zeros(shape, numpy.float32) for name, shape in shapes.items()}
        done, columns = 0, []
        for _ in range(TOKENS):
            positions = numpy.broadcast_to(numpy.arange(done, ids.shape[1]), (batch, ids.shape[1] - done))
            feeds = {"input_ids": ids[:, done:], "attention_mask": numpy.ones_like(ids), "position_ids": positions, **caches}
            feeds = {name: feeds[name].astype(TYPES[value.type]) for name, value in self.inputs.items()}
            results = dict(zip(self.outputs, self.session.run(self.outputs, feeds)))
            if self.pasts:
                caches = {name: results[name.replace("past_key_values", "present").replace("past_conv", "present_conv")] for name in self.pasts}
                done = ids.shape[1]
            columns.append(results[self.outputs[0]][:, -1].argmax(axis=-1))
            ids = numpy.concatenate([ids, columns[-1][:, None]], axis=1)
        return numpy.array(columns).T.tolist()


def generated(tools, artifact, scratch, prompt, *options):
    report = os.path.join(scratch, "report.json")
    succeed(os.path.join(tools, "moe-run"), artifact, "--generate", TOKENS, "--prompt-ids", prompt, "--json", report, *options)
    with open(report, encoding="utf-8") as file:
        return json.load(file)["generation"]


def check_model(tools, folder, scratch):
    artifact = os.path.join(scratch, "model.moe")
    shutil.rmtree(artifact, ignore_errors=True)
    succeed(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", artifact)
    reference = Reference(folder, scratch)
    for prompt, rows in PROMPTS.items():
        want = reference.generate(rows)
        for ranks in (("-n", 1), ("-n", 2), ("-n", 4, "--in-process")):
            got = generated(tools, artifact, scratch, prompt, *ranks)
            check(got["rows"] == want, f"{folder}, prompt {prompt}, {ranks}: {got['rows']}, not {want}")
            check(got["steps"] == TOKENS * len({len(row) for row in rows}) and got["tokens_per_second"] > 0, f"{folder}: {got}")
    sampling = ["--temperature", 1.5, "--top-k", 20, "--top-p", 0.9]
    draws = [generated(tools, artifact, scratch, "1,5", *sampling, "--seed", seed, "-n", ranks, "--in-process")["rows"]
             for seed, ranks in ((1, 1), (1, 4), (2, 1))]
    check(draws[0] == draws[1] and draws[0] != draws[2], f"{folder}: draws {draws} do not depend on the seed alone")
    first = generated(tools, artifact, scratch, "1,5", "--eos-id", reference.generate([[1, 5]])[0][0])
    check(first["steps"] == 1 and len(first["rows"][0]) == 1, f"{folder}: goes on behind the end: {first}")


def check_ids_file(tools, artifact, scratch):
    """Prompts of a file are those of the command line; --pad-id says what pads them."""
    path = os.path.join(scratch, "ids.npy")
    numpy.save(path, numpy.array([[3, 1, 4, 1, 5], [0, 0, 0, 9, 2]]))
    check(generated(tools, artifact, scratch, "@" + path, "--pad-id", 0)["rows"] == generated(tools, artifact, scratch, "3,1,4,1,5;9,2")["rows"],
          "a file of ids generates something else")


def check_refusals(tools, artifact):
    for options, message in ((["--generate", 4], "needs a prompt"), (["--prompt-ids", "1"], "goes with --generate"),
                             (["--generate", 4, "--prompt-ids", "1,x"], "is no token"), (["--generate", 0, "--prompt-ids", "1"], "at least 1"),
                             (["--generate", 4, "--prompt-ids", "1", "--top-p", 0], "--top-p"),
                             (["--generate", 4, "--prompt-ids", "1", "--role", "tokens=nothing"], "no input of this name"),
                             (["--generate", 4, "--prompt-ids", "1", "--role", "caches=input_ids"], "the roles are"),
                             (["--generate", 4, "--prompt-ids", "1", "--print-digest"], "makes its own inputs")):
        done = run(os.path.join(tools, "moe-run"), artifact, *options)
        check(done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1, f"{options}: exit {done.returncode}: {done.stderr}")
    done = run(os.path.join(tools, "moe-run"), artifact, "--generate", 40, "--prompt-ids", "1,2,3", "--max-seq", 20)
    check(done.returncode == 8 and "--max-seq" in done.stderr, f"beyond the limit: exit {done.returncode}: {done.stderr}")


def main(tools, models, scratch, *names):
    os.makedirs(scratch, exist_ok=True)
    for name in names:
        check_model(tools, os.path.join(models, name), scratch)
    artifact = os.path.join(scratch, "model.moe")
    check_ids_file(tools, artifact, scratch)
    check_refusals(tools, artifact)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
