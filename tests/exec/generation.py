"""Generated tokens are those of ONNX Runtime, run step by step on the same file, each prompt by itself: generation.py BIN MODELS SCRATCH [NAME[=PADDING]…]

PADDING is what prompts of different lengths must take. Without names, all decoders with a cache below MODELS are checked, and each gets a line."""

import json
import os
import shutil
import sys

import numpy
from decoder_reference import Reference, has_cache
from harness import Failure, check, run, succeed

TOKENS = 12
RANKS = (("-n", 1), ("-n", 2), ("-n", 4, "--in-process"))
PROMPTS = ("1,5,9", "7", "3,1,4;1,5,9", "3,1,4,1,5;9,2", "9,2;3,1,4,1,5,9,2;7;8,3,1;6,5")
SMALL = ("--max-batch", 8, "--max-seq", 32)  # a report fills all memory that the limits ask for
UNSUPPORTED = 4


def rows_of(prompt):
    return [[int(token) for token in row.split(",")] for row in prompt.split(";")]


def generated(tools, artifact, scratch, prompt, *options):
    report = os.path.join(scratch, "report.json")
    succeed(os.path.join(tools, "moe-run"), artifact, "--generate", TOKENS, "--prompt-ids", prompt, "--json", report, *SMALL, *options)
    with open(report, encoding="utf-8") as file:
        return json.load(file)["generation"]


def compiled(tools, folder, scratch, codes=(0,)):
    artifact = os.path.join(scratch, "model.moe")
    shutil.rmtree(artifact, ignore_errors=True)
    done = succeed(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", artifact, codes=codes)
    return artifact if done.returncode == 0 else None


def check_steps(got, rows, reference, folder):
    lengths = [len(row) for row in rows]
    check(got["batches"] in (1, len(set(lengths))) and got["tokens_per_second"] > 0 and got["first_token_seconds"] > 0, f"{folder}: {got}")
    if len(set(lengths)) == 1 or got["padding"] != "none":
        steps = TOKENS if not reference.step else TOKENS + lengths[0] - 1
        check(got["steps"] == steps and got["batches"] == 1, f"{folder}: not {steps} steps of one batch: {got}")


def check_tokens(tools, artifact, folder, scratch):
    """What prompts of different lengths took."""
    reference, paddings = Reference(folder, scratch), set()
    for prompt in PROMPTS:
        rows = rows_of(prompt)
        want = reference.generate(rows, TOKENS)
        for ranks in RANKS:
            got = generated(tools, artifact, scratch, prompt, *ranks)
            check(got["rows"] == want, f"{folder}, prompt {prompt}, {ranks}: {got['rows']}, not {want}")
            check_steps(got, rows, reference, folder)
            if len({len(row) for row in rows}) > 1:
                paddings.add(f"{got['padding']} in {'one batch' if got['batches'] == 1 else 'batches'}")
    return ", ".join(sorted(paddings))


def check_draws(tools, artifact, folder, scratch):
    sampling = ["--temperature", 1.5, "--top-k", 20, "--top-p", 0.9]
    draws = [generated(tools, artifact, scratch, "1,5;2,3,4", *sampling, "--seed", seed, "-n", ranks, "--in-process")["rows"]
             for seed, ranks in ((1, 1), (1, 4), (2, 1))]
    check(draws[0] == draws[1] and draws[0] != draws[2], f"{folder}: draws {draws} do not depend on the seed alone")
    # The first prompt is the same sequence in either job, so that it has the same draws.
    alone = generated(tools, artifact, scratch, "1,5", *sampling, "--seed", 1)["rows"]
    check(draws[0][0] == alone[0], f"{folder}: a draw {draws[0][0]} beside another prompt, {alone[0]} alone")


def check_end(tools, artifact, folder, scratch):
    first = generated(tools, artifact, scratch, "1,5")["rows"][0][0]
    got = generated(tools, artifact, scratch, "1,5", "--eos-id", first)
    check(got["rows"] == [[first]], f"{folder}: goes on behind the end: {got}")


def check_model(tools, folder, scratch, padding):
    artifact = compiled(tools, folder, scratch)
    got = check_tokens(tools, artifact, folder, scratch)
    check(got == padding.replace("-", " ") or not padding, f"{folder}: prompts of different lengths take {got}, not {padding}")
    check_draws(tools, artifact, folder, scratch)
    check_end(tools, artifact, folder, scratch)


def check_ids_file(tools, artifact, scratch):
    """Prompts of a file are those of the command line; --pad-id says what pads them."""
    path = os.path.join(scratch, "ids.npy")
    for pad in (0, -1):
        numpy.save(path, numpy.array([[3, 1, 4, 1, 5], [pad, pad, pad, 9, 2]]))
        check(generated(tools, artifact, scratch, "@" + path, "--pad-id", pad)["rows"] == generated(tools, artifact, scratch, "3,1,4,1,5;9,2")["rows"],
              "a file of ids generates something else")
    done = run(os.path.join(tools, "moe-run"), artifact, "--generate", 4, "--prompt-ids", "@" + path)
    check(done.returncode == 2 and "prompt 1 has the token -1" in done.stderr and "--pad-id" in done.stderr, f"exit {done.returncode}: {done.stderr}")


def sweep(tools, models, scratch):
    """All decoders with a cache below a folder, each with a line."""
    folders = sorted(root for root, inside, files in os.walk(models)
                     if "inputs" in inside and "model.onnx" in files and has_cache(os.path.join(root, "model.onnx")))
    counts = {"token-identical": 0, "refused": 0, "different": 0}
    for folder in folders:
        artifact, detail = compiled(tools, folder, scratch, (0, UNSUPPORTED)), ""
        try:
            outcome, detail = ("refused", "") if not artifact else ("token-identical", check_tokens(tools, artifact, folder, scratch))
        except Failure as failure:
            outcome, detail = "different", str(failure)
        counts[outcome] += 1
        print(f"{os.path.relpath(folder, models)}: {outcome}, {detail}", flush=True)
    print(f"{len(folders)} decoders on {', '.join(str(ranks[1]) for ranks in RANKS)} ranks: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    check(counts["different"] == 0 and folders, "not all decoders generate the tokens of ONNX Runtime")


def main(tools, models, scratch, *names):
    os.makedirs(scratch, exist_ok=True)
    if not names:
        return sweep(tools, models, scratch)
    for name, _, padding in (text.partition("=") for text in names):
        check_model(tools, os.path.join(models, name), scratch, padding)
    check_ids_file(tools, os.path.join(scratch, "model.moe"), scratch)
    return None


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
