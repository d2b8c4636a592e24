#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Looped.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

#include <set>

namespace switchyard::raise {

#define GEN_PASS_DEF_REJECTFROZENEXPERTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// The number of experts among which one node chose `ids`; nothing where it is no choice.
std::optional<int64_t> countKeys(Value ids) {
  onnx::NodeOp choice = getDefiner(ids, "TopK") ? getDefiner(ids, "TopK") : getDefiner(ids, "ArgMax");
  return choice ? getStaticLastDim(choice.getInputs()[0]) : std::nullopt;
}

/// The same of ids that several choices may have given, side by side (Phi-3.5-MoE).
std::optional<int64_t> countExperts(Value ids) {
  onnx::NodeOp joined = getDefiner(ids, "Concat");
  if (!joined || joined.getInputs().empty())
    return countKeys(ids);
  std::optional<int64_t> count = countKeys(skipReshapes(joined.getInputs()[0]));
  bool agree = llvm::all_of(joined.getInputs(), [&](Value own) { return countKeys(skipReshapes(own)) == count; });
  return agree ? count : std::nullopt;
}

/// The Transpose of a one-hot of chosen experts: its first dimension counts experts.
onnx::NodeOp getExpertMask(onnx::NodeOp node) {
  if (node.getOpType() != "ai.onnx::Transpose")
    return {};
  onnx::NodeOp oneHot = getDefiner(node.getInputs()[0], "OneHot");
  auto type = oneHot ? dyn_cast<RankedTensorType>(oneHot.getResult(0).getType()) : RankedTensorType();
  if (!type)
    return {};
  int64_t rank = type.getRank(), axis = oneHot.getInt("axis", -1);
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
  int64_t first = permutation && !permutation.empty() ? permutation[0] : rank - 1;  // reversed where nothing is stated
  if (first != (axis < 0 ? axis + rank : axis))
    return {};
  return countExperts(skipReshapes(oneHot.getInputs()[0])) ? node : onnx::NodeOp();
}

/// True where `value` is read, through reshapes and Casts, by a NonZero: the tokens of one expert are looked up.
bool selectsTokens(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto node = dyn_cast<onnx::NodeOp>(user);
    if (!node || node.getNumResults() == 0)
      return false;
    bool passes = isReshape(node) || node.getOpType() == "ai.onnx::Cast";
    return node.getOpType() == "ai.onnx::NonZero" || (passes && selectsTokens(node.getResult(0)));
  });
}

template <typename Numbers> std::string join(const Numbers &numbers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(numbers, os);
  return text;
}

/// The experts that were chosen at all, as NonZero gives them, of how many: NonZero(Greater(ReduceSum(mask), 0)), which sums all but the experts.
std::optional<int64_t> readHitExperts(Match &match, onnx::NodeOp nonZero) {
  Value hit = nonZero.getInputs()[0];
  while (onnx::NodeOp cast = getDefiner(hit, "Cast"))
    hit = cast.getInputs()[0];
  if (onnx::NodeOp greater = getDefiner(hit, "Greater")) {
    if (!isScalarConstant(greater.getInputs()[1], 0))
      return std::nullopt;
    hit = greater.getInputs()[0];
  }
  onnx::NodeOp sum = getDefiner(hit, "ReduceSum");
  std::optional<SmallVector<int64_t>> axes = sum ? match.getReductionAxes(sum) : std::nullopt;
  FailureOr<ChoiceMask> mask = axes ? matchChoiceMask(match, sum.getInputs()[0], sum, getAxesOfIds) : FailureOr<ChoiceMask>(failure());
  if (failed(mask) || mask->expert)
    return std::nullopt;
  for (auto [position, axis] : llvm::enumerate(mask->axes))
    if (llvm::is_contained(*axes, static_cast<int64_t>(position)) == (axis == MaskAxis::expert))
      return std::nullopt;
  return countExperts(mask->choices);
}

/// True where pieces of constant sizes are taken from the rows of a gathered tensor.
bool splitsGatheredRows(onnx::NodeOp split) {
  Value rows = split.getInputs().empty() ? Value() : skipReshapes(split.getInputs()[0]);
  DenseIntElementsAttr sizes;
  bool isConstant = split.getInput(1) ? matchPattern(split.getInput(1), m_Constant(&sizes)) : static_cast<bool>(split.getNodeAttr("split"));
  return rows && isConstant && split.getInt("axis", 0) == 0 && (getDefiner(rows, "Gather") || getDefiner(rows, "GatherND"));
}

/// The number of experts by which the rows that `gather` takes are sorted; nothing where they are not.
std::optional<int64_t> countSortedExperts(onnx::NodeOp gather, SymbolicShapes &shapes) {
  Match tokens(shapes), orders(shapes);
  Value order = tokens.takeIntegerCasts(gather.getInputs()[1]);
  if (FailureOr<TokenOfRow> token = matchTokenOfRow(tokens, order, gather); succeeded(token))
    order = token->order;
  FailureOr<Sorting> sorting = matchSorting(orders, order, gather);
  return succeeded(sorting) ? countExperts(sorting->ids) : std::nullopt;
}

struct RejectFrozenExpertsPass : impl::RejectFrozenExpertsBase<RejectFrozenExpertsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> masks, splits, pieces;
      function.walk([&](onnx::NodeOp node) {
        if (onnx::NodeOp mask = getExpertMask(node))
          masks.push_back(mask);
        if (node.getOpType() == "ai.onnx::Split" && findNonZero(node.getInputs()[0]))
          splits.push_back(node);
        else if (node.getOpType() == "ai.onnx::Split" && splitsGatheredRows(node))
          pieces.push_back(node);
      });
      SmallVector<onnx::NodeOp> sums = findScatteredSums(function);
      if (masks.empty() && splits.empty() && pieces.empty() && sums.empty())
        continue;
      SymbolicShapes shapes(function);
      isRejected = false;
      for (onnx::NodeOp mask : masks)
        check(mask, shapes);
      for (onnx::NodeOp split : splits)
        checkCount(split, shapes);
      for (onnx::NodeOp split : pieces)
        checkPieces(split, shapes);
      if (isRejected)
        continue;
      computed.clear();
      for (onnx::NodeOp sum : sums)
        readSum(sum, shapes);
      for (auto &[choices, parts] : computed)
        refuseMissing(parts.sum, parts.present, parts.experts);
    }
  }

private:
  /// A loop over as many of the experts that were chosen at all as there were at export: they are split one by one.
  void checkCount(onnx::NodeOp split, SymbolicShapes &shapes) {
    Match match(shapes);
    std::optional<int64_t> all = readHitExperts(match, findNonZero(split.getInputs()[0]));
    if (!all)
      return;
    int64_t computed = split.getNumResults(), missing = *all - computed;
    InFlightDiagnostic error = split.emitError();
    if (missing > 0)
      error << missing << (missing == 1 ? " expert is" : " experts are") << " missing";
    else
      error << "all " << *all << " experts must be chosen in every call";
    error << " (frozen at export): the router chooses among " << *all << " experts, but the file computes exactly " << computed
          << ", as many as the exporter's sample input happened to choose; export the model again with all experts";
    reject();
  }

  /// Rows sorted by expert, of which the file states how many each expert has.
  void checkPieces(onnx::NodeOp split, SymbolicShapes &shapes) {
    Value rows = skipReshapes(split.getInputs()[0]);
    std::optional<int64_t> experts = countSortedExperts(cast<onnx::NodeOp>(rows.getDefiningOp()), shapes);
    if (!experts || *experts != static_cast<int64_t>(split.getNumResults()))
      return;
    SmallVector<int64_t> sizes;
    if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(split.getNodeAttr("split")))
      sizes = llvm::to_vector(stated.asArrayRef());
    else
      sizes = shapes.getConstantData(split.getInput(1)).value_or(sizes);
    split.emitError() << "the numbers of rows of " << *experts << " experts are frozen at export: the file gives them " << join(sizes)
                      << ", as the exporter's sample input happened to choose; export the model again with counts that are computed";
    reject();
  }

  /// Notes the experts whose rows are in a sum; those of one choice may stand in several sums.
  void readSum(onnx::NodeOp sum, SymbolicShapes &shapes) {
    Match match(shapes);
    FailureOr<ScatteredSum> scattered = matchScatteredSum(match, sum);
    if (failed(scattered))
      return;
    std::set<int64_t> present;
    Value choices;
    std::optional<int64_t> experts;
    for (const ScatteredRows &rows : scattered->rows) {
      onnx::NodeOp nonZero = findNonZero(rows.indices);
      FailureOr<ChoiceMask> mask = nonZero ? matchChoiceMask(match, nonZero.getInputs()[0], nonZero, getAxesOfIds) : FailureOr<ChoiceMask>(failure());
      if (failed(mask) || !mask->expert || (choices && choices != mask->choices))
        return;
      choices = mask->choices;
      experts = countExperts(mask->choices);
      present.insert(*mask->expert);
    }
    if (!experts)
      return;
    Computed &parts = computed.try_emplace(choices, Computed{sum, {}, *experts}).first->second;
    parts.present.insert(present.begin(), present.end());
  }

  void reject() {
    isRejected = true;
    signalPassFailure();
  }

  void refuseMissing(onnx::NodeOp node, const std::set<int64_t> &present, int64_t experts) {
    std::set<int64_t> missing;
    for (int64_t expert = 0; expert < experts; ++expert)
      if (!present.contains(expert))
        missing.insert(expert);
    if (present.empty() || missing.empty())
      return;
    InFlightDiagnostic error = node.emitError();
    error << "expert " << join(missing) << " missing (frozen at export): the router chooses among " << experts << " experts, but the file computes only "
          << join(present) << ", those that the exporter's sample input happened to choose; export the model again with all experts";
    if (missing == std::set<int64_t>{experts - 1})
      error << " (a last choice that is meant to be no expert cannot be told from that)";
    reject();
  }

  void check(onnx::NodeOp mask, SymbolicShapes &shapes) {
    auto type = dyn_cast<RankedTensorType>(mask.getResult(0).getType());
    if (!type || type.getRank() == 0 || type.isDynamicDim(0))
      return;
    std::set<int64_t> present;
    for (Operation *user : mask.getResult(0).getUsers()) {
      auto gather = dyn_cast<onnx::NodeOp>(user);
      if (!gather || gather.getOpType() != "ai.onnx::Gather" || gather.getInt("axis", 0) != 0 || !selectsTokens(gather.getResult(0)))
        return;
      std::optional<SmallVector<int64_t>> expert = shapes.getConstantData(gather.getInputs()[1]);
      if (!expert || expert->size() != 1)
        return;
      int64_t index = expert->front() < 0 ? expert->front() + type.getDimSize(0) : expert->front();
      if (index < 0 || index >= type.getDimSize(0))
        return;
      present.insert(index);
    }
    // The mask may have room for more experts than there are.
    onnx::NodeOp oneHot = getDefiner(mask.getInputs()[0], "OneHot");
    refuseMissing(mask, present, *countExperts(skipReshapes(oneHot.getInputs()[0])));
  }

  /// The experts of a choice whose rows are added, and the first of the sums.
  struct Computed {
    onnx::NodeOp sum;
    std::set<int64_t> present;
    int64_t experts = 0;
  };
  llvm::MapVector<Value, Computed> computed;
  bool isRejected = false;
};

}  // namespace

}  // namespace switchyard::raise
