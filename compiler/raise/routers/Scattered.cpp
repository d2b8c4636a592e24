// Routers in front of a fused layer, which computes softmax and the k largest of whatever it is given. Exporters whose routers do something
// else choose by themselves and scatter what makes the layer come to the same:
//
//   logarithms   probs = scatter(fill, ids, log(max(w, floor))): softmax of logarithms divides the chosen weights by their sum, and
//                exp(fill) is nothing beside them. A product behind the layer may turn w / sum into w / (sum + epsilon).
//   choice       probs = scatter(low, ids, high), and the weights are another operand, scattered or of all experts.
//
// Where all chosen weights are 0 (sigmoid below -88), logarithms without a floor and a product leave the choice to chance; this router gives NaN.
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/Matchers.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace switchyard::raise {

namespace {

/// exp of a difference below it is 0 in f32.
constexpr double negligible = -104.0;

/// One scatter along the experts.
struct Scatter {
  onnx::NodeOp node;
  double fill;
  Value ids, updates;
};

class ScatteredMatcher {
public:
  ScatteredMatcher(Match &match, const Router &own, onnx::NodeOp fused) : match(match), own(own), fused(fused) {}

  FailureOr<ScatteredRouter> run() {
    FailureOr<Scatter> probs = matchScatter(own.logits);
    if (failed(probs))
      return failure();
    FailureOr<ScatteredRouter> read = own.mix ? matchChoice(*probs) : matchLogarithms(*probs);
    if (failed(read))
      return failure();
    const Router &router = read->router;
    if (router.slots != own.slots || router.experts != own.experts)
      return match.fail(probs->node, "it scatters " + llvm::Twine(router.slots) + " of " + llvm::Twine(router.experts) +
                                         " experts, but the layer chooses " + llvm::Twine(own.slots) + " of " + llvm::Twine(own.experts));
    return read;
  }

private:
  FailureOr<Scatter> matchScatter(Value value) {
    onnx::NodeOp node = match.takeDefiner(match.takeReshapes(value), fused, "ScatterElements", "the scores");
    if (!node || node.getInputs().size() != 3)
      return failure();
    auto type = dyn_cast<RankedTensorType>(node.getResult(0).getType());
    if (!type || Match::getAxis(node, type.getRank(), 0) != type.getRank() - 1 || node.getString("reduction", "none") != "none")
      return match.fail(node, "it does not scatter along the experts");
    std::optional<double> fill = getFilledNumber(node.getInputs()[0]);
    if (!fill)
      return match.fail(node, "it does not scatter into one number");
    if (!match.haveSameRows(node.getResult(0), node.getInputs()[1]))
      return match.fail(node, "ids and scores have different rows");
    return Scatter{node, *fill, node.getInputs()[1], node.getInputs()[2]};
  }

  Value getChosen(Value ids) { return match.takeIntegerCasts(ids); }

  /// The gating of a router with the sum of the weights divided out, too.
  FailureOr<moe::GatingAttr> normalize(const Router &router, Operation *reader, double epsilon = 0.0, double scale = 1.0) {
    moe::GatingAttr g = router.gating;
    if (router.weights)
      return match.fail(reader, router.plainBecause);
    if (g.getRenormalize() || g.getScale())
      return match.fail(reader, "the weights that are divided by their sum are normalised or scaled before");
    auto number = [&](double value, double neutral) {
      return value != neutral ? FloatAttr::get(Float64Type::get(g.getContext()), value) : FloatAttr();
    };
    return moe::GatingAttr::get(g.getContext(), g.getScore(), g.getOrder(), g.getGroups(), g.getGroupsKept(), g.getGroupScore(), g.getGroupFill(), true,
                                number(epsilon, 0.0), number(scale, 1.0), g.getMixerEpsilon(), g.getTie());
  }

  /// The scores only say which experts are chosen.
  FailureOr<ScatteredRouter> matchChoice(const Scatter &probs) {
    std::optional<double> high = getFilledNumber(probs.updates);
    if (!high || !(*high > probs.fill))
      return match.fail(probs.node, "it does not scatter one number into lower ones");
    Router router;
    if (getDefiner(skipReshapes(own.mix), "ScatterElements")) {
      FailureOr<Scatter> mix = matchScatter(own.mix);
      if (failed(mix))
        return failure();
      if (getChosen(mix->ids) != getChosen(probs.ids))
        return match.fail(mix->node, "the weights are scattered to other experts than the scores");
      FailureOr<Router> read = matchRouter(match, probs.ids, mix->updates, fused);
      if (failed(read))
        return failure();
      router = *read;
    } else {
      FailureOr<Selection> selection = matchSelection(match, probs.ids, probs.node);
      std::optional<int64_t> experts = succeeded(selection) ? getStaticLastDim(selection->keys) : std::nullopt;
      if (!experts)
        return match.fail(probs.node, "the number of experts is not static");
      auto gating = moe::GatingAttr::get(fused.getContext(), moe::Score::identity, moe::Order::score_then_select, 1, 1, moe::GroupScore::max,
                                         moe::GroupFill::zero, false, FloatAttr(), FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
      router = {selection->keys, {}, own.mix, gating, *experts, selection->slots};
    }
    if (own.gating.getRenormalize()) {
      FailureOr<moe::GatingAttr> gating = normalize(router, probs.node);
      if (failed(gating))
        return failure();
      router.gating = *gating;
    }
    return ScatteredRouter{router, fused};
  }

  /// The lower bound of a Clip that has no upper one.
  FailureOr<double> matchFloor(onnx::NodeOp clip) {
    std::optional<double> floor = getScalarConstant(clip.getInput(1));
    if (clip.getInput(2) || !floor || !(*floor > 0.0))
      return match.fail(clip, "it does not keep the weights above a constant greater than 0");
    return *floor;
  }

  FailureOr<ScatteredRouter> matchLogarithms(const Scatter &probs) {
    onnx::NodeOp logarithm = match.takeDefiner(match.takeReshapes(probs.updates), probs.node, "Log", "the scattered weights");
    if (!logarithm)
      return failure();
    Value weights = match.takeReshapes(logarithm.getInputs()[0]);
    std::optional<double> floor;
    if (onnx::NodeOp clip = getDefiner(weights, "Clip")) {
      match.take(clip);
      FailureOr<double> stated = matchFloor(clip);
      if (failed(stated))
        return failure();
      floor = *stated;
      weights = match.takeReshapes(clip.getInputs()[0]);
    }
    double least = std::log(floor.value_or(std::numeric_limits<float>::denorm_min()));
    if (!(probs.fill - least <= negligible))
      return match.fail(probs.node, "the number that it scatters into is not far below the logarithms of all weights");
    FailureOr<Router> router = matchRouter(match, probs.ids, weights, fused);
    if (failed(router))
      return failure();
    if (router->weights)
      return match.fail(logarithm, router->plainBecause);
    moe::Score score = router->gating.getScore();
    if (router->gating.getOrder() != moe::Order::score_then_select || (score != moe::Score::sigmoid && score != moe::Score::softmax))
      return match.fail(logarithm, "the weights are not softmax or sigmoid of the logits");
    return finishLogarithms(*router, weights, floor, logarithm);
  }

  FailureOr<ScatteredRouter> finishLogarithms(Router router, Value weights, std::optional<double> floor, onnx::NodeOp logarithm) {
    std::optional<Rescaling> rescaling = findRescaling(weights, router.slots);
    // A floor moves a weight by no more than floor / epsilon of the outputs: below the last bit of any.
    if (rescaling && floor.value_or(0.0) > 1e-12 * rescaling->epsilon)
      rescaling.reset();
    FailureOr<moe::GatingAttr> gating = rescaling ? normalize(router, logarithm, rescaling->epsilon, rescaling->scale) : normalize(router, logarithm);
    if (failed(gating))
      return failure();
    router.gating = *gating;
    if (floor && !rescaling)
      router.mix = raiseToFloor(weights, logarithm);
    return ScatteredRouter{router, rescaling ? rescaling->product : fused};
  }

  /// The weights of all experts, above the floor that those of the chosen ones have.
  Value raiseToFloor(Value weights, onnx::NodeOp logarithm) {
    auto clip = cast<onnx::NodeOp>(skipReshapes(logarithm.getInputs()[0]).getDefiningOp());
    Value scores = cast<onnx::NodeOp>(weights.getDefiningOp()).getInputs()[0];
    OpBuilder builder(fused);
    auto all = onnx::NodeOp::create(builder, clip.getLoc(), scores.getType(), {scores, clip.getInputs()[1]}, clip.getOpType(), clip.getVersion(),
                                    builder.getDictionaryAttr({}), clip.getName(), builder.getStrArrayAttr({}), 0);
    match.shapes.setFacts(all.getResult(0), *match.shapes.getFacts(scores));
    return all.getResult(0);
  }

  struct Rescaling {
    onnx::NodeOp product;
    double epsilon, scale;
  };

  /// The product of the layer's rows with sum / (sum + epsilon) [* scale], the sum of the chosen weights, and with nothing else.
  std::optional<Rescaling> findRescaling(Value weights, int64_t slots) {
    Value rows = fused.getResult(0);
    auto product = rows.hasOneUse() ? dyn_cast<onnx::NodeOp>(*rows.user_begin()) : onnx::NodeOp();
    if (!product || product.getOpType() != "ai.onnx::Mul")
      return std::nullopt;
    Value factor = product.getInputs()[product.getInputs()[0] == rows ? 1 : 0];
    if (!match.haveSameRows(rows, factor) || getStaticLastDim(factor) != 1)
      return std::nullopt;
    Rescaling result{product, 0.0, 1.0};
    auto isNumber = [](Value v) { return getScalarConstant(v).has_value(); };
    factor = skipReshapes(factor);
    if (onnx::NodeOp scaled = getDefiner(factor, "Mul"))
      if (std::optional<unsigned> scale = findOperand(scaled, isNumber)) {
        result.scale = *getScalarConstant(scaled.getInputs()[*scale]);
        factor = skipReshapes(scaled.getInputs()[1 - *scale]);
      }
    onnx::NodeOp quotient = getDefiner(factor, "Div"), sum = quotient ? getDefiner(skipReshapes(quotient.getInputs()[1]), "Add") : onnx::NodeOp();
    std::optional<unsigned> epsilon = sum ? findOperand(sum, isNumber) : std::nullopt;
    if (!epsilon || skipReshapes(sum.getInputs()[1 - *epsilon]) != skipReshapes(quotient.getInputs()[0]))
      return std::nullopt;
    result.epsilon = *getScalarConstant(sum.getInputs()[*epsilon]);
    onnx::NodeOp total = getDefiner(skipReshapes(quotient.getInputs()[0]), "ReduceSum");
    if (!total || !(result.epsilon > 0.0) || !isSumOfSlots(total, weights, slots) || !isSameSize(factor, total))
      return std::nullopt;
    return result;
  }

  bool isSumOfSlots(onnx::NodeOp total, Value weights, int64_t slots) {
    auto type = dyn_cast<RankedTensorType>(total.getInputs()[0].getType());
    return type && skipReshapes(total.getInputs()[0]) == weights && getStaticLastDim(total.getInputs()[0]) == slots &&
           match.getReductionAxes(total) == SmallVector<int64_t>{type.getRank() - 1};
  }

  /// No operand in between was broadcast.
  bool isSameSize(Value factor, onnx::NodeOp total) {
    auto count = [&](Value value) { return match.shapes.hasShape(value) ? countAll(value) : Expression(); };
    Expression expected = count(total.getResult(0));
    return expected && count(factor) == expected;
  }
  Expression countAll(Value value) {
    ArrayRef<Expression> shape = match.shapes.getShape(value);
    return shape.empty() ? Expression() : countRows(match.shapes, value) * shape.back();
  }

  Match &match;
  const Router &own;
  onnx::NodeOp fused;
};

}  // namespace

bool isScattered(Value scores) { return static_cast<bool>(getDefiner(skipReshapes(scores), "ScatterElements")); }

FailureOr<ScatteredRouter> matchScatteredRouter(Match &match, const Router &own, onnx::NodeOp fused) {
  return ScatteredMatcher(match, own, fused).run();
}

}  // namespace switchyard::raise
