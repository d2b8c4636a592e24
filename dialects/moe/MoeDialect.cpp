#include "dialects/moe/MoeDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/moe/MoeDialect.cpp.inc"
#include "dialects/moe/MoeEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/moe/MoeAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/moe/MoeTypes.cpp.inc"

using namespace mlir;

namespace switchyard::moe {

void MoeDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/moe/MoeAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/moe/MoeTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/moe/MoeOps.cpp.inc"
      >();
}

LogicalResult GatingAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Score, Order order, int64_t groups,
                                 int64_t groupsKept, GroupScore, GroupFill, bool renormalize,
                                 FloatAttr renormalizeEpsilon, FloatAttr, FloatAttr mixerEpsilon, TieRule) {
  // gating_c1
  if (groups < 1 || groupsKept < 1 || groupsKept > groups)
    return emitError() << "gating expects 1 <= groups_kept <= groups, but got groups_kept " << groupsKept << " and groups " << groups;
  // gating_c2
  if (mixerEpsilon && (groups > 1 || renormalize))
    return emitError() << "gating expects no groups and no renormalize beside mixer_epsilon, but got groups " << groups
                       << " and renormalize " << (renormalize ? "true" : "false");
  // gating_c3
  if (renormalizeEpsilon && !renormalize)
    return emitError() << "gating expects renormalize beside renormalize_epsilon " << renormalizeEpsilon.getValueAsDouble();
  // gating_c4
  if (order == Order::mix_then_select && (groups > 1 || mixerEpsilon))
    return emitError() << "gating expects no groups and no mixer_epsilon beside order mix_then_select, but got groups " << groups
                       << (mixerEpsilon ? " and a mixer_epsilon" : "");
  return success();
}

LogicalResult DropAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, DropPriority, bool renormalize, FloatAttr epsilon) {
  // drop_c1
  if (epsilon && !renormalize)
    return emitError() << "drop expects renormalize beside epsilon " << epsilon.getValueAsDouble();
  return success();
}

bool takesAlpha(ActivationKind kind) {
  return kind == ActivationKind::silu || kind == ActivationKind::leaky_relu || kind == ActivationKind::elu || dividesByAlpha(kind);
}

bool keepsZero(ActivationKind kind) {
  return kind != ActivationKind::sigmoid && kind != ActivationKind::hard_sigmoid && kind != ActivationKind::softplus;
}

bool dividesByAlpha(ActivationKind kind) { return kind == ActivationKind::celu || kind == ActivationKind::softplus; }

LogicalResult ActivationAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, ActivationKind kind, FloatAttr alpha,
                                     FloatAttr, FloatAttr limit) {
  // activation_c1
  if (alpha && !takesAlpha(kind))
    return emitError() << "activation expects alpha for silu, leaky_relu, elu, celu and softplus only, but got alpha " << alpha.getValueAsDouble()
                       << " for " << stringifyActivationKind(kind);
  // activation_c2
  if (limit && !(limit.getValueAsDouble() > 0.0))
    return emitError() << "activation expects a limit greater than 0, but got " << limit.getValueAsDouble();
  // activation_c3
  if (!alpha && kind == ActivationKind::leaky_relu)
    return emitError() << "activation expects alpha beside leaky_relu";
  // activation_c4
  if (alpha && alpha.getValueAsDouble() == 0.0 && dividesByAlpha(kind))
    return emitError() << "activation expects an alpha other than 0 for " << stringifyActivationKind(kind);
  return success();
}

LogicalResult RouteType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t experts, int64_t slots, RouteSide) {
  // route_c1
  if (experts < 1 || slots < 1 || slots > experts)
    return emitError() << "route expects 1 <= slots <= experts, but got slots " << slots << " and experts " << experts;
  return success();
}

}  // namespace switchyard::moe
