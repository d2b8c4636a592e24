// Convolutions and pools.
#include "compiler/analysis/WindowGeometry.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using switchyard::kernels::AutoPad;

namespace switchyard {

namespace {

/// The largest number that a kernel takes.
constexpr int64_t largest = int64_t{1} << 31;

/// `count` numbers of an attribute, each at least `least`; `otherwise` where it is absent.
FailureOr<SmallVector<int64_t>> readNumbers(NodeShapes &node, llvm::StringRef name, size_t count, int64_t least, int64_t otherwise) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr(name));
  if (!stated)
    return SmallVector<int64_t>(count, otherwise);
  SmallVector<int64_t> numbers(stated.asArrayRef());
  if (numbers.size() != count || llvm::any_of(numbers, [&](int64_t number) { return number < least || number > largest; }))
    return node.invalid(name + " must hold " + llvm::Twine(count) + " numbers of at least " + llvm::Twine(least) + " for " + node.describe(0));
  return numbers;
}

FailureOr<AutoPad> readAutoPad(NodeShapes &node) {
  llvm::StringRef text = node.node.getString("auto_pad", "NOTSET");
  if (text == "SAME_UPPER")
    return AutoPad::upper;
  if (text == "SAME_LOWER")
    return AutoPad::lower;
  if (text == "NOTSET" || text == "VALID")
    return AutoPad::stated;
  return node.invalid("auto_pad is '" + text + "', none of NOTSET, VALID, SAME_UPPER and SAME_LOWER");
}

/// The sizes of the kernel: stated, or those of the weight, or both.
FailureOr<SmallVector<int64_t>> readKernel(NodeShapes &node, std::optional<unsigned> weight, size_t spatial) {
  FailureOr<SmallVector<int64_t>> stated = readNumbers(node, "kernel_shape", spatial, 1, 0);
  if (failed(stated))
    return failure();
  bool isStated = node.node.getNodeAttr("kernel_shape") != nullptr;
  if (!weight && !isStated)
    return node.invalid("it has no kernel_shape");
  if (!weight)
    return stated;
  const TensorFacts *facts = node.require(*weight);
  if (!facts)
    return failure();
  if (facts->shape.size() != spatial + 2)
    return node.invalid("its weight has another rank than its operand: " + node.describe(*weight) + " over " + node.describe(0));
  std::optional<SmallVector<int64_t>> sizes = getStaticSizes(ArrayRef<Expression>(facts->shape).drop_front(2));
  if (!sizes)
    return node.unsupported("the sizes of its kernel are not known: " + node.describe(*weight));
  if ((isStated && *stated != *sizes) || llvm::is_contained(*sizes, 0))
    return node.invalid("its kernel_shape is not that of its weight " + node.describe(*weight));
  return *sizes;
}

/// How many windows there are along dimension `d`. With `ceil_mode` the last may reach beyond the padding, but begins before its end.
Expression countWindows(NodeShapes &node, const WindowGeometry &window, Expression size, size_t d) {
  Expression stride = node.constant(window.strides[d]), one = node.constant(1);
  if (window.autoPad != AutoPad::stated)
    return ceilDiv(size, stride);
  Expression room = size + (window.before[d] + window.after[d] - window.extent(d));
  Expression count = floorDiv(room, stride) + one;
  if (node.node.getInt("ceil_mode", 0) != 0)
    count = min(ceilDiv(room, stride) + one, ceilDiv(size + window.before[d], stride));
  return count && !count.getConstant() && !count.isAtLeast(0) ? max(count, node.constant(0)) : count;
}

/// Batch, `channels`, and the windows along the spatial dimensions.
FailureOr<Dims> windowsOf(NodeShapes &node, const WindowGeometry &window, Expression channels) {
  ArrayRef<Expression> under(node.input(0)->shape);
  Dims shape{under[0], channels};
  for (auto [d, size] : llvm::enumerate(under.drop_front(2)))
    shape.push_back(countWindows(node, window, size, d));
  return shape;
}

LogicalResult pool(NodeShapes &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node, std::nullopt);
  if (failed(window))
    return failure();
  FailureOr<Dims> shape = windowsOf(node, *window, node.input(0)->shape[1]);
  if (failed(shape) || failed(node.result(0, node.input(0)->elementType, *shape)))
    return failure();
  return node.result(1, IntegerType::get(node.node.getContext(), 64), *shape);
}

LogicalResult globalPool(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (facts->shape.size() < 2)
    return node.invalid("expected a batch, channels and spatial dimensions, but got " + node.describe(0));
  Dims shape(facts->shape.size(), node.constant(1));
  shape[0] = facts->shape[0];
  shape[1] = facts->shape[1];
  return node.result(0, facts->elementType, shape);
}

/// The number of groups, which must divide the channels of operand 0.
FailureOr<int64_t> readGroup(NodeShapes &node, Expression divided, unsigned weight = 1) {
  int64_t group = node.node.getInt("group", 1);
  std::optional<int64_t> count = divided.getConstant();
  if (group < 1 || group > largest || (count && *count % group != 0))
    return node.invalid(llvm::Twine(group) + " groups do not divide " + divided.str() + ": " + node.describe(0) + " by " + node.describe(weight));
  return group;
}

/// A bias has an element for each of `filters`.
LogicalResult checkBias(NodeShapes &node, Expression filters, unsigned index = 2) {
  if (!node.node.getInput(index))
    return success();
  const TensorFacts *bias = node.require(index);
  if (!bias)
    return failure();
  if (bias->shape.size() != 1)
    return node.invalid("its bias must be a vector, but is " + node.describe(index));
  return failed(node.unify(bias->shape[0], filters)) ? failure() : success();
}

LogicalResult convolution(NodeShapes &node) {
  FailureOr<Dims> shape = getConvolutionShape(node, 1, 2);
  return failed(shape) ? failure() : node.result(0, node.input(0)->elementType, *shape);
}

/// A convolution of images whose positions operand 2 moves and operand 4 weighs; operand 3 is the bias.
LogicalResult deformedConvolution(NodeShapes &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node, 1);
  const TensorFacts *offset = node.require(2);
  if (failed(window) || !offset)
    return failure();
  Dims x(node.input(0)->shape), weight(node.input(1)->shape), moved(offset->shape);
  FailureOr<int64_t> group = readGroup(node, weight[0]);
  if (failed(group) || failed(node.unify(x[1], weight[1] * *group)))
    return failure();
  int64_t places = node.node.getInt("offset_group", 1);
  for (int64_t size : window->kernel)
    places *= size;
  FailureOr<Dims> shape = windowsOf(node, *window, weight[0]);
  bool isImage = x.size() == 4 && moved.size() == 4 && window->autoPad == AutoPad::stated && places > 0;
  if (!isImage || failed(shape))
    return node.invalid("expected an image of rank 4 and as many offsets, but got " + node.describe(0) + " and " + node.describe(2));
  std::pair<Expression, Expression> equal[] = {
      {moved[0], x[0]}, {moved[1], node.constant(2 * places)}, {moved[2], (*shape)[2]}, {moved[3], (*shape)[3]}};
  for (auto [a, b] : equal)
    if (failed(node.unify(a, b)))
      return failure();
  return node.result(0, node.input(0)->elementType, *shape);
}

LogicalResult transposedConvolution(NodeShapes &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node, 1);
  if (failed(window))
    return failure();
  ArrayRef<Expression> under(node.input(0)->shape);
  size_t spatial = under.size() - 2;
  FailureOr<SmallVector<int64_t>> added = readNumbers(node, "output_padding", spatial, 0, 0), stated = readNumbers(node, "output_shape", spatial, 0, 0);
  FailureOr<int64_t> group = readGroup(node, under[1]);
  if (failed(added) || failed(stated) || failed(group))
    return failure();
  Expression filters = node.input(1)->shape[1] * *group;
  if (failed(node.unify(under[1], node.input(1)->shape[0])) || failed(checkBias(node, filters)))
    return failure();
  Dims shape{node.input(0)->shape[0], filters};
  for (size_t d = 0; d < spatial; ++d) {
    Expression size = node.input(0)->shape[d + 2];
    // SAME cuts what is longer than a stride for each element, and adds nothing to what is shorter.
    int64_t extent = window->extent(d) + (*added)[d];
    int64_t cut = window->autoPad == AutoPad::stated ? window->before[d] + window->after[d] : std::max<int64_t>(extent - window->strides[d], 0);
    Expression asked = node.node.getNodeAttr("output_shape") ? node.constant((*stated)[d]) : (size - 1) * window->strides[d] + (extent - cut);
    shape.push_back(asked && !asked.getConstant() && !asked.isAtLeast(0) ? max(asked, node.constant(0)) : asked);
  }
  return node.result(0, node.input(0)->elementType, shape);
}

/// The inverse of a pool: each window is apart from the next by its stride.
LogicalResult maxUnpool(NodeShapes &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node, std::nullopt);
  if (failed(window) || !node.require(1))
    return failure();
  const TensorFacts *facts = node.input(0);
  if (node.isReadAtRunTime(2))
    return node.resultsAsStated(facts->elementType);
  Dims shape(ArrayRef<Expression>(facts->shape).take_front(2));
  std::optional<ArrayRef<Expression>> asked = node.node.getInput(2) ? node.requireData(2, "the shape of its result") : std::nullopt;
  if (node.node.getInput(2) && !asked)
    return failure();
  for (auto [d, size] : llvm::enumerate(ArrayRef<Expression>(facts->shape).drop_front(2)))
    shape.push_back((size - 1) * window->strides[d] + (window->kernel[d] - window->before[d] - window->after[d]));
  return node.result(0, facts->elementType, asked ? Dims(*asked) : shape);
}

}  // namespace

SmallVector<int64_t> WindowGeometry::numbers() const {
  SmallVector<int64_t> all;
  for (const SmallVector<int64_t> &list : {kernel, strides, dilations, before, after})
    llvm::append_range(all, list);
  return all;
}

FailureOr<WindowGeometry> getWindowGeometry(NodeShapes &node, std::optional<unsigned> weight) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (facts->shape.size() < 3)
    return node.invalid("expected a batch, channels and spatial dimensions, but got " + node.describe(0));
  size_t spatial = facts->shape.size() - 2;
  FailureOr<SmallVector<int64_t>> kernel = readKernel(node, weight, spatial);
  FailureOr<SmallVector<int64_t>> strides = readNumbers(node, "strides", spatial, 1, 1), dilations = readNumbers(node, "dilations", spatial, 1, 1);
  FailureOr<SmallVector<int64_t>> pads = readNumbers(node, "pads", 2 * spatial, 0, 0);
  FailureOr<AutoPad> autoPad = readAutoPad(node);
  if (failed(kernel) || failed(strides) || failed(dilations) || failed(pads) || failed(autoPad))
    return failure();
  bool valid = node.node.getString("auto_pad", "NOTSET") != "NOTSET";
  SmallVector<int64_t> before(ArrayRef<int64_t>(*pads).take_front(spatial)), after(ArrayRef<int64_t>(*pads).drop_front(spatial));
  if (valid)
    before = after = SmallVector<int64_t>(spatial, 0);
  return WindowGeometry{*kernel, *strides, *dilations, before, after, *autoPad};
}

FailureOr<Dims> getConvolutionShape(NodeShapes &node, unsigned weight, unsigned bias) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node, weight);
  if (failed(window))
    return failure();
  Expression channels = node.input(0)->shape[1], filters = node.input(weight)->shape[0], perGroup = node.input(weight)->shape[1];
  FailureOr<int64_t> group = readGroup(node, filters, weight);
  if (failed(group) || failed(node.unify(channels, perGroup * *group)) || failed(checkBias(node, filters, bias)))
    return failure();
  return windowsOf(node, *window, filters);
}

void addWindowShapes(ShapeRules &rules) {
  for (llvm::StringRef name : {"AveragePool", "MaxPool", "LpPool"})
    rules[("ai.onnx::" + name).str()] = pool;
  for (llvm::StringRef name : {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})
    rules[("ai.onnx::" + name).str()] = globalPool;
  rules["ai.onnx::Conv"] = convolution;
  rules["ai.onnx::DeformConv"] = deformedConvolution;
  rules["ai.onnx::ConvTranspose"] = transposedConvolution;
  rules["ai.onnx::MaxUnpool"] = maxUnpool;
}

}  // namespace switchyard
