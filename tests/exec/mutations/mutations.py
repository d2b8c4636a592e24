"""Mutants of MoE models: each must be raised or left plain rightly, or refused; never run to another result than ONNX Runtime's.

    mutations.py BIN SCRATCH [--models FOLDER ...] [--variants] [--sample N] [--per-model N] [--at-least N] [--seed S] [--only REGEX] [--plain]

Takes the models of the folders (model.onnx, inputs/) and the variants of tests/exec/variants, or a sample of them. Prints the counts of each
verdict; the file verdicts.tsv in SCRATCH has every mutant, written as they are judged. Whole: --models tests/models --variants --per-model 16 --at-least 500.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import random
import re
import shutil
import sys
import zlib

import numpy
import onnx

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, ".."), os.path.join(here, "..", "variants")]
import catalogue  # noqa: E402
import mutants  # noqa: E402
import reference  # noqa: E402
from harness import Failure, check, read_meta, run, succeed  # noqa: E402

WORKERS = 2
TOLERANCE = 1e-3
TANH_GELU = 5e-3
VERDICTS = ["raised and right", "plain and right", "refused", "stopped", "no measure", "near tie", "NaN among keys", "not accepted by ONNX Runtime", "WRONG", "CRASH"]
REFUSALS = {3, 4}
STOPS = {2, 3, 4, 7, 8}  # of moe-run: the sizes of the inputs, or the data, are refused


class Subject:
    """A model of the corpus, with one set of inputs."""

    def __init__(self, name, model, feed, tolerance):
        self.name, self.model, self.feed, self.tolerance = name, model, feed, max(TOLERANCE, tolerance)


def stored(folder):
    feed = {os.path.basename(path).removesuffix(".npy"): numpy.load(path) for path in glob.glob(os.path.join(folder, "inputs", "*.npy"))}
    return Subject(os.path.basename(folder), onnx.load(os.path.join(folder, "model.onnx")), feed, read_meta(folder)["tolerance"]["rtol"])


def made(name, builder, options):
    source = builder(seed=zlib.crc32(name.encode()), **options)
    return Subject("variant-" + name, source.build(), next(iter(source.feeds())), (source.tolerance or {"rtol": 0.0})["rtol"])


def list_corpus(folders, variants, only, sample, seed):
    """What makes each subject, by name; at most `sample` of each folder and of each group of variants."""
    groups = [read_folder(folder) for folder in folders]
    if variants:
        groups += [{"variant-" + name: (made, (name, *rest)) for name, rest in group.items()} for group in catalogue.GROUPS.values()]
    chance = random.Random(seed)
    makers = {}
    for group in groups:
        names = [name for name in group if re.search(only, name)]
        makers |= {name: group[name] for name in (chance.sample(names, min(sample, len(names))) if sample else names)}
    return makers


def read_folder(folder):
    makers = {}
    for path in sorted(glob.glob(os.path.join(folder, "*", "model.onnx"))):
        if os.path.isdir(os.path.join(os.path.dirname(path), "inputs")):
            makers[os.path.basename(os.path.dirname(path))] = (stored, (os.path.dirname(path),))
    return makers


class Compiler:
    def __init__(self, tools, scratch):
        self.moe_opt, self.moe_run, self.scratch = os.path.join(tools, "moe-opt"), os.path.join(tools, "moe-run"), scratch
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)

    def save(self, model):
        path = os.path.join(self.scratch, "model.onnx")
        onnx.save(model, path)
        return path

    def compile(self, model):
        return run(self.moe_opt, self.save(model), "-o", os.path.join(self.scratch, "model.moe"))

    def count_layers(self):
        with open(os.path.join(self.scratch, "model.moe", "report.json"), encoding="utf-8") as file:
            return len(re.findall(r'"experts":', file.read()))

    def run(self, feed, outputs):
        folder = os.path.join(self.scratch, "in")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name, array in feed.items():
            numpy.save(os.path.join(folder, name + ".npy"), array)
        files = {name: os.path.join(self.scratch, f"{number}.npy") for number, name in enumerate(outputs)}
        done = run(self.moe_run, os.path.join(self.scratch, "model.moe"), "-n", 1, "--in-process", "--threads", 1, "--input-dir", folder,
                   *(part for name, path in files.items() for part in ("--output", f"{name}=@{path}")))
        return done, {name: numpy.load(path) for name, path in files.items()} if done.returncode == 0 else {}

    def find_pattern(self, model):
        """The names of the nodes that raising replaces: their names are gone, or stand at an op of a layer."""
        text = os.path.join(self.scratch, "raised.mlir")
        succeed(self.moe_opt, self.save(model), "--stop-after=raise", "-o", text)
        with open(text, encoding="utf-8") as file:
            lines = file.read()
        named = dict(re.findall(r'^(#loc\d*) = loc\("((?:[^"\\]|\\.)*)"\(', lines, re.MULTILINE))
        layers = set(re.findall(r"= moe\.\w+ .* loc\((#loc\d*)\)$", lines, re.MULTILINE))
        left = {name for where, name in named.items() if where not in layers}
        return {node.name for node in model.graph.node} - left


def judge(compiler, runner, subject, layers, mutant):
    """The verdict, and its reason."""
    stated = reference.with_defined_order(mutant.model)
    try:
        wanted = runner.run(stated, subject.feed, reference.kept_operands(stated))
    except reference.Rejected:
        return "not accepted by ONNX Runtime", ""
    done = compiler.compile(mutant.model)
    if done.returncode in REFUSALS:
        return "refused", done.stderr.strip()
    if done.returncode != 0:
        return "CRASH", f"moe-opt: exit {done.returncode}: {done.stderr.strip()[:300]}"
    raised = compiler.count_layers() == layers
    done, outputs = compiler.run(subject.feed, [output.name for output in mutant.model.graph.output])
    if done.returncode in STOPS:
        return "stopped", done.stderr.strip()
    if done.returncode != 0:
        return "CRASH", f"moe-run: exit {done.returncode}: {done.stderr.strip()[:300]}"
    tolerance = max(subject.tolerance, TANH_GELU if reference.has_tanh_gelu(mutant.model) else 0.0)
    differences = [f"{name}: {what}" for name, got in outputs.items() if (what := reference.difference(got, wanted[name], tolerance))]
    if not differences:
        return ("raised and right" if raised else "plain and right"), ""
    if reason := reference.why_no_measure(mutant.model):
        return "no measure", reason
    if reason := reference.why_no_choice(runner.run, stated, subject.feed):
        return reason, "; ".join(differences)
    if reference.has_negative_weights(runner.run, stated, subject.feed):
        return "no measure", "its QMoE leaves out experts of negative weights"
    return "WRONG", ("raised: " if raised else "plain: ") + "; ".join(differences)


def examine(tools, scratch, maker, limit, seed, plain):
    """The verdicts over one subject: (name, kind, what, verdict, reason) a mutant. Nothing of one without a layer, unless it is examined as `plain`."""
    subject = maker[0](*maker[1])
    compiler = Compiler(tools, scratch)
    runner = reference.Runner()
    bare = mutants.copy(subject.model)
    try:
        values = runner.run(bare, subject.feed, reference.inner_values(bare))
    except reference.Rejected as error:
        return [(subject.name, "none", "the model itself", "not accepted by ONNX Runtime", str(error))]
    done = compiler.compile(bare)
    if done.returncode != 0:
        return [(subject.name, "none", "the model itself", "refused" if done.returncode in REFUSALS else "CRASH", done.stderr.strip())]
    layers = compiler.count_layers()
    if layers == 0 and not plain:
        return []
    verdict, reason = judge(compiler, runner, subject, layers, mutants.Mutant("none", "the model itself", bare))
    if verdict != "raised and right":
        # Some models have another oracle than ONNX Runtime on the file.
        return [(subject.name, "none", "the model itself", "no measure", f"{verdict}: {reason}")]
    chance = random.Random(f"{seed} {subject.name}")
    makers = mutants.Mutator(bare, values, compiler.find_pattern(bare) if layers else {node.name for node in bare.graph.node}, chance).all()
    chance.shuffle(makers)
    rows = []
    for make in makers:
        if limit is not None and sum(row[3] != "not accepted by ONNX Runtime" for row in rows) >= limit:
            break
        mutant = make()
        rows.append((subject.name, mutant.kind, mutant.what, *judge(compiler, runner, subject, layers, mutant)))
    runner.stop()
    shutil.rmtree(scratch)
    return rows


def tell(rows):
    counts = collections.Counter(row[3] for row in rows)
    accepted = len(rows) - counts["not accepted by ONNX Runtime"]
    print(f"{len({row[0] for row in rows})} models, {len(rows)} mutants, {accepted} accepted by ONNX Runtime")
    for verdict in VERDICTS:
        print(f"  {counts[verdict]:6} {verdict}")
    kinds = collections.Counter(row[1] for row in rows if row[3] != "not accepted by ONNX Runtime")
    print("  models without a measure: " + (", ".join(row[0] for row in rows if row[1] == "none") or "none"))
    print("  of kinds: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for row in rows:
        if row[3] in ("WRONG", "CRASH"):
            print("\n".join(["", *map(str, row)]))
    return counts, accepted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools")
    parser.add_argument("scratch")
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int, help="models of each folder and of each group of variants; default all")
    parser.add_argument("--per-model", type=int, help="mutants of each model that ONNX Runtime accepts; default all")
    parser.add_argument("--at-least", type=int, default=1, help="fail with fewer mutants that ONNX Runtime accepts")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--plain", action="store_true", help="models without a layer, too: any of their nodes may change")
    arguments = parser.parse_args()
    corpus = list_corpus(arguments.models, arguments.variants, arguments.only, arguments.sample, arguments.seed)
    os.makedirs(arguments.scratch, exist_ok=True)
    rows = []
    with open(os.path.join(arguments.scratch, "verdicts.tsv"), "w", encoding="utf-8") as log, concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(examine, arguments.tools, os.path.join(arguments.scratch, name), maker, arguments.per_model, arguments.seed, arguments.plain)
                for name, maker in corpus.items()]
        for job in concurrent.futures.as_completed(jobs):
            rows += job.result()
            log.writelines("\t".join(map(str, row)).replace("\n", " | ") + "\n" for row in job.result())
            log.flush()
    counts, accepted = tell(sorted(rows))
    check(counts["WRONG"] == counts["CRASH"] == 0, "a mutant gave another result than ONNX Runtime, or ended a tool")
    check(accepted >= arguments.at_least, f"{accepted} mutants, not {arguments.at_least}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
