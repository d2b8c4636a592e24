// Rotary embeddings: by one position a token, by the token itself, or by three positions of which each column has one.
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// Numbers the tokens of all sequences through, B x S: the position of each in the list of its own angles.
Value tokenNumbers(NodeLowering &node, Expression batch, Expression sequence) {
  Value length = node.shapes.materialize(sequence);
  Type i64 = node.builder.getI64Type();
  return node.elementwise({}, {batch, sequence}, i64, [&](OpBuilder &b, Location l, ValueRange) -> Value {
    Value first = arith::MulIOp::create(b, l, linalg::IndexOp::create(b, l, 0), length);
    return arith::IndexCastOp::create(b, l, i64, arith::AddIOp::create(b, l, first, linalg::IndexOp::create(b, l, 1)));
  });
}

/// Rotates B x S x heads*d or B x heads x S x d by the angles of each token, B x S x half.
Value rotateTokens(NodeLowering &node, Value x, int64_t heads, Value positions, Value cosines, Value sines) {
  Dims shape = node.dims(x);
  bool headsFirst = shape.size() == 4, interleaved = node.node.getInt("interleaved", 0) != 0;
  if (headsFirst)
    x = node.transpose(x, {0, 2, 1, 3});
  Dims split = node.dims(x);
  if (headsFirst)
    x = node.reshape(x, {split[0], split[1], split[2] * split[3]});
  if (!positions) {
    Dims flat{split[0] * split[1], node.dims(cosines).back()};
    cosines = node.reshape(cosines, flat);
    sines = node.reshape(sines, flat);
    positions = tokenNumbers(node, split[0], split[1]);
  }
  Value result = node.shaped(nn::RotaryOp::create(node.builder, node.loc, x.getType(), x, positions, cosines, sines, heads, interleaved), node.dims(x));
  return headsFirst ? node.transpose(node.reshape(result, split), {0, 2, 1, 3}) : result;
}

/// com.microsoft.RotaryEmbedding of B x S x heads*d or B x heads x S x d; one position stands for the first of each sequence.
LogicalResult rotaryEmbedding(NodeLowering &node) {
  if (failed(node.expectAttributes({"interleaved", "is_packed_batching", "num_heads", "rotary_embedding_dim", "scale"})))
    return failure();
  Value x = node.input(0), positions = node.input(1), cosines = node.input(2), sines = node.input(3);
  Dims shape = node.dims(x);
  bool headsFirst = shape.size() == 4;
  std::optional<int64_t> width = shape.back().getConstant(), half = node.dims(cosines).back().getConstant();
  std::optional<int64_t> leading = headsFirst ? shape[1].getConstant() : std::nullopt;
  bool plain = node.node.getFloat("scale", 1.0) == 1.0 && node.node.getInt("is_packed_batching", 0) == 0;
  if ((shape.size() != 3 && !leading) || !width || !half || *half == 0 || !plain)
    return node.unsupported("expects an input of rank 3, or 4 with a number of heads, no scale and no packed batch");
  int64_t rotated = node.node.getInt("rotary_embedding_dim", 0);
  if (rotated != 0 && rotated != 2 * *half)
    return node.unsupported("rotary_embedding_dim is not twice the width of the caches");
  int64_t stated = node.node.getInt("num_heads", 0), heads = leading ? *leading : stated > 0 ? stated : *width / (2 * *half);
  if (node.rank(positions) == 1) {
    Dims grid{shape[0], shape[headsFirst ? 2 : 1]};
    positions = node.elementwise(positions, grid, TensorBuilder::elementType(positions), [](OpBuilder &b, Location l, ValueRange first) -> Value {
      Value offset = arith::IndexCastOp::create(b, l, first[0].getType(), linalg::IndexOp::create(b, l, 1));
      return arith::AddIOp::create(b, l, first[0], offset);
    });
  }
  return node.replace(rotateTokens(node, x, heads, positions, cosines, sines));
}

/// ai.onnx.RotaryEmbedding of B x S x heads*d or B x heads x S x d; without positions the angles are those of each token.
LogicalResult standardRotaryEmbedding(NodeLowering &node) {
  Value x = node.input(0), cosines = node.input(1);
  Dims shape = node.dims(x);
  std::optional<int64_t> heads = shape.size() == 4 ? shape[1].getConstant() : std::optional(node.node.getInt("num_heads", 0));
  std::optional<int64_t> half = node.dims(cosines).back().getConstant();
  int64_t rotated = node.node.getInt("rotary_embedding_dim", 0);
  if (!heads || *heads < 1 || !half || (rotated != 0 && rotated != 2 * *half))
    return node.unsupported("expects a number of heads, and caches of half as many columns as are rotated");
  return node.replace(rotateTokens(node, x, *heads, node.input(3), cosines, node.input(2)));
}

/// The rows of `cache` at the positions of each token, B x S x half: which of the three positions a column goes by say the sections.
Value gatherSections(NodeLowering &node, Value cache, ArrayRef<int64_t> sections, bool interleaved) {
  Value positions = node.input(1);
  Dims places = node.dims(positions), grid{places[1], places[2]}, shape{places[1], places[2], node.dims(cache)[1]};
  Type type = TensorBuilder::elementType(cache);
  SmallVector<Value> streams;
  for (int64_t stream = 0; stream < 3; ++stream) {
    Value own = node.reshape(node.sliceAxis(positions, 0, node.constant(stream), node.constant(1)), grid);
    streams.push_back(node.shaped(nn::GatherOp::create(node.builder, node.loc, SymbolicShapes::getType(shape, type), cache, own, 0), shape));
  }
  return node.elementwise(streams, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value column = linalg::IndexOp::create(b, l, 2);
    auto number = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, l, value); };
    auto below = [&](int64_t value) -> Value { return arith::CmpIOp::create(b, l, arith::CmpIPredicate::ult, column, number(value)); };
    auto choose = [&](Value condition, Value then, Value otherwise) -> Value { return arith::SelectOp::create(b, l, condition, then, otherwise); };
    if (!interleaved)
      return choose(below(sections[0]), x[0], choose(below(sections[0] + sections[1]), x[1], x[2]));
    Value chosen = x[0], place = arith::RemUIOp::create(b, l, column, number(3));
    for (int64_t stream : {1, 2}) {
      Value own = arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, place, number(stream));
      chosen = choose(arith::AndIOp::create(b, l, own, below(3 * sections[stream])), x[stream], chosen);
    }
    return chosen;
  });
}

/// com.microsoft.MRotaryEmbedding: a token has a position in time, one in height and one in width.
LogicalResult multimodalRotaryEmbedding(NodeLowering &node) {
  if (failed(node.expectAttributes({"interleaved", "is_packed_batching", "mrope_layout", "mrope_section", "num_heads", "rotary_embedding_dim", "scale"})))
    return failure();
  Value x = node.input(0), cosines = node.input(2), sines = node.input(3);
  Dims shape = node.dims(x);
  std::optional<int64_t> half = node.dims(cosines)[1].getConstant(), heads = shape.size() == 4 ? shape[1].getConstant() : std::optional(node.node.getInt("num_heads", 0));
  auto sections = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("mrope_section"));
  int64_t layout = node.node.getInt("mrope_layout", 0), rotated = node.node.getInt("rotary_embedding_dim", 0);
  if (node.node.getFloat("scale", 1.0) != 1.0 || node.node.getInt("is_packed_batching", 0) != 0 || (layout != 0 && layout != 1))
    return node.unsupported("expects no scale, no packed batch, and the mrope_layout 0 or 1");
  if (!half || !heads || *heads < 1 || (rotated != 0 && rotated != 2 * *half))
    return node.unsupported("expects a number of heads, and caches of half as many columns as are rotated");
  bool fits = sections && sections.size() == 3 && llvm::all_of(sections.asArrayRef(), [&](int64_t size) { return size >= 0 && size <= *half; });
  if (!fits || sections[0] + sections[1] + sections[2] != *half)
    return node.unsupported("expects the three numbers of mrope_section to sum up to the " + llvm::Twine(*half) + " columns of the caches");
  Value c = gatherSections(node, cosines, sections, layout == 1), s = gatherSections(node, sines, sections, layout == 1);
  return node.replace(rotateTokens(node, x, *heads, Value(), c, s));
}

}  // namespace

void addRotaryRules(LoweringRules &rules) {
  rules["com.microsoft::RotaryEmbedding"] = rotaryEmbedding;
  rules["com.microsoft::MRotaryEmbedding"] = multimodalRotaryEmbedding;
  rules["ai.onnx::RotaryEmbedding"] = standardRotaryEmbedding;
}

}  // namespace switchyard::raise
