"""Which tensors of a decoder are its tokens, mask, positions, states and logits, whatever their names: decoder_names.py BIN MODELS SCRATCH.

Each case renames the inputs and outputs of a model, also in another order; the tokens must be those of the model as it is."""

import os
import random
import re
import sys

import onnx
from harness import Failure, check, run, succeed

CACHED, POSITIONED, CONVOLVED = "genai_silu_top2_f32", "qwen3_moe-dynamo-batched_mm-decode", "lfm2_moe_q4"
PROMPTS = "1,5,9;3,1"


def renamed(folder, path, rename):
    """Writes the model with other names, its inputs and outputs shuffled."""
    model = onnx.load(os.path.join(folder, "model.onnx"))
    graph = model.graph
    stored = {tensor.name for tensor in graph.initializer}
    names = {value.name: rename(value.name, place) for values in ([value for value in graph.input if value.name not in stored], graph.output)
             for place, value in enumerate(values)}
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for values in (graph.input, graph.output, graph.value_info):
        mixed = list(values)
        random.Random(len(mixed)).shuffle(mixed)
        for value in mixed:
            value.name = names.get(value.name, value.name)
        del values[:]
        values.extend(mixed)
    onnx.save(model, path)


def other_words(name, _):
    """Names with none of the usual words: k_cache_in_0 and k_cache_out_0, x, valid, where, y."""
    plain = {"input_ids": "x", "attention_mask": "valid", "position_ids": "where", "logits": "y"}
    if name in plain:
        return plain[name]
    side = "out" if "present" in name else "in"
    part = "conv" if "conv" in name else "k" if name.endswith("key") else "v"
    return f"{part}_cache_{side}_{re.search('[0-9]+', name)[0]}"


def numbered(name, place):
    return f"res{place}" if name == "logits" or "present" in name else f"arg{place}"


class Names:
    def __init__(self, tools, models, scratch):
        os.makedirs(scratch, exist_ok=True)
        self.tools, self.models, self.scratch = tools, models, scratch

    def compiled(self, path):
        artifact = os.path.join(self.scratch, "model.moe")
        succeed(os.path.join(self.tools, "moe-opt"), path, "-o", artifact)
        return artifact

    def tokens(self, artifact, *options):
        done = succeed(os.path.join(self.tools, "moe-run"), artifact, "--generate", 6, "--prompt-ids", PROMPTS, *options)
        return [line for line in done.stdout.splitlines() if not line.startswith("#")]

    def check(self, model, rename, *options):
        folder, path = os.path.join(self.models, model), os.path.join(self.scratch, "renamed.onnx")
        want = self.tokens(self.compiled(os.path.join(folder, "model.onnx")))
        renamed(folder, path, rename)
        artifact = self.compiled(path)
        got = self.tokens(artifact, *options)
        check(got == want, f"{model} with other names: {got}, not {want}")
        return artifact

    def refused(self, artifact, message, *options):
        done = run(os.path.join(self.tools, "moe-run"), artifact, "--generate", 6, "--prompt-ids", PROMPTS, *options)
        check(done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1, f"{options}: exit {done.returncode}: {done.stderr}")


def main(tools, models, scratch):
    names = Names(tools, models, scratch)
    names.check(CACHED, other_words)
    artifact = names.check(POSITIONED, other_words, "--role", "tokens=x", "--role", "positions=where")
    names.refused(artifact, "which input is the tokens of the decoder is open: ")
    names.check(CONVOLVED, other_words, "--role", "tokens=x", "--role", "positions=where")
    states = [part for past, present in ((2, 1), (3, 2), (4, 3)) for part in ("--state", f"arg{past}=res{present}")]
    artifact = names.check(CACHED, numbered, *states)
    names.refused(artifact, "which output continues the state 'arg", *states[:4])
    for flag, message in (("arg2", "is not input=output"), ("arg2=res9", "no output 'res9'"), ("arg9=res1", "no input 'arg9'"),
                          ("arg0=res1", "does not continue"), ("arg5=res1", "continues another input already")):
        names.refused(artifact, message, "--state", "arg4=res1", "--state", flag)
    names.refused(artifact, "names the input a second time", *states, *states)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
