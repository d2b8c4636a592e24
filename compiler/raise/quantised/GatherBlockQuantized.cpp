// com.microsoft.GatherBlockQuantized: rows of a table whose blocks lie along another axis.
#include "compiler/raise/quantised/QuantisedNodes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { table, indices, scales, zeroPoints };

/// The integers of the table, and the type that its zero points have: bytes hold several of them in a row.
struct Table {
  Attribute elements;
  bool isPacked;
  int64_t bits;
};

FailureOr<Table> readTable(QuantisedNode &node) {
  FailureOr<Attribute> recipe = node.constant(table, "table");
  if (failed(recipe))
    return failure();
  Type element = rt::getRecipeType(*recipe).getElementType();
  int64_t bits = node.node.getInt("bits", 4);
  if (!element.isUnsignedInteger(8))
    return Table{*recipe, false, element.getIntOrFloatBitWidth()};
  if (!isDecodedWidth(bits))
    return node.unsupported("a table of " + llvm::Twine(bits) + " bits; decoded are 2, 4 and 8");
  return Table{unpackRecipe(*recipe, bits, rt::getRecipeType(*recipe).getShape().back() * 8 / bits), true, bits};
}

/// How many elements of each axis share a scale; failure where the scales have another shape.
FailureOr<SmallVector<int64_t>> findBlocks(QuantisedNode &node, ArrayRef<int64_t> shape, ArrayRef<int64_t> scaling, int64_t axis) {
  int64_t size = node.node.getInt("block_size", 128);
  bool fits = scaling.size() == shape.size() && size >= 0;
  SmallVector<int64_t> blocks(shape.size(), 1);
  for (size_t d = 0; fits && d < shape.size(); ++d) {
    bool along = static_cast<int64_t>(d) == axis;
    // One scale along an axis holds for all of it.
    blocks[d] = along && size > 0 ? size : scaling[d] == 1 ? std::max<int64_t>(1, shape[d]) : 1;
    fits = scaling[d] == static_cast<int64_t>(llvm::divideCeil(shape[d], blocks[d]));
  }
  if (!fits)
    return node.unsupported("the scales do not fit a table of [" + llvm::join(llvm::map_range(shape, [](int64_t n) { return std::to_string(n); }), ", ") +
                            "] in blocks of " + llvm::Twine(size) + " along axis " + llvm::Twine(axis));
  return blocks;
}

FailureOr<Attribute> readZeroPoints(QuantisedNode &node, const Table &table, Attribute scaling) {
  if (!node.node.getInput(zeroPoints))
    return table.isPacked ? middleZeroPoints(scaling, table.bits) : Attribute();
  SmallVector<int64_t> shape(rt::getRecipeType(scaling).getShape());
  int64_t last = shape.back();
  if (!table.isPacked)
    return node.constant(zeroPoints, "zero points", shape);
  shape.back() = llvm::divideCeil(last * table.bits, 8);
  FailureOr<Attribute> bytes = node.constant(zeroPoints, "zero points", shape, true);
  if (failed(bytes))
    return failure();
  return unpackRecipe(*bytes, table.bits, last);
}

}  // namespace

LogicalResult decodeGatherBlockQuantized(QuantisedNode &node) {
  onnx::NodeOp op = node.node;
  if (failed(node.expectAttributes({"bits", "block_size", "gather_axis", "quantize_axis"})))
    return failure();
  FailureOr<Table> table = readTable(node);
  FailureOr<Attribute> scaling = failed(table) ? FailureOr<Attribute>(failure()) : node.constant(scales, "scales");
  if (failed(scaling))
    return failure();
  ArrayRef<int64_t> shape = rt::getRecipeType(table->elements).getShape();
  int64_t rank = shape.size();
  auto axis = [&](llvm::StringRef name, int64_t otherwise) {
    int64_t stated = op.getInt(name, otherwise);
    return stated < 0 ? stated + rank : stated;
  };
  if (table->isPacked && axis("quantize_axis", 1) != rank - 1)
    return node.unsupported("a table of bytes is decoded in blocks along its last axis, but quantize_axis is " + llvm::Twine(op.getInt("quantize_axis", 1)));
  FailureOr<SmallVector<int64_t>> blocks = findBlocks(node, shape, rt::getRecipeType(*scaling).getShape(), axis("quantize_axis", 1));
  FailureOr<Attribute> zeros = failed(blocks) ? FailureOr<Attribute>(failure()) : readZeroPoints(node, *table, *scaling);
  if (failed(zeros))
    return failure();
  Attribute decoded = castRecipe(dequantiseRecipe(table->elements, *scaling, *zeros, *blocks), rt::getRecipeType(*scaling).getElementType());
  NamedAttribute along = node.builder.getNamedAttr("axis", node.builder.getI64IntegerAttr(axis("gather_axis", 0)));
  return node.replace(node.create("Gather", {node.read(decoded), op.getInput(indices)}, along));
}

}  // namespace switchyard::raise
