// Routers of which only the choice of experts is read: any keys, any weights.
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Router> matchPlainRouter(Match &match, Value ids, Value weights, Operation *reader, const Miss &miss) {
  // Nothing is taken but what leads from the choice to the experts: keys and weights go on reading the nodes in front of it.
  Match choice(match.shapes);
  FailureOr<Selection> selection = matchSelection(choice, ids, reader);
  std::optional<int64_t> experts = succeeded(selection) ? getStaticLastDim(selection->keys) : std::nullopt;
  if (!experts)
    return match.fail(miss.node, miss.condition);
  SymbolicShapes &shapes = match.shapes;
  auto type = dyn_cast<RankedTensorType>(weights.getType());
  bool known = type && shapes.hasShape(weights) && shapes.hasShape(selection->keys) && SymbolicShapes::getType(shapes.getShape(weights), type.getElementType()) == type;
  Expression routes = known ? countRows(shapes, selection->keys) * selection->slots : Expression();
  if (!known || countElements(shapes.getContext(), shapes.getShape(weights)) != routes)
    return match.fail(miss.node, miss.condition);
  auto gating = moe::GatingAttr::get(reader->getContext(), moe::Score::identity, moe::Order::score_then_select, 1, 1, moe::GroupScore::max,
                                     moe::GroupFill::zero, false, FloatAttr(), FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  return Router{selection->keys, {}, {}, gating, *experts, selection->slots, weights, miss.describe()};
}

}  // namespace switchyard::raise
