// Attention: operands as batch, heads, tokens and head size, and what follows for the results.
#include "compiler/analysis/AttentionSizes.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// The head size of GroupQueryAttention, from its attributes and operands.
FailureOr<int64_t> getHeadSize(NodeShapes &node, int64_t heads, int64_t kvHeads) {
  constexpr int64_t maxHeads = 1 << 20;
  const TensorFacts *query = node.require(0), *lengths = node.require(5), *sink = node.input(11);
  if (!query || !lengths)
    return failure();
  if (heads < 1 || heads > maxHeads || kvHeads < 1 || kvHeads > maxHeads)
    return node.invalid("num_heads = " + llvm::Twine(heads) + " and kv_num_heads = " + llvm::Twine(kvHeads) + " must be from 1 to " +
                        llvm::Twine(maxHeads));
  if (query->shape.size() != 3)
    return node.unsupported("the query must be batch x sequence x columns, but is " + node.describe(0));
  if (!countElements(node.context(), lengths->shape).isProvedEqual(query->shape[0]))
    return node.unsupported("one length a sequence must be given: " + node.describe(5) + " for " + node.describe(0));
  if (sink && !countElements(node.context(), sink->shape).isConstant(heads))
    return node.invalid("one sink for each of " + llvm::Twine(heads) + " heads must be given, but got " + node.describe(11));
  std::optional<int64_t> columns = query->shape[2].getConstant();
  int64_t parts = node.node.getInput(1) ? heads : heads + 2 * kvHeads;
  if (!columns)
    return node.unsupported("the columns of the query are not a number: " + node.describe(0));
  if (*columns % parts != 0)
    return node.invalid("the columns of " + node.describe(0) + " are not a multiple of " + llvm::Twine(parts) + " heads");
  return *columns / parts;
}

LogicalResult groupQueryAttention(NodeShapes &node) {
  const TensorFacts *query = node.require(0), *past = node.input(3);
  int64_t heads = node.node.getInt("num_heads", 0), kvHeads = node.node.getInt("kv_num_heads", 0);
  FailureOr<int64_t> headSize = getHeadSize(node, heads, kvHeads);
  std::optional<ArrayRef<Expression>> total = node.requireData(6, "the total length");
  if (failed(headSize) || !total)
    return failure();
  if (total->size() != 1)
    return node.invalid("the total length must be one number, but is " + node.describe(6));
  Dims result(query->shape);
  result[2] = node.constant(heads * *headSize);
  Expression length = total->front();
  if (past) {
    if (past->shape.size() != 4)
      return node.invalid("the past must be batch x heads x keys x head size, but is " + node.describe(3));
    (void)node.shapes.addEquality(past->shape[0], result[0]);
    (void)node.shapes.addEquality(past->shape[1], node.constant(kvHeads));
    (void)node.shapes.addEquality(past->shape[3], node.constant(*headSize));
    length = max(past->shape[2], length);
  }
  Type elementType = query->elementType;
  Dims present{result[0], node.constant(kvHeads), length, node.constant(*headSize)};
  if (failed(node.result(0, elementType, result)) || failed(node.result(1, elementType, present)))
    return failure();
  return node.result(2, elementType, present);
}

/// Queries, keys or values: how many tokens of how many heads of which size.
struct Heads {
  Expression batch, tokens;
  int64_t count, size;
};

constexpr llvm::StringLiteral twoLayouts = "batch x heads x tokens x head size, or batch x tokens x columns";

/// An operand of rank 4 has its heads second, one of rank 3 has them in its columns, `count` of them as attribute `attribute` says.
FailureOr<Heads> getHeads(NodeShapes &node, unsigned index, int64_t count, llvm::StringRef attribute) {
  const TensorFacts *facts = node.require(index);
  if (!facts)
    return failure();
  ArrayRef<Expression> shape = facts->shape;
  if (shape.size() != 3 && shape.size() != 4)
    return node.unsupported("an operand must be " + twoLayouts + ", but is " + node.describe(index));
  std::optional<int64_t> columns = shape.back().getConstant(), heads = shape.size() == 4 ? shape[1].getConstant() : std::optional(count);
  if (!columns || !heads)
    return node.unsupported("the heads and columns of an operand must be numbers, but it is " + node.describe(index));
  if (shape.size() == 4)
    return Heads{shape[0], shape[2], *heads, *columns};
  if (count < 1 || *columns % count != 0)
    return node.invalid("the columns of " + node.describe(index) + " are no multiple of " + attribute + " = " + llvm::Twine(count));
  return Heads{shape[0], shape[1], count, *columns / count};
}

/// The past of keys and of values, which stand together, as operands `first` and the next one.
LogicalResult readPast(NodeShapes &node, unsigned first, AttentionSizes &sizes) {
  sizes.pastKeys = node.constant(0);
  if (!node.node.getInput(first) != !node.node.getInput(first + 1))
    return node.invalid("the past of keys and of values must be given together, or neither");
  if (!node.node.getInput(first))
    return success();
  for (unsigned index : {first, first + 1}) {
    const TensorFacts *past = node.require(index);
    if (!past)
      return failure();
    if (past->shape.size() != 4)
      return node.invalid("the past must be batch x heads x keys x head size, but is " + node.describe(index));
    Dims shape(past->shape);
    int64_t size = index == first ? sizes.size : sizes.valueSize;
    if (failed(node.unify(shape[0], sizes.batch)) || failed(node.unify(shape[1], node.constant(sizes.kvHeads))) ||
        failed(node.unify(shape[3], node.constant(size))) || (index != first && failed(node.unify(shape[2], sizes.pastKeys))))
      return failure();
    if (index == first)
      sizes.pastKeys = shape[2];
  }
  return success();
}

/// The sizes of queries, keys and values that belong together.
FailureOr<AttentionSizes> join(NodeShapes &node, const Heads &query, const Heads &key, const Heads &value) {
  if (key.count != value.count || key.count < 1 || query.count % key.count != 0)
    return node.invalid("the heads of queries, " + llvm::Twine(query.count) + ", must be a multiple of those of keys and of values, " +
                        llvm::Twine(key.count) + " and " + llvm::Twine(value.count));
  if (query.size != key.size)
    return node.invalid("the heads of queries and keys must have one size, but have " + llvm::Twine(query.size) + " and " + llvm::Twine(key.size));
  FailureOr<Expression> batch = node.unify(query.batch, key.batch);
  if (failed(batch) || failed(batch = node.unify(*batch, value.batch)) || failed(node.unify(key.tokens, value.tokens)))
    return failure();
  return AttentionSizes{*batch, query.tokens, key.tokens, node.constant(0), query.count, key.count, query.size, value.size};
}

/// A mask broadcasts to batch x heads x queries x keys, but it may end before the last keys, which are then masked.
LogicalResult checkMask(NodeShapes &node, unsigned index, const AttentionSizes &sizes) {
  const TensorFacts *facts = node.input(index);
  if (!node.node.getInput(index))
    return success();
  if (!facts)
    return failure();
  Dims shape(facts->shape), whole{sizes.batch, node.constant(sizes.heads), sizes.queries, sizes.keys()};
  if (shape.empty() || shape.size() > 4)
    return node.invalid("a mask must have rank 1 to 4, but is " + node.describe(index));
  std::optional<int64_t> columns = shape.back().getConstant(), keys = whole.back().getConstant();
  if (columns && keys && *columns < *keys) {
    if (*columns == 1)
      return node.unsupported("a mask of one column may stand for all keys, or for the first one: " + node.describe(index));
    shape.back() = whole.back();
  } else if (failed(node.unify(shape.back(), whole.back()))) {
    return failure();
  }
  FailureOr<Dims> joined = node.broadcast(whole, shape);
  if (failed(joined))
    return failure();
  return llvm::equal(*joined, whole)
             ? success()
             : node.invalid("the mask " + node.describe(index) + " does not broadcast to " + describeShape(whole));
}

LogicalResult standardAttention(NodeShapes &node) {
  FailureOr<AttentionSizes> sizes = getStandardAttentionSizes(node);
  if (failed(sizes))
    return failure();
  const TensorFacts *query = node.input(0), *value = node.input(2);
  Expression heads = node.constant(sizes->heads), kvHeads = node.constant(sizes->kvHeads), valueSize = node.constant(sizes->valueSize);
  Dims result{sizes->batch, heads, sizes->queries, valueSize};
  if (query->shape.size() == 3)
    result = {sizes->batch, sizes->queries, heads * valueSize};
  Dims presentKey{sizes->batch, kvHeads, sizes->keys(), node.constant(sizes->size)}, presentValue{sizes->batch, kvHeads, sizes->keys(), valueSize};
  Type elementType = query->elementType, valueType = value->elementType;
  if (failed(node.result(0, elementType, result)) || failed(node.result(1, elementType, presentKey)) ||
      failed(node.result(2, valueType, presentValue)))
    return failure();
  return node.result(3, elementType, {sizes->batch, heads, sizes->queries, sizes->keys()});
}

/// Key and value in one operand behind the heads: batch x tokens x heads x `parts` x head size.
FailureOr<Heads> getPackedHeads(NodeShapes &node, unsigned index, int64_t count, int64_t parts) {
  ArrayRef<Expression> shape = node.input(index)->shape;
  std::optional<int64_t> size = shape.size() == 5 ? shape[4].getConstant() : std::nullopt;
  if (!size || !shape[2].isConstant(count) || !shape[3].isConstant(parts))
    return node.invalid("an operand that packs " + llvm::Twine(parts) + " must be batch x tokens x " + llvm::Twine(count) + " heads x " + llvm::Twine(parts) +
                        " x head size, but is " + node.describe(index));
  return Heads{shape[0], shape[1], count, *size};
}

/// The three operands of MultiHeadAttention, each by itself or packed with others.
FailureOr<AttentionSizes> getMultiHeadOperands(NodeShapes &node, int64_t count) {
  const TensorFacts *query = node.require(0);
  bool hasKey = static_cast<bool>(node.node.getInput(1)), hasValue = static_cast<bool>(node.node.getInput(2));
  if (!query || (hasKey && !node.require(1)))
    return failure();
  if (!hasKey) {
    if (hasValue)
      return node.invalid("a value is given without a key");
    FailureOr<Heads> all = getPackedHeads(node, 0, count, 3);
    if (failed(all))
      return failure();
    return join(node, *all, *all, *all);
  }
  FailureOr<Heads> heads = getHeads(node, 0, count, "num_heads");
  if (failed(heads))
    return failure();
  if (query->shape.size() != 3)
    return node.invalid("a query beside a key must be batch x tokens x columns, but is " + node.describe(0));
  if (!hasValue) {
    FailureOr<Heads> both = getPackedHeads(node, 1, count, 2);
    if (failed(both))
      return failure();
    return join(node, *heads, *both, *both);
  }
  FailureOr<Heads> key = getHeads(node, 1, count, "num_heads"), value = getHeads(node, 2, count, "num_heads");
  if (failed(key) || failed(value))
    return failure();
  return join(node, *heads, *key, *value);
}

LogicalResult multiHeadAttention(NodeShapes &node) {
  FailureOr<AttentionSizes> sizes = getMultiHeadAttentionSizes(node);
  if (failed(sizes))
    return failure();
  Type elementType = node.input(0)->elementType;
  Expression heads = node.constant(sizes->heads), size = node.constant(sizes->size), valueSize = node.constant(sizes->valueSize);
  if (failed(node.result(0, elementType, {sizes->batch, sizes->queries, heads * valueSize})) ||
      failed(node.result(1, elementType, {sizes->batch, heads, sizes->keys(), size})) ||
      failed(node.result(2, elementType, {sizes->batch, heads, sizes->keys(), valueSize})))
    return failure();
  return node.result(3, elementType, {sizes->batch, heads, sizes->queries, sizes->keys()});
}

LogicalResult packedAttention(NodeShapes &node) {
  FailureOr<AttentionSizes> sizes = getPackedAttentionSizes(node);
  if (failed(sizes))
    return failure();
  Type elementType = node.input(0)->elementType;
  Expression heads = node.constant(sizes->heads), size = node.constant(sizes->size);
  if (failed(node.result(0, elementType, {sizes->batch, sizes->queries, heads * sizes->valueSize})))
    return failure();
  if (sizes->size != sizes->valueSize && node.node.getNumResults() > 1)
    return node.unsupported("its present holds keys and values of one size, but they have " + llvm::Twine(sizes->size) + " and " + llvm::Twine(sizes->valueSize));
  return node.result(1, elementType, {node.constant(2), sizes->batch, heads, sizes->keys(), size});
}

/// Columns of queries, of keys and of values in the product of com.microsoft.Attention.
FailureOr<SmallVector<int64_t>> getProjectedColumns(NodeShapes &node, int64_t heads) {
  const TensorFacts *matrix = node.require(1);
  std::optional<int64_t> all = matrix && matrix->shape.size() == 2 ? matrix->shape[1].getConstant() : std::nullopt;
  if (!matrix)
    return failure();
  if (!all)
    return node.unsupported("the weights must be a matrix with a number of columns, but are " + node.describe(1));
  SmallVector<int64_t> columns(3, *all / 3);
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("qkv_hidden_sizes")))
    columns.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
  bool fits = columns.size() == 3 && heads > 0 && columns[0] == columns[1] &&
              llvm::all_of(columns, [&](int64_t count) { return count > 0 && count <= *all && count % heads == 0; });
  if (!fits || columns[0] + columns[1] + columns[2] != *all)
    return node.invalid("the columns of " + node.describe(1) + " are not those of queries, keys and values of num_heads = " + llvm::Twine(heads));
  return columns;
}

}  // namespace

FailureOr<AttentionSizes> getPackedAttentionSizes(NodeShapes &node) {
  enum Operand : unsigned { input, weights, bias, padding, past, attentionBias };
  const TensorFacts *facts = node.require(input);
  int64_t heads = node.node.getInt("num_heads", 0);
  FailureOr<SmallVector<int64_t>> columns = getProjectedColumns(node, heads);
  if (!facts || failed(columns))
    return failure();
  Dims x(facts->shape), sum{node.constant((*columns)[0] + (*columns)[1] + (*columns)[2])};
  if (x.size() != 3)
    return node.invalid("the input must be batch x tokens x columns, but is " + node.describe(input));
  if (failed(node.unify(x[2], node.input(weights)->shape[0])) || !node.broadcastsTo(bias, sum))
    return failure();
  if (node.input(bias) && !llvm::equal(node.input(bias)->shape, sum))
    return node.invalid("the bias must have " + llvm::Twine(*sum[0].getConstant()) + " elements, but is " + node.describe(bias));
  AttentionSizes sizes{x[0], x[1], x[1], node.constant(0), heads, heads, (*columns)[0] / heads, (*columns)[2] / heads};
  if (node.node.getInput(past)) {
    const TensorFacts *stated = node.require(past);
    if (!stated)
      return failure();
    Dims shape(stated->shape);
    if (shape.size() != 5 || sizes.size != sizes.valueSize)
      return node.invalid("the past must be 2 x batch x heads x keys x head size, but is " + node.describe(past));
    Expression expected[] = {node.constant(2), sizes.batch, node.constant(heads), shape[3], node.constant(sizes.size)};
    for (auto [has, needed] : llvm::zip_equal(shape, expected))
      if (failed(node.unify(has, needed)))
        return failure();
    sizes.pastKeys = shape[3];
  }
  Dims scores{sizes.batch, node.constant(heads), sizes.queries, sizes.keys()};
  return node.broadcastsTo(attentionBias, scores) ? sizes : FailureOr<AttentionSizes>(failure());
}

FailureOr<AttentionSizes> getStandardAttentionSizes(NodeShapes &node) {
  enum Operand : unsigned { query, key, value, mask, pastKey, pastValue, validKeys };
  FailureOr<Heads> q = getHeads(node, query, node.node.getInt("q_num_heads", 0), "q_num_heads");
  FailureOr<Heads> k = getHeads(node, key, node.node.getInt("kv_num_heads", 0), "kv_num_heads");
  FailureOr<Heads> v = getHeads(node, value, node.node.getInt("kv_num_heads", 0), "kv_num_heads");
  if (failed(q) || failed(k) || failed(v))
    return failure();
  FailureOr<AttentionSizes> sizes = join(node, *q, *k, *v);
  if (failed(sizes) || failed(readPast(node, pastKey, *sizes)) || failed(checkMask(node, mask, *sizes)))
    return failure();
  if (!node.node.getInput(validKeys))
    return sizes;
  const TensorFacts *lengths = node.require(validKeys);
  if (!lengths)
    return failure();
  if (node.node.getInput(pastKey))
    return node.invalid("nonpad_kv_seqlen stands beside a past");
  if (lengths->shape.size() != 1)
    return node.invalid("nonpad_kv_seqlen must be one number a sequence, but is " + node.describe(validKeys));
  if (failed(node.unify(lengths->shape[0], sizes->batch)))
    return failure();
  return sizes;
}

FailureOr<AttentionSizes> getMultiHeadAttentionSizes(NodeShapes &node) {
  enum Operand : unsigned { bias = 3, attentionBias = 5, pastKey = 6 };
  FailureOr<AttentionSizes> sizes = getMultiHeadOperands(node, node.node.getInt("num_heads", 0));
  if (failed(sizes) || failed(readPast(node, pastKey, *sizes)))
    return failure();
  if (const TensorFacts *facts = node.input(bias)) {
    int64_t columns = sizes->heads * (2 * sizes->size + sizes->valueSize);
    if (facts->shape.size() != 1 || !facts->shape[0].isConstant(columns))
      return node.invalid("the bias must have " + llvm::Twine(columns) + " elements, but is " + node.describe(bias));
  }
  Dims scores{sizes->batch, node.constant(sizes->heads), sizes->queries, sizes->keys()};
  return node.broadcastsTo(attentionBias, scores) ? sizes : FailureOr<AttentionSizes>(failure());
}

void addAttentionShapes(ShapeRules &rules) {
  rules["com.microsoft::GroupQueryAttention"] = groupQueryAttention;
  rules["com.microsoft::MultiHeadAttention"] = multiHeadAttention;
  rules["com.microsoft::Attention"] = packedAttention;
  rules["ai.onnx::Attention"] = standardAttention;
}

}  // namespace switchyard
