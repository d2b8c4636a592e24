// com.microsoft.EmbedLayerNormalization: the norm of the sum of the embeddings of words, positions and segments.
#include "compiler/raise/lower/NodeLowering.h"
#include "compiler/raise/lower/ReductionBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { words, segments, wordTable, positionTable, segmentTable, scale, bias, mask, positions };

/// The rows of `table` that `ids` name.
Value lookUp(NodeLowering &node, Value table, Value ids) {
  Dims shape = node.dims(ids);
  shape.push_back(node.dims(table)[1]);
  RankedTensorType type = SymbolicShapes::getType(shape, TensorBuilder::elementType(table));
  if (Value weight = node.weights.asWeight(node.builder, table))
    return node.shaped(nn::EmbeddingOp::create(node.builder, node.loc, type, ids, weight), shape);
  return node.shaped(nn::GatherOp::create(node.builder, node.loc, type, table, ids, 0), shape);
}

/// The positions of the tokens of a sequence, 1 x sequence.
Value numberTokens(NodeLowering &node, Expression sequence) {
  Type i64 = node.builder.getI64Type();
  return node.elementwise({}, {node.constant(1), sequence}, i64, [&](OpBuilder &b, Location l, ValueRange) -> Value {
    return arith::IndexCastOp::create(b, l, i64, linalg::IndexOp::create(b, l, 1));
  });
}

/// For each sequence, how many numbers of the mask are 1; 0 where there is no mask.
Value countWords(NodeLowering &node) {
  Dims batch = node.resultDims(1);
  Type type = node.resultElementType(1);
  if (!node.input(mask))
    return node.fill(batch, node.zero(type));
  Dims shape = node.dims(node.input(mask));
  Value ones = node.elementwise(node.input(mask), shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value one = arith::ConstantOp::create(b, l, b.getIntegerAttr(x[0].getType(), 1));
    return arith::ExtUIOp::create(b, l, type, arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, x[0], one));
  });
  return reduce(node, Reduction::sum, ones, 1);
}

LogicalResult embedLayerNormalization(NodeLowering &node) {
  if (failed(node.expectAttributes({"epsilon", "mask_index_type"})))
    return failure();
  Dims shape = node.resultDims();
  Value places = node.input(positions) ? node.input(positions) : numberTokens(node, shape[1]);
  SmallVector<Value> rows{lookUp(node, node.input(wordTable), node.input(words)), lookUp(node, node.input(positionTable), places)};
  if (node.input(segments))
    rows.push_back(lookUp(node, node.input(segmentTable), node.input(segments)));
  Value sum = node.elementwise(rows, shape, node.resultElementType(), [](OpBuilder &b, Location l, ValueRange x) {
    Value all = x.front();
    for (Value next : x.drop_front())
      all = arith::AddFOp::create(b, l, all, next);
    return all;
  });
  FloatAttr epsilon = node.builder.getF64FloatAttr(node.node.getFloat("epsilon", 1e-12));
  Value normal = node.shaped(nn::LayerNormOp::create(node.builder, node.loc, sum.getType(), sum, node.input(scale), node.input(bias), epsilon), shape);
  return node.replace({normal, node.isUsed(1) ? countWords(node) : Value(), sum});
}

}  // namespace

void addEmbedLayerNormalizationRules(LoweringRules &rules) { rules["com.microsoft::EmbedLayerNormalization"] = embedLayerNormalization; }

}  // namespace switchyard::raise
