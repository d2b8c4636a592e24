#include "compiler/raise/quantised/QuantisedNodes.h"

#include "compiler/raise/Refusals.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace switchyard::raise {

QuantisedRule getQuantisedRule(llvm::StringRef opType) {
  return llvm::StringSwitch<QuantisedRule>(opType)
      .Case("com.microsoft::MatMulNBits", decodeMatMulNBits)
      .Case("com.microsoft::MatMulBlockQuantizedFp8Weight", decodeFp8Weight)
      .Case("com.microsoft::MatMulBlockQuantizedFp4Weight", decodeFp4Weight)
      .Case("com.microsoft::GatherBlockQuantized", decodeGatherBlockQuantized)
      .Case("ai.onnx::DequantizeLinear", decodeDequantizeLinear)
      .Default(nullptr);
}

LogicalResult QuantisedNode::unsupported(const llvm::Twine &why) {
  node->setAttr(refusedAttribute, builder.getStringAttr(why));
  return failure();
}

LogicalResult QuantisedNode::expectAttributes(ArrayRef<llvm::StringRef> known) {
  for (NamedAttribute attribute : node.getNodeAttributes())
    if (!llvm::is_contained(known, attribute.getName().getValue()))
      return unsupported("unknown attribute " + attribute.getName().getValue());
  return success();
}

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

FailureOr<Attribute> QuantisedNode::constant(unsigned index, llvm::StringRef role) {
  Attribute recipe = getConstantRecipe(weights, node.getInput(index));
  if (!recipe)
    return unsupported("the " + role + " must be a weight of the model, but it is computed at run time");
  return recipe;
}

FailureOr<Attribute> QuantisedNode::constant(unsigned index, llvm::StringRef role, ArrayRef<int64_t> shape, bool isBytes) {
  FailureOr<Attribute> recipe = constant(index, role);
  if (failed(recipe))
    return failure();
  RankedTensorType type = rt::getRecipeType(*recipe), expected = RankedTensorType::get(shape, type.getElementType());
  if (isBytes && !type.getElementType().isUnsignedInteger(8))
    return unsupported("the " + role + " must be bytes, but it is " + print(type));
  if (type.getNumElements() != expected.getNumElements())
    return unsupported("expected " + print(expected) + " as the " + role + ", but it is " + print(type));
  return reshapeRecipe(*recipe, shape);
}

Value QuantisedNode::create(llvm::StringRef type, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
  // Version 13 of the operators that rules create takes and means what later ones do.
  constexpr int64_t version = 13;
  auto created = onnx::NodeOp::create(builder, node.getLoc(), node.getResult(0).getType(), operands, ("ai.onnx::" + type).str(), version,
                                      builder.getDictionaryAttr(attributes), node.getName(), builder.getStrArrayAttr({}), 0);
  shapes.setFacts(created.getResult(0), *shapes.getFacts(node.getResult(0)));
  return created.getResult(0);
}

Value QuantisedNode::read(Attribute recipe) {
  llvm::StringRef name = node.getName();
  for (unsigned index : {0u, 1u})
    if (auto reference = node.getInput(index) ? node.getInput(index).getDefiningOp<rt::WeightRefOp>() : rt::WeightRefOp())
      name = reference.getWeight();
  Value weight = weights.read(builder, node.getLoc(), recipe, (name + ".decoded").str());
  Dims shape;
  for (int64_t size : rt::getRecipeType(recipe).getShape())
    shape.push_back(shapes.getContext().constant(size));
  shapes.setShape(weight, shape);
  return weight;
}

LogicalResult QuantisedNode::replace(Value value) {
  node.getResult(0).replaceAllUsesWith(value);
  node.erase();
  return success();
}

}  // namespace switchyard::raise
