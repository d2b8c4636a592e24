#include "compiler/raise/control/Sequences.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace switchyard::raise {

const SmallVector<Value> *Sequences::find(Value value) const {
  auto found = known.find(value);
  return found == known.end() ? nullptr : &found->second;
}

std::optional<int64_t> Sequences::position(Value value, int64_t size) const {
  std::optional<SmallVector<int64_t>> numbers = shapes.getConstantData(value);
  if (!numbers || numbers->size() != 1 || numbers->front() < -size || numbers->front() >= size)
    return std::nullopt;
  return numbers->front() < 0 ? numbers->front() + size : numbers->front();
}

void Sequences::insert(onnx::NodeOp node) {
  const SmallVector<Value> *from = find(node.getInput(0));
  if (!from || !node.getInput(1))
    return;
  SmallVector<Value> elements(*from);
  // One position more than there are elements: behind the last.
  int64_t size = elements.size();
  std::optional<SmallVector<int64_t>> numbers = shapes.getConstantData(node.getInput(2));
  bool isKnown = !node.getInput(2) || (numbers && numbers->size() == 1 && numbers->front() >= -size && numbers->front() <= size);
  if (!isKnown || size >= maxElements)
    return;
  int64_t place = node.getInput(2) ? numbers->front() : size;
  elements.insert(elements.begin() + (place < 0 ? place + size : place), node.getInput(1));
  set(node.getResult(0), std::move(elements));
}

void Sequences::erase(onnx::NodeOp node) {
  const SmallVector<Value> *from = find(node.getInput(0));
  if (!from || from->empty())
    return;
  SmallVector<Value> elements(*from);
  std::optional<int64_t> place = node.getInput(1) ? position(node.getInput(1), elements.size()) : static_cast<int64_t>(elements.size()) - 1;
  if (!place)
    return;
  elements.erase(elements.begin() + *place);
  set(node.getResult(0), std::move(elements));
}

void Sequences::at(onnx::NodeOp node) {
  const SmallVector<Value> *elements = find(node.getInput(0));
  if (!elements || !node.getInput(1))
    return;
  if (std::optional<int64_t> place = position(node.getInput(1), elements->size()))
    node.getResult(0).replaceAllUsesWith((*elements)[*place]);
}

std::optional<SmallVector<int64_t>> Sequences::pieceSizes(onnx::NodeOp node, int64_t length) const {
  if (!node.getInput(1))
    return length <= maxElements ? std::optional(SmallVector<int64_t>(length, 1)) : std::nullopt;
  std::optional<SmallVector<int64_t>> numbers = shapes.getConstantData(node.getInput(1));
  if (!numbers || !shapes.getShape(node.getInput(1)).empty())
    return numbers;
  // One number: pieces of that size, the last may be smaller.
  int64_t size = numbers->front();
  if (size < 1 || length / size >= maxElements)
    return std::nullopt;
  SmallVector<int64_t> sizes(length / size, size);
  if (length % size != 0)
    sizes.push_back(length % size);
  return sizes;
}

void Sequences::split(onnx::NodeOp node) {
  const TensorFacts *facts = shapes.getFacts(node.getInput(0));
  if (!facts)
    return;
  int64_t rank = facts->shape.size(), axis = node.getInt("axis", 0);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis >= rank || !facts->shape[axis].getConstant())
    return;
  std::optional<SmallVector<int64_t>> sizes = pieceSizes(node, *facts->shape[axis].getConstant());
  if (!sizes || sizes->empty() || static_cast<int64_t>(sizes->size()) > maxElements)
    return;
  NodeWriter writer(node, shapes);
  SmallVector<Value> pieces(writer.split(node.getInput(0), *sizes, axis));
  if (!node.getInput(1) && node.getInt("keepdims", 1) == 0)
    for (Value &piece : pieces)
      piece = writer.squeeze(piece, axis);
  set(node.getResult(0), std::move(pieces));
}

void Sequences::concat(onnx::NodeOp node) {
  const SmallVector<Value> *elements = find(node.getInput(0));
  if (!elements || elements->empty())
    return;
  NodeWriter writer(node, shapes);
  int64_t axis = node.getInt("axis", 0);
  Value all = node.getInt("new_axis", 0) ? writer.stack(*elements, axis) : writer.concat(*elements, axis);
  node.getResult(0).replaceAllUsesWith(all);
}

static bool isOptional(Value value) {
  auto opaque = dyn_cast<onnx::OpaqueType>(value.getType());
  return opaque && opaque.getText().starts_with("optional");
}

void Sequences::hasElement(onnx::NodeOp node) {
  Value input = node.getInput(0);
  bool isEmpty = !input || emptyOptionals.contains(input);
  if (!isEmpty && isOptional(input))
    return;
  node.getResult(0).replaceAllUsesWith(NodeWriter(node, shapes).boolean(!isEmpty));
}

void Sequences::getElement(onnx::NodeOp node) {
  Value input = node.getInput(0);
  if (input && !isOptional(input))
    node.getResult(0).replaceAllUsesWith(input);
}

void Sequences::resolve(onnx::NodeOp node) {
  llvm::StringRef type = node.getOpType();
  if (!type.consume_front("ai.onnx::") || node.getNumResults() != 1)
    return;
  Value result = node.getResult(0);
  if (type == "SequenceEmpty")
    return set(result, {});
  if (type == "SequenceConstruct")
    return set(result, SmallVector<Value>(node.getInputs()));
  if (type == "OptionalHasElement")
    return hasElement(node);
  if (type == "Optional" && !node.getInput(0)) {
    emptyOptionals.insert(result);
    return;
  }
  if (node.getInputs().empty())
    return;
  if (type == "Optional" || (type == "Identity" && find(node.getInput(0))))
    return result.replaceAllUsesWith(node.getInput(0));
  if (type == "SequenceLength") {
    if (const SmallVector<Value> *elements = find(node.getInput(0)))
      result.replaceAllUsesWith(NodeWriter(node, shapes).integer(elements->size()));
    return;
  }
  using Member = void (Sequences::*)(onnx::NodeOp);
  auto member = llvm::StringSwitch<Member>(type)
                    .Case("SequenceInsert", &Sequences::insert)
                    .Case("SequenceErase", &Sequences::erase)
                    .Case("SequenceAt", &Sequences::at)
                    .Case("SplitToSequence", &Sequences::split)
                    .Case("ConcatFromSequence", &Sequences::concat)
                    .Case("OptionalGetElement", &Sequences::getElement)
                    .Default(nullptr);
  if (member)
    (this->*member)(node);
}

}  // namespace switchyard::raise
