// The rules of a manifest that need no other file. Each message names the entry and prints the values.
#include "runtime/artifact/manifest.h"
#include "runtime/artifact/plan.h"
#include "runtime/artifact/stored_tensors.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/json.h"
#include "runtime/base/relative_path.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

namespace switchyard::artifact {
namespace {

class Validator {
public:
  explicit Validator(const Manifest &manifest) : manifest_(manifest), limits_(manifest.limits(1, 1)) {}

  Status run() {
    files();
    dims();
    signatures(manifest_.inputs, "inputs");
    signatures(manifest_.outputs, "outputs");
    equalities();
    states();
    layers();
    weights();
    sites();
    slots();
    code();
    return status_;
  }

private:
  void require(bool holds, const llvm::Twine &message) {
    if (!holds && status_.ok())
      status_ = invalidError(message);
  }
  void requireOk(const Status &status, const llvm::Twine &where) {
    if (!status.ok() && status_.ok())
      status_ = status.within(where);
  }
  static std::string entry(llvm::StringRef list, size_t i) { return (list + "[" + llvm::Twine(i) + "]").str(); }

  /// A formula of the manifest: readable again, with a value that is not negative somewhere within the limits.
  void formula(const Expression &expression, const std::string &where) {
    require(expression.size() <= Expression::maxTokens, where + " has more than " + llvm::Twine(Expression::maxTokens) + " parts");
    const Status bound = expression.upperBoundSize(limits_).status();
    require(bound.ok(), where + ": " + bound.message());
  }

  void files() {
    std::string previous;
    int64_t total = 0;
    for (auto [i, file] : llvm::enumerate(manifest_.files)) {
      std::string where = entry("files", i) + " " + quote(file.path);
      requireOk(checkRelativePath(file.path), where);
      require(!llvm::StringRef(file.path).contains(':') && !llvm::StringRef("/" + file.path + "/").contains("/./") &&
                  !llvm::StringRef(file.path).contains("//"),
              where + ": a path of an artifact has no ':', no '.' part and no empty part");
      require(file.path != manifestFile && file.path != manifestDigestFile, where + ": the manifest does not list itself");
      require(previous < file.path, where + " does not come after " + quote(previous) + "; files are listed once, in order");
      require(file.blake3.size() == 64 && llvm::all_of(file.blake3, [](char c) { return llvm::isDigit(c) || (c >= 'a' && c <= 'f'); }),
              where + ": blake3 " + quote(file.blake3) + " is not 64 lower-case hexadecimal digits");
      std::optional<int64_t> sum = checkedAdd(total, file.size);
      require(file.size >= 0 && sum && *sum <= maxJsonInteger,
              where + ": size " + llvm::Twine(file.size) + " or the sum of sizes is too large");
      total = sum.value_or(0);
      previous = file.path;
    }
  }

  void dims() {
    std::set<std::string> names;
    for (auto [i, dim] : llvm::enumerate(manifest_.dims)) {
      require(!dim.name.empty() && names.insert(dim.name).second,
              entry("dims", i) + ": name " + quote(dim.name) + " is empty or stands twice");
      require(dim.limit >= 0 && dim.limit <= maxJsonInteger,
              entry("dims", i) + " " + quote(dim.name) + ": limit " + llvm::Twine(dim.limit) + " is not within [0, 2^53]");
    }
    require(manifest_.positions.value_or(0) >= 0, "positions is " + llvm::Twine(manifest_.positions.value_or(0)) + ", below 0");
  }

  void signatures(const std::vector<Signature> &all, llvm::StringRef list) {
    std::set<std::string> names;
    for (auto [i, signature] : llvm::enumerate(all)) {
      std::string where = entry(list, i) + " " + quote(signature.name);
      require(!signature.name.empty() && names.insert(signature.name).second, where + ": name is empty or stands twice");
      std::vector<int64_t> sizes;
      for (const Expression &size : signature.shape) {
        formula(size, where + ": shape");
        sizes.push_back(status_.ok() ? *size.upperBound(limits_) : 0);
      }
      require(checkedProduct(sizes, elementBytes(signature.type)).has_value(), where + ": its bytes at the limits overflow 64 bits");
    }
  }

  void equalities() {
    require(manifest_.equalities.empty() || llvm::is_contained(manifest_.requiredFeatures, equalitiesFeature),
            "equalities, but 'equalities' is not in required_features");
    for (auto [i, equality] : llvm::enumerate(manifest_.equalities))
      for (const Expression *side : {&equality.left, &equality.right})
        requireOk(side->upperBound(limits_).status(), entry("equalities", i));
  }

  const Signature *find(const std::vector<Signature> &all, llvm::StringRef name) const {
    auto found = llvm::find_if(all, [&](const Signature &signature) { return signature.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  void states() {
    std::set<std::string> inputs, outputs;
    for (auto [i, state] : llvm::enumerate(manifest_.states)) {
      std::string where = entry("states", i);
      const Signature *input = find(manifest_.inputs, state.input), *output = find(manifest_.outputs, state.output);
      require(input, where + ": no input has the name " + quote(state.input));
      require(output, where + ": no output has the name " + quote(state.output));
      if (!input || !output)
        return;
      require(inputs.insert(state.input).second && outputs.insert(state.output).second,
              where + ": " + quote(state.input) + " or " + quote(state.output) + " belongs to another state already");
      require(input->type == output->type && input->shape.size() == output->shape.size(),
              where + ": " + quote(state.input) + " and " + quote(state.output) + " differ in type or rank");
      require(state.axis >= -1 && state.axis < int64_t(input->shape.size()),
              where + ": axis " + llvm::Twine(state.axis) + " is not an axis of rank " + llvm::Twine(input->shape.size()));
    }
  }

  void layers() {
    for (auto [i, layer] : llvm::enumerate(manifest_.layers)) {
      std::string where = entry("layers", i);
      require(layer.index == int64_t(i), where + ": index is " + llvm::Twine(layer.index) + "; layers are numbered in order from 0");
      require(layer.experts >= 1 && layer.experts <= maxExperts,
              where + ": " + llvm::Twine(layer.experts) + " experts, not within [1, " + llvm::Twine(maxExperts) + "]");
      require(layer.slots >= 1 && layer.slots <= layer.experts,
              where + ": " + llvm::Twine(layer.slots) + " slots of " + llvm::Twine(layer.experts) + " experts");
      require(layer.hidden >= 1 && layer.inner >= 1,
              where + ": hidden " + llvm::Twine(layer.hidden) + ", inner " + llvm::Twine(layer.inner));
      formula(layer.tokens, where + ": tokens");
      if (layer.capacity)
        formula(*layer.capacity, where + ": capacity");
    }
  }

  void weights() {
    std::set<std::string> names;
    for (auto [i, weight] : llvm::enumerate(manifest_.weights)) {
      std::string where = entry("weights", i) + " " + quote(weight.name);
      require(!weight.name.empty() && names.insert(weight.name).second, where + ": name is empty or stands twice");
      require(manifest_.findFile(weight.file), where + ": its file " + quote(weight.file) + " is not in files");
      require(checkedProduct(weight.shape, elementBytes(weight.type)).has_value(), where + ": its bytes overflow 64 bits");
      if (weight.expert == -1)
        continue;
      require(weight.expert >= 0 && weight.expert < int64_t(manifest_.layers.size()),
              where + ": expert " + llvm::Twine(weight.expert) + " is not one of " + llvm::Twine(manifest_.layers.size()) + " layers");
      if (!status_.ok())
        return;
      int64_t experts = manifest_.layers[weight.expert].experts;
      require(!weight.shape.empty() && weight.shape[0] == experts,
              where + ": first size " + llvm::Twine(weight.shape.empty() ? 0 : weight.shape[0]) + " is not the " + llvm::Twine(experts) +
                  " experts of layer " + llvm::Twine(weight.expert));
    }
    if (!status_.ok())
      return;
    for (const std::string &file : weightFiles(manifest_))
      requireOk(storedTensors(manifest_, file).status(), file);
  }

  void sites() {
    for (auto [i, site] : llvm::enumerate(manifest_.sites)) {
      std::string where = entry("sites", i) + " " + quote(site.name);
      require(!site.kernel.empty(), where + ": no kernel");
      require(site.layer >= -1 && site.layer < int64_t(manifest_.layers.size()),
              where + ": layer " + llvm::Twine(site.layer) + " is not one of " + llvm::Twine(manifest_.layers.size()) + " layers");
      if (site.isCollective()) {
        require(phaseKindOfKernel(site.kernel).has_value(), where + ": unknown collective " + quote(site.kernel));
        require(site.layer >= 0, where + ": collective " + quote(site.kernel) + " belongs to no MoE layer");
      }
      buffers(site, where);
      for (const auto &[name, value] : site.integers)
        require(value >= -maxJsonInteger && value <= maxJsonInteger,
                where + ": " + name + " = " + llvm::Twine(value) + " is not within +-2^53");
    }
  }

  void buffers(const Site &site, const std::string &where) {
    const std::optional<PhaseKind> kind = phaseKindOfKernel(site.kernel);
    require(site.buffers.empty() || kind, where + ": buffers of " + quote(site.kernel) + ", which is no collective");
    require(site.buffers.empty() || !kind || site.buffers.size() == tensorCount(*kind),
            where + ": " + llvm::Twine(site.buffers.size()) + " buffers of " + quote(site.kernel) + ", which has " +
                llvm::Twine(kind ? tensorCount(*kind) : 0) + " tensors");
    for (int64_t slot : site.buffers)
      require(slot >= 0 && slot < int64_t(manifest_.slots.size()),
              where + ": buffer " + llvm::Twine(slot) + " is not one of " + llvm::Twine(manifest_.slots.size()) + " slots");
  }

  void slots() {
    for (auto [i, slot] : llvm::enumerate(manifest_.slots)) {
      formula(slot.size, entry("slots", i) + ": size");
      require(slot.first >= 0 && slot.first <= slot.last,
              entry("slots", i) + ": live interval [" + llvm::Twine(slot.first) + ", " + llvm::Twine(slot.last) + "] is not one");
    }
  }

  void code() {
    std::set<std::string> levels;
    for (auto [i, code] : llvm::enumerate(manifest_.code)) {
      std::string where = entry("code", i) + " " + quote(code.file);
      require(manifest_.findFile(code.file), where + ": the file is not in files");
      require(!code.level.empty() && levels.insert(code.level).second,
              where + ": level " + quote(code.level) + " is empty or stands twice");
      require(code.abi >= 1, where + ": abi " + llvm::Twine(code.abi));
    }
  }

  const Manifest &manifest_;
  ExpressionScope limits_;
  Status status_;
};

}  // namespace

Status Manifest::checkNames() const {
  Status status;
  const auto check = [&](llvm::StringRef what, llvm::StringRef name) {
    if (status.ok() && !isUtf8(name))
      status = invalidError("the name " + quote(name) + " of " + what +
                            " is not UTF-8, which names in an artifact must be; give it another one");
  };
  for (const Dim &dim : dims)
    check("a dimension", dim.name);
  for (const Signature &input : inputs)
    check("an input", input.name);
  for (const Signature &output : outputs)
    check("an output", output.name);
  for (const Weight &weight : weights)
    check("a weight", weight.name);
  for (const Layer &layer : layers)
    check("a layer", layer.name);
  for (const Equality &equality : equalities)
    check("a node", equality.node);
  for (const Site &site : sites)
    check("a node", site.name);
  return status;
}

Status Manifest::validate() const { return Validator(*this).run(); }

ExpressionScope Manifest::limits(int64_t ranks, int64_t threads) const {
  ExpressionScope scope;
  for (const Dim &dim : dims)
    scope.dims[dim.name] = dim.limit;
  scope.ranks = ranks;
  scope.threads = threads;
  return scope;
}

const FileRecord *Manifest::findFile(llvm::StringRef path) const {
  auto found = llvm::lower_bound(files, path, [](const FileRecord &file, llvm::StringRef wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace switchyard::artifact
