#include "compiler/codegen/OpStructure.h"

#include "dialects/rt/RtDialect.h"

using namespace mlir;

namespace switchyard::codegen {

namespace {

using Key = std::vector<const void *>;

const void *asPointer(size_t number) { return reinterpret_cast<const void *>(number); }

/// What an op says of itself; a call's place in the program is not its structure.
DictionaryAttr structuralAttributes(Operation *op) {
  if (!isa<rt::KernelOp, rt::CollectiveOp>(op))
    return op->getAttrDictionary();
  NamedAttrList attributes(op->getAttrDictionary());
  attributes.erase("site");
  attributes.erase("layer");
  return attributes.getDictionary(op->getContext());
}

/// Builds the key of one op by a walk through its regions. The counts in it make it readable in one way only.
class KeyBuilder {
public:
  KeyBuilder(Operation *root, llvm::function_ref<Reference(Value)> reference) : root(root), reference(reference) {
    // Uses may stand before definitions, where blocks do.
    for (Region &region : root->getRegions())
      numberLocals(region);
    add(root);
  }
  Key key;

private:
  void numberLocals(Region &region) {
    for (Block &block : region) {
      blocks.try_emplace(&block, blocks.size());
      for (BlockArgument argument : block.getArguments())
        local.try_emplace(argument, local.size());
      for (Operation &op : block) {
        for (Value result : op.getResults())
          local.try_emplace(result, local.size());
        for (Region &inner : op.getRegions())
          numberLocals(inner);
      }
    }
  }

  void add(Operation *op) {
    key.insert(key.end(),
               {op->getName().getAsOpaquePointer(), structuralAttributes(op).getAsOpaquePointer(), asPointer(op->getNumResults()),
                asPointer(op->getNumOperands()), asPointer(op->getNumSuccessors()), asPointer(op->getNumRegions())});
    for (Type type : op->getResultTypes())
      key.push_back(type.getAsOpaquePointer());
    for (OpOperand &operand : op->getOpOperands())
      add(operand);
    if (op != root)
      for (Block *successor : op->getSuccessors())
        key.push_back(asPointer(blocks.at(successor)));
    for (Region &region : op->getRegions())
      add(region);
  }

  void add(OpOperand &operand) {
    Value value = operand.get();
    bool external = isExternal(operand, root);
    Reference from = external ? reference(value) : Reference(local.at(value), 0);
    key.insert(key.end(), {value.getType().getAsOpaquePointer(), asPointer(external), asPointer(from.first), asPointer(from.second)});
  }

  void add(Region &region) {
    key.push_back(asPointer(region.getBlocks().size()));
    for (Block &block : region) {
      key.insert(key.end(), {asPointer(block.getNumArguments()), asPointer(block.getOperations().size())});
      for (BlockArgument argument : block.getArguments())
        key.push_back(argument.getType().getAsOpaquePointer());
      for (Operation &op : block)
        add(&op);
    }
  }

  Operation *root;
  llvm::function_ref<Reference(Value)> reference;
  llvm::DenseMap<Value, size_t> local;
  llvm::DenseMap<Block *, size_t> blocks;
};

}  // namespace

SmallVector<OpOperand *> allOperands(Operation *op) {
  SmallVector<OpOperand *> operands;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    for (OpOperand &operand : inner->getOpOperands())
      operands.push_back(&operand);
  });
  return operands;
}

bool isExternal(const OpOperand &operand, Operation *op) {
  Operation *parent = operand.get().getParentRegion()->getParentOp();
  return !op->isAncestor(parent);
}

unsigned OpStructures::number(Operation *op, llvm::function_ref<Reference(Value)> reference) {
  return numbers.try_emplace(KeyBuilder(op, reference).key, numbers.size()).first->second;
}

}  // namespace switchyard::codegen
