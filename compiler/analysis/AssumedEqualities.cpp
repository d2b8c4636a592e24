#include "compiler/analysis/AssumedEqualities.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace switchyard {

/// "node 'add' (Add)".
static std::string describeNode(Operation *op) {
  auto node = dyn_cast_or_null<onnx::NodeOp>(op);
  if (!node)
    return "the program";
  llvm::StringRef type = node.getOpType();
  type.consume_front("ai.onnx::");
  return "node '" + (node.getName().empty() ? getNodeName(node.getLoc()) : node.getName().str()) + "' (" + type.str() + ")";
}

AssumedEqualities::AssumedEqualities(func::FuncOp function) : function(function) {
  auto list = function->getAttrOfType<ArrayAttr>(attribute);
  for (Attribute entry : list ? list.getValue() : ArrayRef<Attribute>()) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    auto text = [&](llvm::StringRef name) {
      auto value = fields ? fields.getAs<StringAttr>(name) : StringAttr();
      return value ? value.getValue() : llvm::StringRef();
    };
    Result<artifact::Expression> left = artifact::Expression::parse(text("left")), right = artifact::Expression::parse(text("right"));
    if (left.ok() && right.ok())
      entries.push_back({*left, *right, text("node").str()});
  }
}

void AssumedEqualities::apply(ExpressionContext &context, llvm::function_ref<Expression(llvm::StringRef)> dimension,
                              llvm::function_ref<bool(Expression, Expression)> join, bool keepsAll) {
  context.forgetEqualities();
  differences.clear();
  first.clear();
  llvm::erase_if(entries, [&](artifact::Equality &entry) {
    Expression left = parseExpression(context, entry.left.print(), dimension),
               right = parseExpression(context, entry.right.print(), dimension);
    if (!left || !right || left == right || join(left, right))
      return !keepsAll;
    note(left, right);
    context.assumeEqual(left, right);
    if (!keepsAll)
      entry = {*artifact::Expression::parse(left.str()), *artifact::Expression::parse(right.str()), entry.node};
    return false;
  });
}

bool AssumedEqualities::contains(Expression a, Expression b) const {
  Expression difference = a - b, opposite = b - a;
  return difference && (llvm::is_contained(differences, difference) || llvm::is_contained(differences, opposite));
}

LogicalResult AssumedEqualities::add(Expression a, Expression b, Operation *node) {
  Result<artifact::Expression> left = artifact::Expression::parse(a.str()), right = artifact::Expression::parse(b.str());
  if (!left.ok() || !right.ok() || entries.size() >= maxEqualities)
    return failure();
  entries.push_back({*left, *right, describeNode(node)});
  std::string dim = artifact::onlyDimension(entries.back());
  if (!dim.empty() && artifact::fittingValues(entries, dim, artifact::maxTriedValues).empty()) {
    entries.pop_back();
    return failure();
  }
  note(a, b);
  return success();
}

void AssumedEqualities::addName(Expression name, Expression value, Operation *node) {
  Result<artifact::Expression> left = artifact::Expression::parse(name.str()), right = artifact::Expression::parse(value.str());
  if (left.ok() && right.ok())
    entries.push_back({*left, *right, describeNode(node)});
}

void AssumedEqualities::note(Expression a, Expression b) {
  differences.push_back(a - b);
  if (first.empty())
    first = a.str() + " is " + b.str();
}

void AssumedEqualities::store() {
  if (entries.empty()) {
    function->removeAttr(attribute);
    return;
  }
  Builder builder(function.getContext());
  function->setAttr(attribute, builder.getArrayAttr(llvm::map_to_vector(entries, [&](const artifact::Equality &entry) -> Attribute {
    auto field = [&](llvm::StringRef name, const std::string &text) { return builder.getNamedAttr(name, builder.getStringAttr(text)); };
    return builder.getDictionaryAttr({field("left", entry.left.print()), field("node", entry.node), field("right", entry.right.print())});
  })));
}

}  // namespace switchyard
