// Linear attention: a state of one matrix a head, and what stands around it.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// The columns of operand `index`, which has one row a token; failure where they are no number or no multiple of `parts`.
FailureOr<int64_t> getColumns(NodeShapes &node, unsigned index, int64_t parts) {
  const TensorFacts *facts = node.require(index);
  if (!facts)
    return failure();
  std::optional<int64_t> columns = facts->shape.size() == 3 ? facts->shape[2].getConstant() : std::nullopt;
  if (!columns)
    return node.unsupported("expected batch x tokens x columns, with a number of columns, but got " + node.describe(index));
  if (*columns % parts != 0)
    return node.invalid("the columns of " + node.describe(index) + " are no multiple of " + llvm::Twine(parts));
  return *columns;
}

/// Decay and update rate: one number a state, or `another` columns.
LogicalResult checkGate(NodeShapes &node, unsigned index, int64_t states, int64_t another) {
  if (!node.node.getInput(index))
    return success();
  FailureOr<int64_t> columns = getColumns(node, index, 1);
  if (failed(columns))
    return failure();
  return *columns == states || *columns == another ? success()
                                                   : node.invalid("expected " + llvm::Twine(states) + " or " + llvm::Twine(another) +
                                                                  " columns, but got " + node.describe(index));
}

LogicalResult linearAttention(NodeShapes &node) {
  enum Operand : unsigned { query, key, value, past, decay, beta };
  constexpr int64_t maxHeads = 1 << 20;
  int64_t heads = node.node.getInt("q_num_heads", 0), states = node.node.getInt("kv_num_heads", 0), most = std::max(heads, states);
  bool isContrib = node.node.getDomain() == "com.microsoft";
  if (heads < 1 || states < 1 || most > maxHeads || most % heads != 0 || most % states != 0 || (!isContrib && most != heads))
    return node.invalid("q_num_heads = " + llvm::Twine(heads) + " must be a multiple of kv_num_heads = " + llvm::Twine(states));
  FailureOr<int64_t> columns = getColumns(node, query, heads), valueColumns = failed(columns) ? columns : getColumns(node, value, states);
  if (failed(valueColumns))
    return failure();
  int64_t size = *columns / heads, valueSize = *valueColumns / states;
  if (size < 1)
    return node.invalid("the queries have no columns: " + node.describe(query));
  FailureOr<int64_t> keyColumns = getColumns(node, key, size);
  if (failed(keyColumns))
    return failure();
  int64_t keys = *keyColumns / size;
  if (keys < 1 || states % keys != 0 || (!isContrib && keys != states))
    return node.invalid("keys of " + llvm::Twine(*keyColumns) + " columns do not fit " + llvm::Twine(states) + " heads of size " + llvm::Twine(size));
  if (failed(checkGate(node, decay, states, states * size)) || failed(checkGate(node, beta, states, 1)))
    return failure();
  Dims shape(node.input(query)->shape), state{shape[0], node.constant(states), node.constant(size), node.constant(valueSize)};
  for (unsigned index : {key, value, decay, beta})
    for (unsigned d : {0, 1})
      if (node.node.getInput(index) && failed(node.unify(shape[d], Dims(node.input(index)->shape)[d])))
        return failure();
  Type type = node.input(query)->elementType, stateType = type;
  if (node.node.getInput(past)) {
    const TensorFacts *facts = node.require(past);
    if (!facts)
      return failure();
    stateType = facts->elementType;
    Dims stated(facts->shape);
    if (stated.size() != 4)
      return node.unsupported("the state must be batch x heads x key size x value size, but is " + node.describe(past));
    for (auto [has, needed] : llvm::zip_equal(stated, state))
      if (failed(node.unify(needed, has)))
        return failure();
  }
  shape[2] = node.constant(most * valueSize);
  return failed(node.result(0, type, shape)) ? failure() : node.result(1, stateType, state);
}

}  // namespace

void addLinearAttentionShapes(ShapeRules &rules) {
  for (llvm::StringRef name : {"ai.onnx::LinearAttention", "com.microsoft::LinearAttention"})
    rules[name] = linearAttention;
}

}  // namespace switchyard
