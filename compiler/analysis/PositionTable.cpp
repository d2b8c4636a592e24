#include "compiler/analysis/PositionTable.h"

using namespace mlir;

namespace switchyard {

std::optional<PositionTable> findPositionTable(onnx::NodeOp node, const SymbolicShapes &shapes) {
  enum Operand : unsigned { query = 0, cosine = 7, sine = 8, positions = 9 };
  bool rotates = node.getOpType() == "com.microsoft::GroupQueryAttention" && node.getInt("do_rotary", 0) != 0;
  if (!rotates || node.getInput(positions))
    return std::nullopt;
  auto sizeOf = [&](unsigned index, unsigned axis) {
    Value operand = node.getInput(index);
    const TensorFacts *facts = operand ? shapes.getFacts(operand) : nullptr;
    return facts && facts->shape.size() > axis ? facts->shape[axis] : Expression();
  };
  Expression tokens = sizeOf(query, 1), cosines = sizeOf(cosine, 0), sines = sizeOf(sine, 0);
  if (!tokens || !cosines || !sines || !cosines.getConstant() || !sines.getConstant())
    return std::nullopt;
  return PositionTable{std::min(*cosines.getConstant(), *sines.getConstant()), tokens};
}

}  // namespace switchyard
