#include "compiler/analysis/SymbolicShapes.h"

#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace switchyard {

SymbolicShapes::SymbolicShapes(Operation *function)
    : function(cast<func::FuncOp>(function)), context(std::make_unique<ExpressionContext>()), assumed(this->function) {
  for (unsigned index = 0; index < this->function.getNumArguments(); ++index)
    isLate |= static_cast<bool>(this->function.getArgAttr(index, "rt.dim"));
  // The dimensions come before everything that is made of them.
  seedArguments();
  // Each repetition replaces at least one name, or assumes one equality more, so that there are at most as many as both.
  while (run()) {
  }
  isSettled = true;
  assumed.store();
}

/// One forward pass; true where it found names to replace, so that another is needed.
bool SymbolicShapes::run() {
  changed = false;
  assumes = assumesNext;
  counts = 0;
  facts.clear();
  llvm::DenseMap<Operation *, ShapeFault> proved;
  for (const auto &[node, fault] : faults)
    if (fault.isInvalid)
      proved.try_emplace(node, fault);
  faults = std::move(proved);
  applyEqualities();
  seedArguments();
  if (!function.isExternal())
    for (Operation &op : function.front())
      visit(op);
  bool begins = !changed && lacksEquality && !mayAssume;
  mayAssume |= begins;
  return changed || begins;
}

Expression SymbolicShapes::dimension(llvm::StringRef name) {
  // Each name on the way then points to the end of its chain, so that chains stay short however long a model makes them.
  SmallVector<Expression *> links;
  std::optional<llvm::StringRef> next = name;
  for (auto found = substitutions.find(name); found != substitutions.end();
       found = next ? substitutions.find(*next) : substitutions.end()) {
    links.push_back(&found->second);
    next = found->second.getDimension();
  }
  if (links.empty())
    return context->dimension(name);
  Expression last = *links.back();
  for (Expression *link : links)
    *link = last;
  return last;
}

void SymbolicShapes::applyEqualities() {
  isApplying = true;
  assumed.apply(
      *context, [this](llvm::StringRef name) { return dimension(name); },
      [this](Expression a, Expression b) { return succeeded(addEquality(a, b)); }, /*keepsAll=*/isLate);
  isApplying = false;
}

Expression SymbolicShapes::resolve(Expression expression) {
  return replaceDimensions(expression, [this](llvm::StringRef name) { return dimension(name); });
}

Dims SymbolicShapes::seedShape(unsigned argument, RankedTensorType type) {
  auto name = function.getArgAttrOfType<StringAttr>(argument, "rt.name");
  if (!name)
    name = function.getArgAttrOfType<StringAttr>(argument, "onnx.name");
  auto stated = function.getArgAttrOfType<ArrayAttr>(argument, "rt.shape");
  if (!stated)
    stated = function.getArgAttrOfType<ArrayAttr>(argument, "onnx.dims");
  bool isExpression = static_cast<bool>(function.getArgAttr(argument, "rt.shape"));
  auto named = [this](llvm::StringRef dim) { return dimension(dim); };
  Dims shape;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    auto text = stated && d < static_cast<int64_t>(stated.size()) ? dyn_cast<StringAttr>(stated[d]) : StringAttr();
    if (!type.isDynamicDim(d))
      shape.push_back(context->constant(type.getDimSize(d)));
    else if (Expression formula = text && isExpression ? parseExpression(*context, text.getValue(), named) : Expression())
      shape.push_back(formula);
    else if (text)
      shape.push_back(dimension(text.getValue()));
    else
      shape.push_back(dimension(((name ? name.getValue() : "argument" + std::to_string(argument)) + "." + llvm::Twine(d)).str()));
  }
  return shape;
}

void SymbolicShapes::seedArguments() {
  for (auto [index, argument] : llvm::enumerate(function.getArguments()))
    if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
      setFacts(argument, {type.getElementType(), seedShape(index, type), std::nullopt});
}

void SymbolicShapes::visit(Operation &op) {
  visited = &op;
  auto node = dyn_cast<onnx::NodeOp>(op);
  if (!node)
    return inferOtherOp(op, *this);
  NodeShapes shapes(node, *this);
  const ShapeRules &rules = getShapeRules();
  auto rule = rules.find(node.getOpType());
  if (rule != rules.end()) {
    // Where the rule fails it has left a fault, unless an operand is not known either.
    if (succeeded(shapes.checkElementTypes()))
      (void)rule->second(shapes);
    return;
  }
  // Without a rule, a static type stated by the file is still worth having.
  for (Value result : op.getResults())
    if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && type.hasStaticShape())
      setShape(result, llvm::map_to_vector(type.getShape(), [&](int64_t size) { return context->constant(size); }));
}

void SymbolicShapes::infer(Operation &op) {
  // An erased op may have stood at the same address.
  faults.erase(&op);
  for (Value result : op.getResults())
    facts.erase(result);
  visit(op);
}

const TensorFacts *SymbolicShapes::getFacts(Value value) const {
  auto found = facts.find(value);
  return found == facts.end() ? nullptr : found->second.get();
}

bool SymbolicShapes::isKnownBeforeData(Value value) const {
  const TensorFacts *known = getFacts(value);
  auto dependsOnData = [](Expression expression) { return expression.dependsOnData(); };
  return known && llvm::none_of(known->shape, dependsOnData) && (!known->data || llvm::none_of(*known->data, dependsOnData));
}

std::optional<ArrayRef<Expression>> SymbolicShapes::getData(Value value) const {
  const TensorFacts *known = value ? getFacts(value) : nullptr;
  if (!known || !known->data)
    return std::nullopt;
  return ArrayRef<Expression>(*known->data);
}

std::optional<SmallVector<int64_t>> SymbolicShapes::getConstantData(Value value) const {
  std::optional<ArrayRef<Expression>> data = getData(value);
  if (!data)
    return std::nullopt;
  SmallVector<int64_t> result;
  for (Expression element : *data) {
    std::optional<int64_t> constant = element.getConstant();
    if (!constant)
      return std::nullopt;
    result.push_back(*constant);
  }
  return result;
}

std::optional<int64_t> SymbolicShapes::getConstantInteger(Value value) const {
  std::optional<SmallVector<int64_t>> data = value ? getConstantData(value) : std::nullopt;
  return data && data->size() == 1 ? std::optional(data->front()) : std::nullopt;
}

const ShapeFault *SymbolicShapes::getFault(Operation *node) const {
  auto found = faults.find(node);
  return found == faults.end() ? nullptr : &found->second;
}

void SymbolicShapes::setFault(Operation *node, ShapeFault fault) {
  if (fault.isInvalid && !assumed.getFirst().empty()) {
    fault.isInvalid = false;
    fault.reason += "; the file is taken to be for calls in which " + assumed.getFirst().str();
  } else if (fault.isInvalid && assumes) {
    fault.isInvalid = false;
    fault.reason += "; a named dimension that is broadcast is taken to be the size that it meets, and not 1";
  }
  faults.try_emplace(node, std::move(fault));
}

void SymbolicShapes::setShape(Value value, ArrayRef<Expression> shape) {
  setFacts(value, {cast<ShapedType>(value.getType()).getElementType(), Dims(shape), std::nullopt});
}

RankedTensorType SymbolicShapes::getType(ArrayRef<Expression> shape, Type elementType) {
  SmallVector<int64_t> sizes;
  for (Expression dim : shape)
    sizes.push_back(dim.getConstant().value_or(ShapedType::kDynamic));
  return RankedTensorType::get(sizes, elementType);
}

LogicalResult SymbolicShapes::addEquality(Expression a, Expression b) {
  a = a ? resolve(a) : a;
  b = b ? resolve(b) : b;
  if (a && a == b)
    return success();
  // Of two names the later gives way, so that the result does not depend on the order of operands.
  std::optional<std::pair<Expression, Expression>> solution = solveForDimension(a, b);
  if (!solution)
    return failure();
  auto [name, value] = *solution;
  llvm::StringRef replaced = *name.getDimension();
  // Sums hold names that stand for themselves alone, so that none is defined by itself.
  SmallVector<std::pair<llvm::StringRef, Expression>> renewed;
  for (llvm::StringRef sum : sums) {
    Expression now = replaceDimensions(substitutions[sum], [&](llvm::StringRef each) { return each == replaced ? value : context->dimension(each); });
    if (!now)
      return failure();
    renewed.push_back({sum, now});
  }
  for (auto [sum, now] : renewed)
    substitutions[sum] = now;
  auto entry = substitutions.try_emplace(replaced, value).first;
  if (!value.getDimension() && !value.getConstant())
    sums.push_back(entry->getKey());
  changed = true;
  if (isLate && !isApplying)
    assumed.addName(name, value, visited);
  if (isLate && isSettled)
    assumed.store();
  return success();
}

LogicalResult SymbolicShapes::checkAtRunTime(Expression a, Expression b) {
  if (!a || !b || a.dependsOnData() || b.dependsOnData())
    return failure();
  std::tie(a, b) = cancelCommonFactor(a, b);
  auto follows = [&](llvm::StringRef name) { return context->dimension(name) + 1; };
  // Sizes that are equal for nothing at all, or for empty inputs alone.
  for (Expression difference : {a - b, b - a})
    if (difference && replaceDimensions(difference, follows).isAtLeast(1))
      return failure();
  if (succeeded(addEquality(a, b)) || assumed.contains(a, b))
    return success();
  // What is assumed now holds in what this pass has not seen yet, but not in what it has: one at a time.
  lacksEquality = true;
  if (!isSettled && (!mayAssume || changed))
    return success(mayAssume);
  if (failed(assumed.add(a, b, visited)))
    return failure();
  if (isSettled)
    assumed.store();
  else
    changed |= context->assumeEqual(a, b);
  return success();
}

LogicalResult SymbolicShapes::assumeEquality(Expression a, Expression b) {
  bool wasChanged = std::exchange(changed, false);
  LogicalResult added = addEquality(a, b);
  if (auto parts = failed(added) ? splitMinimum(a, b) : std::nullopt)
    added = addEquality(parts->first, parts->second);
  assumesNext |= changed && (!a.getDimension() || !b.getDimension());
  changed |= wasChanged;
  return added;
}

LogicalResult SymbolicShapes::verifyDimensionArguments() {
  llvm::StringSet<> given;
  std::optional<llvm::StringRef> missing;
  for (unsigned index = 0; index < function.getNumArguments(); ++index)
    if (auto name = function.getArgAttrOfType<StringAttr>(index, "rt.dim"))
      given.insert(name.getValue());
  for (Value argument : function.getArguments())
    if (const TensorFacts *known = getFacts(argument))
      for (Expression dim : known->shape)
        visitDimensions(dim, [&](llvm::StringRef name) { missing = given.contains(name) ? missing : name; });
  if (missing)
    return function.emitError() << "expects an index argument with rt.dim = \"" << *missing << "\": run moe-infer-shapes first";
  return success();
}

template <typename Op, typename... Arguments> Value SymbolicShapes::emitIndexOp(Arguments... arguments) {
  OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
  if (lastIndexOp)
    builder.setInsertionPointAfter(lastIndexOp);
  auto op = Op::create(builder, function.getLoc(), arguments...);
  lastIndexOp = op;
  return op;
}

Value SymbolicShapes::materializeAtom(unsigned index) {
  if (Value known = materializedAtoms.lookup(index))
    return known;
  const Atom &atom = context->getAtom(index);
  Value value;
  if (atom.kind == AtomKind::dimension) {
    for (BlockArgument argument : function.getArguments()) {
      auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "rt.dim");
      if (name && name.getValue() == atom.name)
        value = argument;
    }
    assert(value && "verifyDimensionArguments has not been called");
  } else {
    Value lhs = materialize(atom.lhs), rhs = materialize(atom.rhs);
    if (atom.kind == AtomKind::floorDiv)
      value = emitIndexOp<arith::FloorDivSIOp>(lhs, rhs);
    else if (atom.kind == AtomKind::max)
      value = emitIndexOp<arith::MaxSIOp>(lhs, rhs);
    else
      value = emitIndexOp<arith::MinSIOp>(lhs, rhs);
  }
  return materializedAtoms[index] = value;
}

Value SymbolicShapes::materializeTerm(const Term &term) {
  Value product;
  for (unsigned index : term.atoms) {
    Value factor = materializeAtom(index);
    product = product ? emitIndexOp<arith::MulIOp>(product, factor) : factor;
  }
  if (product && term.coefficient == 1)
    return product;
  Value coefficient = emitIndexOp<arith::ConstantIndexOp>(term.coefficient);
  return product ? emitIndexOp<arith::MulIOp>(product, coefficient) : coefficient;
}

Value SymbolicShapes::materialize(Expression expression) {
  if (Value known = materialized.lookup(expression))
    return known;
  Value sum;
  for (const Term &term : expression.getTerms()) {
    Value next = materializeTerm(term);
    sum = sum ? emitIndexOp<arith::AddIOp>(sum, next) : next;
  }
  if (!sum)
    sum = emitIndexOp<arith::ConstantIndexOp>(0);
  return materialized[expression] = sum;
}

OpFoldResult SymbolicShapes::materializeFolded(Expression expression) {
  if (std::optional<int64_t> constant = expression.getConstant())
    return IntegerAttr::get(IndexType::get(function.getContext()), *constant);
  return materialize(expression);
}

Expression SymbolicShapes::getExpression(Value index) {
  auto [position, inserted] = expressions.try_emplace(index, Expression());
  if (!inserted)
    return position->second;
  Expression expression = computeExpression(index);
  return expressions[index] = expression;
}

Expression SymbolicShapes::computeExpression(Value index) {
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    if (argument.getOwner()->getParentOp() != function)
      return {};
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "rt.dim");
    return name ? dimension(name.getValue()) : Expression();
  }
  IntegerAttr constant;
  if (matchPattern(index, m_Constant(&constant)))
    return context->constant(constant.getInt());
  Operation *op = index.getDefiningOp();
  if (!op || op->getNumOperands() != 2 ||
      !isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::MaxSIOp, arith::MinSIOp>(op))
    return {};
  Expression lhs = getExpression(op->getOperand(0)), rhs = getExpression(op->getOperand(1));
  if (!lhs || !rhs)
    return {};
  if (isa<arith::AddIOp>(op))
    return lhs + rhs;
  if (isa<arith::SubIOp>(op))
    return lhs - rhs;
  if (isa<arith::MulIOp>(op))
    return lhs * rhs;
  if (isa<arith::FloorDivSIOp>(op))
    return floorDiv(lhs, rhs);
  if (isa<arith::CeilDivSIOp>(op))
    return ceilDiv(lhs, rhs);
  return isa<arith::MaxSIOp>(op) ? max(lhs, rhs) : min(lhs, rhs);
}

}  // namespace switchyard
