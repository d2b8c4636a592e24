"""What moe-run says of wrong uses: command_line.py BIN MODELS SCRATCH."""

import os
import shutil
import sys

import numpy
import onnx

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "exec"))
from harness import Failure, check, run, succeed  # noqa: E402

MODEL = "genai_silu_top2_f32"


class MoeRun:
    def __init__(self, tools, models, scratch):
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        self.tool, self.scratch, self.model = os.path.abspath(os.path.join(tools, "moe-run")), scratch, os.path.abspath(os.path.join(models, MODEL))
        succeed(os.path.join(tools, "moe-opt"), os.path.join(self.model, "model.onnx"), "-o", os.path.join(scratch, "m.moe"))

    def folder(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path, exist_ok=True)
        return path

    def refused(self, code, message, *options, artifact="m.moe"):
        """One line with `message`, exit `code`, and no file beside the artifact and what the test wrote."""
        before = sorted(os.listdir(self.scratch))
        done = run(self.tool, artifact, *options, cwd=self.scratch)
        check(done.returncode == code, f"{options}: exit {done.returncode}, not {code}: {done.stderr}")
        check(message in done.stderr and done.stderr.count("\n") == 1, f"{options}: not one line with '{message}':\n{done.stderr}")
        check(sorted(os.listdir(self.scratch)) == before, f"{options}: left {os.listdir(self.scratch)}")


def outputs_are_checked_before_the_run(moe_run):
    inputs = os.path.join(moe_run.model, "inputs")
    for options in (["--json", "nowhere/report.json"], ["--output", "logits=@nowhere/logits.npy"]):
        file = options[1].rpartition("@")[2]
        moe_run.refused(2, f"'{file}': cannot be written: there is no folder 'nowhere'", "--input-dir", inputs, "--duration", 30, *options)
    succeed(moe_run.tool, "m.moe", "--input-dir", inputs, "--output-dir", "made/for/it", cwd=moe_run.scratch)
    check(os.path.exists(os.path.join(moe_run.scratch, "made", "for", "it", "logits.npy")), "--output-dir makes no folder")
    for options in (["--json", "/dev/null"], ["--output", "logits=@/dev/null"]):
        succeed(moe_run.tool, "m.moe", "--input-dir", inputs, *options, cwd=moe_run.scratch)
    moe_run.refused(2, "arrays are read from and written to files", "--input-dir", inputs, "--output", "logits=@-")


def differences_in_form_are_told_as_such(moe_run):
    numpy.save(os.path.join(moe_run.scratch, "other.npy"), numpy.zeros((1, 1, 96), numpy.float32))
    done = run(moe_run.tool, "m.moe", "--input-dir", os.path.join(moe_run.model, "inputs"), "--expect", "logits=@other.npy", cwd=moe_run.scratch)
    line = done.stderr.splitlines()[0]
    check(done.returncode == 8 and "differs in form: it is " in line and line.endswith("expected 1x1x96xf32"), f"exit {done.returncode}: {done.stderr}")


def tolerances_go_with_what_is_expected(moe_run):
    inputs = os.path.join(moe_run.model, "inputs")
    for flag in ("--atol", "--rtol"):
        moe_run.refused(2, f"{flag} is for comparisons: it goes with --expect, --expect-dir or --cases", "--input-dir", inputs, flag, "1e-3")
    succeed(moe_run.tool, "m.moe", "--input-dir", inputs, "--expect-dir", os.path.join(moe_run.model, "outputs"), "--atol", "1e-3", cwd=moe_run.scratch)


def help_has_the_default_tolerances(moe_run):
    text = succeed(moe_run.tool, "--help").stdout
    for flag, default in (("rtol", "1e-3"), ("atol", "1e-4")):
        check(any(f"--{flag}=" in line and f"(default: {default})" in line for line in text.splitlines()), f"--help has no default of --{flag}")
    # Between the tolerances of which it tells.
    inputs = os.path.join(moe_run.model, "inputs")
    succeed(moe_run.tool, "m.moe", "--input-dir", inputs, "--output", "logits=@zero.npy", cwd=moe_run.scratch)
    logits = numpy.load(os.path.join(moe_run.scratch, "zero.npy"))
    for factor, code in ((0.9, 0), (1.1, 8)):
        numpy.save(os.path.join(moe_run.scratch, "near.npy"), (logits + factor * (1e-4 + 1e-3 * abs(logits))).astype(numpy.float32))
        done = run(moe_run.tool, "m.moe", "--input-dir", inputs, "--expect", "logits=@near.npy", cwd=moe_run.scratch)
        check(done.returncode == code, f"{factor} of the default tolerances: exit {done.returncode}: {done.stderr}")


def wrong_values_are_told_with_the_right_ones(moe_run):
    for message, *options in (
            ("--verify=most: expected header, full or off\n", "--verify=most"), ("-n=x: expected an integer of 32 bits\n", "-n", "x"),
            ("--rtol=a: expected a number\n", "--rtol=a"), ("--in-process=maybe: expected true or false\n", "--in-process=maybe"),
            ("--seed=-1: expected an integer of 64 bits, 0 or above\n", "--seed=-1"), ("Unknown command line argument '--device=foo'", "--device=foo")):
        moe_run.refused(2, f"moe-run: {message}", *options)


def lengths_that_no_call_can_have_are_told(moe_run):
    """Sizes of the caches, tokens of the call and columns of the mask, of which the rotary cache has 32 rows."""
    for message, past, tokens, columns, *options in (
            ("dimension 'sequence_length' is 33, the limit is 32; the model's rotary cache has 32 rows, so at most 32 positions", 0, 33, 33),
            ("dimension 'total_sequence_length' is 600, the limit is 512; the model's rotary cache has 32 rows, so at most 32 positions", 599, 1, 600),
            ("dimension 'total_sequence_length' is 30, the limit is 20; raise it with --max-seq", 29, 1, 30, "--max-seq", 20),
            ("position 32 of token 32 is outside the rotary cache of 32 rows", 0, 33, 33, "--max-seq", 64),
            ("the attention mask is for 4 keys (total_sequence_length), but 5 new tokens behind 0 past ones make 5", 0, 5, 4),
            ("the attention mask is for 6 keys (total_sequence_length), but 5 new tokens behind 0 past ones make 5", 0, 5, 6),
            ("the attention mask is for 6 keys (total_sequence_length), but 2 new tokens behind 3 past ones make 5", 3, 2, 6)):
        files = {"input_ids": numpy.ones((1, tokens), numpy.int64), "attention_mask": numpy.ones((1, columns), numpy.int64)}
        for layer in (0, 1):
            for half in ("key", "value"):
                files[f"past_key_values.{layer}.{half}"] = numpy.zeros((1, 2, past, 16), numpy.float32)
        for name, array in files.items():
            numpy.save(os.path.join(moe_run.folder("lengths"), f"{name}.npy"), array)
        moe_run.refused(8, message, "--input-dir", "lengths", *options)


def the_version_is_that_of_the_project(moe_run):
    printed = succeed(moe_run.tool, "--version").stdout
    check(printed.startswith("Switchyard version ") and printed.count("\n") == 1, f"--version prints {printed}")


def a_failing_case_is_named(moe_run):
    shutil.copytree(os.path.join(moe_run.model, "inputs"), os.path.join(moe_run.scratch, "bad"))
    path = os.path.join(moe_run.scratch, "bad", "input_ids.npy")
    ids = numpy.load(path)
    ids[0, 0] = 96
    numpy.save(path, ids)
    with open(os.path.join(moe_run.scratch, "cases"), "w", encoding="utf-8") as file:
        file.write(f"good {moe_run.model}/inputs\nwrong bad\n")
    moe_run.refused(8, "case 'wrong': ", "--cases", "cases")


def memory_that_a_job_cannot_have_is_refused_by_check(moe_run):
    moe_run.refused(7, "and this machine has ", "--max-batch", 100000000, "--check")
    done = succeed(moe_run.tool, "m.moe", "--check", cwd=moe_run.scratch)
    check(done.stdout.startswith("ok: artifact "), done.stdout)


def what_generation_cannot_do_is_told_before_its_first_step(moe_run):
    prompt = ["--generate", 4, "--prompt-ids", "1"]
    for code, message, *options in (
            (2, "needs a prompt", "--generate", 4), (2, "goes with --generate", "--prompt-ids", "1"),
            (2, "is no token", "--generate", 4, "--prompt-ids", "1,x"), (2, "at least 1", "--generate", 0, "--prompt-ids", "1"),
            (2, "prompt 1 has the token -1", "--generate", 4, "--prompt-ids", "1;2,-1"),
            (8, "index 1000 at position 0 is outside the table of 96 rows", "--generate", 4, "--prompt-ids", "1000"),
            (2, "--top-p", *prompt, "--top-p", 0), (2, "no input of this name", *prompt, "--role", "tokens=nothing"),
            (2, "the roles are", *prompt, "--role", "caches=input_ids"), (2, "makes its own inputs", *prompt, "--print-digest"),
            (2, "runs once", *prompt, "--iterations", 2), (2, "the model has no input of this name", *prompt, "--input", "nothing=@x.npy"),
            (2, "leave --input input_ids out", *prompt, "--input", "input_ids=@x.npy"),
            (2, "makes this input itself", *prompt, "--input", "input_ids=@x.npy", "--role", "tokens=input_ids"),
            (2, "begins with empty states", *prompt, "--input", "past_key_values.0.key=@x.npy"),
            (8, "--generate 18 behind 3 tokens: dimension 'total_sequence_length' is 20, the limit is 19; raise it with --max-seq",
             "--generate", 18, "--prompt-ids", "1,2,3;4", "--max-seq", 19),
            (8, "--prompt-ids of up to 3 tokens", "--generate", 1, "--prompt-ids", "1,2,3", "--max-seq", 2),
            (8, "--generate 32 behind 2 tokens: the model reads 33 tokens; the model's rotary cache has 32 rows, so at most 32 positions",
             "--generate", 32, "--prompt-ids", "1,2"),
            (8, "--generate 600 behind 1 tokens: the model reads 600 tokens; the model's rotary cache has 32 rows", "--generate", 600, "--prompt-ids", "1"),
            (8, "--prompt-ids of up to 33 tokens: the model reads 33 tokens; the model's", "--generate", 1, "--prompt-ids", ",".join(33 * "1"), "--max-seq", 99),
            (8, "--prompt-ids has 3 prompts, but the limit of the batch ('batch_size') is 2; raise it with --max-batch 3, here or in moe-opt",
             "--generate", 1, "--prompt-ids", "1;2;3,4", "--max-batch", 2)):
        moe_run.refused(code, message, *options)
    succeed(moe_run.tool, "m.moe", "--generate", 31, "--prompt-ids", "1,2", cwd=moe_run.scratch)
    succeed(moe_run.tool, "m.moe", "--generate", 18, "--prompt-ids", "1,2,3;4", "--max-seq", 20, cwd=moe_run.scratch)


def a_model_of_one_batch_takes_as_many_prompts(moe_run):
    model = onnx.load(os.path.join(moe_run.model, "model.onnx"))
    for value in [*model.graph.input, *model.graph.output]:
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param == "batch_size":
                size.dim_value = 2
    onnx.save(model, os.path.join(moe_run.scratch, "pair.onnx"))
    succeed(os.path.join(os.path.dirname(moe_run.tool), "moe-opt"), "pair.onnx", "-o", "pair.moe", cwd=moe_run.scratch)
    moe_run.refused(2, "--prompt-ids has 3 prompts, but the batch of the model is 2", "--generate", 1, "--prompt-ids", "1;2;3", artifact="pair.moe")


def prompts_are_read_before_they_run(moe_run):
    numpy.save(os.path.join(moe_run.scratch, "none.npy"), numpy.zeros((0, 3), numpy.int64))
    numpy.save(os.path.join(moe_run.scratch, "pads.npy"), numpy.array([[1, 2], [0, 0]]))
    numpy.save(os.path.join(moe_run.scratch, "real.npy"), numpy.zeros((1, 3)))
    for message, *options in (("there is no prompt", "@none.npy"), ("prompt 1 is empty", "@pads.npy", "--pad-id", 0), ("expected i64 or i32", "@real.npy")):
        moe_run.refused(2, message, "--generate", 4, "--prompt-ids", *options)


if __name__ == "__main__":
    try:
        moe_run = MoeRun(*sys.argv[1:])
        outputs_are_checked_before_the_run(moe_run)
        differences_in_form_are_told_as_such(moe_run)
        tolerances_go_with_what_is_expected(moe_run)
        help_has_the_default_tolerances(moe_run)
        wrong_values_are_told_with_the_right_ones(moe_run)
        lengths_that_no_call_can_have_are_told(moe_run)
        the_version_is_that_of_the_project(moe_run)
        a_failing_case_is_named(moe_run)
        memory_that_a_job_cannot_have_is_refused_by_check(moe_run)
        what_generation_cannot_do_is_told_before_its_first_step(moe_run)
        a_model_of_one_batch_takes_as_many_prompts(moe_run)
        prompts_are_read_before_they_run(moe_run)
    except Failure as failure:
        sys.exit(str(failure))
