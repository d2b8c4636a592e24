// DequantizeLinear of a weight: one scale for all elements, for every index of an axis, or for every block along it.
#include "compiler/raise/quantised/QuantisedNodes.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { elements, scales, zeroPoints };

}  // namespace

LogicalResult decodeDequantizeLinear(QuantisedNode &node) {
  onnx::NodeOp op = node.node;
  // What a run computes, and a scalar, is dequantised by a kernel.
  for (Operand index : {elements, scales, zeroPoints})
    if (op.getInput(index) && !getConstantRecipe(node.weights, op.getInput(index)))
      return success();
  if (node.shapes.getShape(op.getInput(elements)).empty())
    return success();
  if (failed(node.expectAttributes({"axis", "block_size", "output_dtype"})))
    return failure();
  FailureOr<Attribute> weight = node.constant(elements, "tensor to dequantise");
  FailureOr<Attribute> scaling = failed(weight) ? FailureOr<Attribute>(failure()) : node.constant(scales, "scales");
  if (failed(scaling))
    return failure();
  // The shape analysis has checked the axis and the shape of the scales.
  ArrayRef<int64_t> shape = rt::getRecipeType(*weight).getShape();
  RankedTensorType type = rt::getRecipeType(*scaling);
  int64_t stated = op.getInt("axis", 1), axis = stated < 0 ? stated + shape.size() : stated, block = op.getInt("block_size", 0);
  SmallVector<int64_t> blocks, broadcast(shape.size(), 1);
  for (int64_t size : shape)
    blocks.push_back(block > 0 ? 1 : std::max<int64_t>(1, size));
  if (block > 0)
    blocks[axis] = block, broadcast = SmallVector<int64_t>(type.getShape());
  else if (type.getNumElements() != 1)
    blocks[axis] = 1, broadcast[axis] = shape[axis];
  Attribute zeros;
  if (op.getInput(zeroPoints)) {
    FailureOr<Attribute> stated = node.constant(zeroPoints, "zero points", broadcast);
    if (failed(stated))
      return failure();
    zeros = *stated;
  }
  Attribute decoded = dequantiseRecipe(*weight, reshapeRecipe(*scaling, broadcast), zeros, blocks);
  return node.replace(node.read(castRecipe(decoded, node.shapes.getFacts(op.getResult(0))->elementType)));
}

}  // namespace switchyard::raise
