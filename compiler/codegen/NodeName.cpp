#include "compiler/codegen/NodeName.h"

using namespace mlir;

namespace switchyard::codegen {

StringAttr nodeName(Location location) {
  auto name = StringAttr::get(location.getContext());
  location->walk([&](Location part) {
    auto named = dyn_cast<NameLoc>(part);
    if (named)
      name = named.getName();
    return named ? WalkResult::interrupt() : WalkResult::advance();
  });
  return name;
}

}  // namespace switchyard::codegen
