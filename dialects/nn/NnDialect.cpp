#include "dialects/nn/NnDialect.h"

#include "dialects/nn/NnDialect.cpp.inc"

namespace switchyard::nn {

void NnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/nn/NnOps.cpp.inc"
      >();
}

}  // namespace switchyard::nn
