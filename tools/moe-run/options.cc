#include "tools/moe-run/options.h"

#include "runtime/artifact/plan.h"
#include "runtime/base/escape.h"
#include "tools/support/command_line.h"
#include "tools/support/flag.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace switchyard::run {
namespace {

namespace cl = llvm::cl;

cl::OptionCategory category("moe-run options");

/// The flags, registered while this lives.
struct Flags {
  cl::opt<std::string> artifact{cl::Positional, cl::desc("<model.moe>"), cl::cat(category)};
  Flag<int> ranks{"n", cl::desc("Number of ranks (1 to 64)"), cl::value_desc("N"), cl::init(1), cl::cat(category)};
  Flag<bool> inProcess{"in-process", cl::desc("Run the ranks as threads of this process"), cl::cat(category)};
  Flag<int> threads{"threads", cl::desc("Kernel threads of each rank (default: processors / ranks)"), cl::value_desc("N"),
                    cl::cat(category)};
  cl::list<std::string> inputs{"input", cl::desc("Input tensor from a file; may be repeated"), cl::value_desc("name=@file.npy"),
                               cl::cat(category)};
  cl::list<std::string> outputs{"output", cl::desc("Write an output tensor to a file in a folder that exists; may be repeated"),
                                cl::value_desc("name=@file.npy"), cl::cat(category)};
  cl::list<std::string> expected{"expect", cl::desc("Compare an output tensor with a file; may be repeated"),
                                 cl::value_desc("name=@file.npy"), cl::cat(category)};
  cl::opt<std::string> inputFolder{"input-dir", cl::desc("Folder of <tensor name>.npy for inputs that --input does not name"),
                                   cl::value_desc("folder"), cl::cat(category)};
  cl::opt<std::string> outputFolder{
      "output-dir", cl::desc("Write all outputs as <tensor name>.npy to a folder that is made; with --cases, below <case name>/"),
      cl::value_desc("folder"), cl::cat(category)};
  cl::opt<std::string> expectedFolder{"expect-dir", cl::desc("Compare outputs with the <tensor name>.npy of a folder"),
                                      cl::value_desc("folder"), cl::cat(category)};
  cl::opt<std::string> cases{"cases", cl::desc("Run many input sets: one NAME INPUT_FOLDER [EXPECT_FOLDER] a line"), cl::value_desc("file"),
                             cl::cat(category)};
  Flag<double> rtol{"rtol", cl::desc("Relative tolerance of comparisons (default: 1e-3)"), cl::init(1e-3), cl::cat(category)};
  Flag<double> atol{"atol", cl::desc("Absolute tolerance of comparisons (default: 1e-4)"), cl::init(1e-4), cl::cat(category)};
  Flag<int> warmup{"warmup", cl::desc("Steps before the measured ones"), cl::value_desc("N"), cl::init(0), cl::cat(category)};
  Flag<int> iterations{"iterations", cl::desc("Measured steps of each case"), cl::value_desc("N"), cl::init(1), cl::cat(category)};
  Flag<double> duration{"duration", cl::desc("Repeat the step of each case for this long"), cl::value_desc("seconds"), cl::cat(category)};
  Flag<double> timeout{"timeout", cl::desc("End the job with exit code 124 after this long"), cl::value_desc("seconds"), cl::cat(category)};
  Flag<double> collectiveTimeout{"comm-timeout", cl::desc("How long a rank waits for the others in one collective"),
                                 cl::value_desc("seconds"), cl::init(60), cl::cat(category)};
  Flag<int64_t> maxBatch{"max-batch", cl::desc("Largest batch, instead of the artifact's limit"), cl::value_desc("N"), cl::cat(category)};
  Flag<int64_t> maxSequence{"max-seq", cl::desc("Longest sequence, instead of the artifact's limit"), cl::value_desc("N"),
                            cl::cat(category)};
  Flag<artifact::Verify> verify{
      "verify", cl::desc("How much of the artifact is read to check it"),
      cl::values(clEnumValN(artifact::Verify::header, "header", "everything but the data of the weights (default)"),
                 clEnumValN(artifact::Verify::full, "full", "every byte"),
                 clEnumValN(artifact::Verify::off, "off", "sizes and headers alone")),
      cl::init(artifact::Verify::header), cl::cat(category)};
  Flag<bool> check{"check", cl::desc("Check that the artifact can run here, without loading any of its code"), cl::cat(category)};
  Flag<bool> statistics{"stats", cl::desc("Print statistics of each rank and layer"), cl::cat(category)};
  Flag<bool> printDigest{"print-digest", cl::desc("Print NAME and BLAKE3 of all outputs' bytes, one line a case"), cl::cat(category)};
  cl::opt<std::string> json{"json", cl::desc("Write a report; - is stdout, which then holds nothing else"), cl::value_desc("file"),
                            cl::cat(category)};
  Flag<bool> referenceKernels{"reference-kernels", cl::desc("Use the plain kernels, which give the same bits"), cl::cat(category)};
  Flag<int64_t> generate{"generate", cl::desc("Generate so many tokens behind each prompt"), cl::value_desc("N"), cl::cat(category)};
  cl::opt<std::string> promptIds{"prompt-ids", cl::desc("Prompts: 1,5,9 (separated by ;) or @file.npy [batch, length]"),
                                 cl::value_desc("ids"), cl::cat(category)};
  cl::list<std::string> roles{"role", cl::desc("Tensor that has a role in generation: tokens, mask, positions, logits; may be repeated"),
                              cl::value_desc("role=tensor"), cl::cat(category)};
  cl::list<std::string> states{"state", cl::desc("Input that an output of the step before continues, in generation; may be repeated"),
                               cl::value_desc("input=output"), cl::cat(category)};
  Flag<int64_t> padId{"pad-id", cl::desc("Token that pads the prompts of a file on the left"), cl::value_desc("id"), cl::cat(category)};
  Flag<int64_t> eosId{"eos-id", cl::desc("Token that ends a sequence"), cl::value_desc("id"), cl::cat(category)};
  Flag<double> temperature{"temperature", cl::desc("0 (default): the largest logit; above: draw, the flatter the higher"), cl::init(0),
                           cl::cat(category)};
  Flag<int64_t> topK{"top-k", cl::desc("Draw among so many of the largest logits"), cl::value_desc("N"), cl::cat(category)};
  Flag<double> topP{"top-p", cl::desc("Draw among the largest probabilities of this sum"), cl::init(1), cl::cat(category)};
  Flag<uint64_t> seed{"seed", cl::desc("Seed of the draws"), cl::init(0), cl::cat(category)};
  Flag<bool> listFailpoints{"list-failpoints", cl::desc("Tell how tests inject faults"), cl::cat(category)};
};

Status readFiles(const cl::list<std::string> &given, const char *flag, Files &files) {
  for (const std::string &text : given) {
    const auto [name, path] = llvm::StringRef(text).rsplit("=@");
    if (name.empty() || path.empty())
      return usageError(llvm::Twine("--") + flag + " " + quote(text) + " is not name=@file.npy");
    if (path == "-")
      return usageError(llvm::Twine("--") + flag + " " + quote(text) + ": arrays are read from and written to files, not standard streams");
    if (!files.emplace(name.str(), path.str()).second)
      return usageError(llvm::Twine("--") + flag + " names " + quote(name) + " twice");
  }
  return Status();
}

template <typename Value, typename Parser> Status positive(const cl::opt<Value, false, Parser> &flag, std::optional<Value> &to) {
  if (flag.getNumOccurrences() == 0)
    return Status();
  if (!(flag > 0))
    return usageError("--" + flag.ArgStr + " must be above 0");
  to = flag;
  return Status();
}

/// Times beyond this overflow a clock of nanoseconds; nobody waits for them.
constexpr double maxSeconds = 1e9;

Status readSeconds(const Flag<double> &flag, std::optional<double> &to) {
  SWITCHYARD_RETURN_IF_ERROR(positive(flag, to));
  if (to && *to > maxSeconds)
    return usageError("--" + flag.ArgStr + " must be at most 1e9 seconds");
  return Status();
}

Status readNumbers(const Flags &flags, Options &options) {
  if (flags.ranks < 1 || flags.ranks > artifact::maxRanks)
    return usageError("-n " + llvm::Twine(flags.ranks) + ": a job has 1 to " + llvm::Twine(artifact::maxRanks) + " ranks");
  if (flags.ranks.getNumOccurrences())
    options.ranks = flags.ranks;
  if (flags.threads.getNumOccurrences() && (flags.threads < 1 || flags.threads > 1024))
    return usageError("--threads " + llvm::Twine(flags.threads) + ": a rank has 1 to 1024 threads");
  options.threads = flags.threads;
  if (flags.warmup < 0 || flags.iterations < 1)
    return usageError("--iterations must be at least 1, --warmup at least 0");
  options.warmup = flags.warmup;
  options.iterations = flags.iterations;
  if (!(flags.rtol >= 0) || !(flags.atol >= 0))
    return usageError("--rtol and --atol must be at least 0");
  for (const cl::Option *flag : std::initializer_list<const cl::Option *>{&flags.rtol, &flags.atol})
    if (flag->getNumOccurrences() && flags.expected.empty() && flags.expectedFolder.empty() && flags.cases.empty())
      return usageError("--" + flag->ArgStr + " is for comparisons: it goes with --expect, --expect-dir or --cases");
  options.relativeTolerance = flags.rtol;
  options.absoluteTolerance = flags.atol;
  std::optional<double> collectiveTimeout;
  SWITCHYARD_RETURN_IF_ERROR(readSeconds(flags.collectiveTimeout, collectiveTimeout));
  options.collectiveTimeoutSeconds = collectiveTimeout.value_or(flags.collectiveTimeout);
  SWITCHYARD_RETURN_IF_ERROR(readSeconds(flags.duration, options.durationSeconds));
  SWITCHYARD_RETURN_IF_ERROR(readSeconds(flags.timeout, options.timeoutSeconds));
  SWITCHYARD_RETURN_IF_ERROR(positive(flags.maxBatch, options.maxBatch));
  return positive(flags.maxSequence, options.maxSequence);
}

Status readSources(const Flags &flags, Options &options) {
  SWITCHYARD_RETURN_IF_ERROR(readFiles(flags.inputs, "input", options.inputs));
  SWITCHYARD_RETURN_IF_ERROR(readFiles(flags.outputs, "output", options.outputs));
  SWITCHYARD_RETURN_IF_ERROR(readFiles(flags.expected, "expect", options.expected));
  options.inputFolder = flags.inputFolder;
  options.outputFolder = flags.outputFolder;
  options.expectedFolder = flags.expectedFolder;
  options.casesFile = flags.cases;
  const bool single = !options.inputs.empty() || !options.outputs.empty() || !options.expected.empty() || !options.inputFolder.empty() ||
                      !options.expectedFolder.empty();
  if (single && !options.casesFile.empty())
    return usageError(
        "--cases gives the inputs and what is expected; --input, --input-dir, --output, --expect and --expect-dir do not go with it");
  return Status();
}

/// LLVM takes a word that begins with @ for a file of arguments; the ids of a prompt are joined to their flag, where it does not.
std::vector<const char *> joinPromptFile(int argc, char **argv, std::string &joined) {
  std::vector<const char *> arguments(argv, argv + argc);
  for (size_t i = 1; i + 1 < arguments.size(); ++i)
    if (const llvm::StringRef flag = arguments[i]; (flag == "--prompt-ids" || flag == "-prompt-ids") && arguments[i + 1][0] == '@') {
      joined = (flag + "=" + arguments[i + 1]).str();
      arguments[i] = joined.c_str();
      arguments.erase(arguments.begin() + i + 1);
      break;
    }
  return arguments;
}

Status readGeneration(const Flags &flags, Options &options) {
  const bool asked = flags.generate.getNumOccurrences() > 0;
  for (const cl::Option *flag :
       std::initializer_list<const cl::Option *>{&flags.promptIds, std::addressof(flags.roles), std::addressof(flags.states), &flags.padId,
                                                 &flags.eosId, &flags.temperature, &flags.topK, &flags.topP, &flags.seed})
    if (!asked && flag->getNumOccurrences())
      return usageError("--" + flag->ArgStr + " goes with --generate N");
  if (!asked)
    return Status();
  if (flags.generate < 1)
    return usageError("--generate must be at least 1");
  if (flags.promptIds.empty())
    return usageError("--generate needs a prompt: --prompt-ids 1,5,9 or --prompt-ids @ids.npy");
  if (!options.casesFile.empty() || !options.inputFolder.empty() || !options.outputs.empty() || !options.outputFolder.empty() ||
      !options.expected.empty() || !options.expectedFolder.empty() || options.durationSeconds || flags.printDigest ||
      flags.warmup.getNumOccurrences() || flags.iterations.getNumOccurrences())
    return usageError("--generate makes its own inputs and runs once; of the flags for inputs, outputs and repetitions only --input and "
                      "--json go with it");
  if (!(flags.temperature >= 0) || !(flags.topP > 0 && flags.topP <= 1) || flags.topK < 0)
    return usageError("--temperature and --top-k must be at least 0, --top-p above 0 and at most 1");
  options.generate = flags.generate;
  options.promptIds = flags.promptIds;
  options.sampling = Sampling{flags.temperature, flags.topK, flags.topP, flags.seed};
  if (flags.padId.getNumOccurrences())
    options.padId = flags.padId;
  if (flags.eosId.getNumOccurrences())
    options.eosId = flags.eosId;
  for (const std::string &text : flags.roles) {
    const auto [role, tensor] = llvm::StringRef(text).split('=');
    if (tensor.empty() || !options.roles.emplace(role.str(), tensor.str()).second)
      return usageError("--role " + quote(text) + " is not role=tensor, or names the role a second time");
  }
  for (const std::string &text : flags.states) {
    const auto [input, output] = llvm::StringRef(text).split('=');
    if (input.empty() || output.empty() || !options.states.emplace(input.str(), output.str()).second)
      return usageError("--state " + quote(text) + " is not input=output, or names the input a second time");
  }
  return Status();
}

}  // namespace

Result<Options> parseOptions(int argc, char **argv) {
  // LLVM has a flag of this name for its own developers, which registers itself with the first parse.
  if (const auto known = cl::getRegisteredOptions().find("stats"); known != cl::getRegisteredOptions().end())
    known->second->setArgStr("llvm-stats");
  static Flags flags;
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "Switchyard version " SWITCHYARD_VERSION "\n"; });
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  std::string promptFile;
  const std::vector<const char *> arguments = joinPromptFile(argc, argv, promptFile);
  if (!cl::ParseCommandLineOptions(static_cast<int>(arguments.size()), arguments.data(),
                                   "Runs an artifact of moe-opt on one or many ranks.\n", &stream)) {
    return usageError(refusedValue().empty() ? toOneLine(errors, "moe-run") : refusedValue());
  }
  Options options;
  options.listFailpoints = flags.listFailpoints;
  options.artifact = flags.artifact;
  if (options.artifact.empty() && !options.listFailpoints)
    return usageError("no artifact; usage: moe-run model.moe -n N --input name=@file.npy (see moe-run --help)");
  if (llvm::StringRef(options.artifact).ends_with(".onnx"))
    return invalidError(quote(options.artifact) + " is a model and no artifact; compile it first: moe-opt model.onnx -o model.moe");
  SWITCHYARD_RETURN_IF_ERROR(readNumbers(flags, options));
  SWITCHYARD_RETURN_IF_ERROR(readSources(flags, options));
  SWITCHYARD_RETURN_IF_ERROR(readGeneration(flags, options));
  options.inProcess = flags.inProcess;
  options.verify = flags.verify;
  options.check = flags.check;
  options.statistics = flags.statistics;
  options.printDigest = flags.printDigest;
  options.referenceKernels = flags.referenceKernels;
  options.jsonFile = flags.json;
  if (options.check && !options.jsonFile.empty())
    return usageError("--check runs nothing, so that there is no report for --json; leave one or the other out");
  return options;
}

}  // namespace switchyard::run
