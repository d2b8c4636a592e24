// The two or three matrices of an expert, whatever form their projections have.
#include "compiler/raise/experts/Experts.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// One part of a tensor whose last axis (but for axes of size 1) holds gate and up.
struct Half {
  Value whole;
  onnx::NodeOp node;
  int64_t offset = 0, stride = 1, size = 0;
};

bool isFeatureAxis(RankedTensorType type, int64_t axis) {
  return axis >= 0 && axis < type.getRank() && llvm::all_of(type.getShape().drop_front(axis + 1), [](int64_t size) { return size == 1; });
}

std::optional<Half> readSplit(Value value) {
  onnx::NodeOp split = getDefiner(value, "Split");
  auto type = split ? dyn_cast<RankedTensorType>(split.getInputs()[0].getType()) : RankedTensorType();
  if (!type)
    return std::nullopt;
  int64_t axis = Match::getAxis(split, type.getRank(), 0);
  if (!isFeatureAxis(type, axis))
    return std::nullopt;
  int64_t offset = 0;
  for (Value result : split.getResults()) {
    auto part = dyn_cast<RankedTensorType>(result.getType());
    if (!part || part.getRank() != type.getRank() || part.isDynamicDim(axis))
      return std::nullopt;
    if (result == value)
      return Half{split.getInputs()[0], split, offset, 1, part.getDimSize(axis)};
    offset += part.getDimSize(axis);
  }
  return std::nullopt;
}

std::optional<Half> readSlice(Match &match, Value value) {
  onnx::NodeOp slice = getDefiner(value, "Slice");
  auto type = slice ? dyn_cast<RankedTensorType>(slice.getInputs()[0].getType()) : RankedTensorType();
  auto part = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !part)
    return std::nullopt;
  auto single = [&](unsigned operand) { return match.shapes.getConstantInteger(slice.getInput(operand)); };
  std::optional<int64_t> start = single(1), axis = single(3), stride = slice.getInput(4) ? single(4) : std::optional<int64_t>(1);
  if (!start || !axis || !stride || *stride < 1)
    return std::nullopt;
  int64_t dim = *axis < 0 ? *axis + type.getRank() : *axis;
  if (!isFeatureAxis(type, dim) || type.isDynamicDim(dim) || part.isDynamicDim(dim) || *start < 0 || *start >= type.getDimSize(dim))
    return std::nullopt;
  return Half{slice.getInputs()[0], slice, *start, *stride, part.getDimSize(dim)};
}

std::optional<Half> readHalf(Match &match, Value value) {
  value = skipReshapes(value);
  std::optional<Half> half = readSplit(value);
  return half ? half : readSlice(match, value);
}

Attribute slicePart(Attribute recipe, const Half &half, int64_t dimFromEnd) {
  return recipe ? sliceRecipe(recipe, rt::getRecipeType(recipe).getRank() - dimFromEnd, half.offset, half.stride, half.size) : Attribute();
}

/// Gate and up as two parts of one projection.
LogicalResult matchFusedHalves(Match &match, const Activation &activation, const Half &gate, const Half &up, ProjectionMatcher project, Mlp &mlp) {
  for (Value value : {activation.gate, activation.up})
    match.takeReshapes(value);
  match.take(gate.node);
  match.take(up.node);
  FailureOr<Projection> both = project(gate.whole, gate.node);
  if (failed(both))
    return failure();
  RankedTensorType weight = rt::getRecipeType(both->weight);
  int64_t rows = weight.getDimSize(weight.getRank() - 2);
  for (const Half &half : {gate, up})
    if (half.offset + (half.size - 1) * half.stride >= rows)
      return match.fail(half.node, "its parts reach beyond the " + llvm::Twine(rows) + " rows of the weight");
  mlp.input = both->input;
  mlp.experts.gate = slicePart(both->weight, gate, 2);
  mlp.experts.gateBias = slicePart(both->bias, gate, 1);
  mlp.experts.up = slicePart(both->weight, up, 2);
  mlp.experts.upBias = slicePart(both->bias, up, 1);
  return success();
}

LogicalResult matchFirstMatrices(Match &match, const Activation &activation, Operation *reader, ProjectionMatcher project, Mlp &mlp) {
  if (activation.up) {
    std::optional<Half> gate = readHalf(match, activation.gate), up = readHalf(match, activation.up);
    if (gate && up && gate->whole == up->whole)
      return matchFusedHalves(match, activation, *gate, *up, project, mlp);
  }
  FailureOr<Projection> gate = project(activation.gate, reader);
  if (failed(gate))
    return failure();
  mlp.input = gate->input;
  mlp.experts.gate = gate->weight;
  mlp.experts.gateBias = gate->bias;
  if (!activation.up)
    return success();
  FailureOr<Projection> up = project(activation.up, reader);
  if (failed(up))
    return failure();
  if (!isSameTensor(match, up->input, gate->input))
    return match.fail(reader, "gate and up read different rows");
  if (rt::getRecipeType(up->weight) != rt::getRecipeType(gate->weight))
    return match.fail(reader, "gate and up have weights of different shapes");
  mlp.experts.up = up->weight;
  mlp.experts.upBias = up->bias;
  return success();
}

}  // namespace

bool isSameTensor(Match &match, Value a, Value b) {
  if (a == b)
    return true;
  SymbolicShapes &shapes = match.shapes;
  if (skipReshapes(a) != skipReshapes(b) || !shapes.hasShape(a) || !shapes.hasShape(b) || shapes.getShape(a) != shapes.getShape(b))
    return false;
  match.takeReshapes(a);
  return true;
}

FailureOr<Linear> matchLinear(Match &match, Value result, Operation *reader, llvm::function_ref<bool(Value)> isWeight) {
  Value value = match.takeFloatCasts(result);
  Linear linear;
  if (onnx::NodeOp sum = getDefiner(value, "Add")) {
    auto isProduct = [](Value v) { return getDefiner(skipReshapes(v), "MatMul"); };
    std::optional<unsigned> product = findOperand(sum, isProduct);
    if (!product)
      return match.fail(sum, "expected a bias and a MatMul");
    match.take(sum);
    FailureOr<ArrayRef<Expression>> before = match.getShape(sum.getInputs()[*product], sum), after = match.getShape(sum.getResult(0), sum);
    if (failed(before) || failed(after))
      return failure();
    if (*before != *after)
      return match.fail(sum, "the bias broadcasts the product");
    linear.bias = sum.getInputs()[1 - *product];
    value = match.takeReshapes(sum.getInputs()[*product]);
    reader = sum;
  }
  if (onnx::NodeOp gemm = getDefiner(value, "Gemm"); gemm && !linear.bias) {
    if (gemm.getFloat("alpha", 1.0) != 1.0 || gemm.getFloat("beta", 1.0) != 1.0 || gemm.getInt("transA", 0) != 0)
      return match.fail(gemm, "alpha, beta or transA is not the default");
    match.take(gemm);
    return Linear{gemm, gemm.getInputs()[0], gemm.getInputs()[1], gemm.getInput(2), false};
  }
  linear.product = match.takeDefiner(value, reader, "MatMul", "the product with an expert's weights");
  if (!linear.product)
    return failure();
  std::optional<unsigned> weight = findOperand(linear.product, isWeight);
  if (!weight)
    return match.fail(linear.product, "neither operand is a weight of the experts");
  linear.weightFirst = *weight == 0;
  linear.weight = linear.product.getInputs()[*weight];
  linear.input = linear.product.getInputs()[1 - *weight];
  return linear;
}

FailureOr<Mlp> matchMlp(Match &match, Value result, Operation *reader, ProjectionMatcher project) {
  FailureOr<Projection> down = project(result, reader);
  if (failed(down))
    return failure();
  FailureOr<Activation> activation = matchActivation(match, match.takeFloatCasts(down->input), reader);
  if (failed(activation))
    return failure();
  Mlp mlp;
  mlp.experts.down = down->weight;
  mlp.experts.downBias = down->bias;
  mlp.experts.activation = activation->attribute;
  Operation *function = activation->gate.getDefiningOp();
  if (failed(matchFirstMatrices(match, *activation, function ? function : reader, project, mlp)))
    return failure();
  return mlp;
}

}  // namespace switchyard::raise
