// Comparison of an output with what is expected.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_COMPARISON_H
#define SWITCHYARD_TOOLS_MOE_RUN_COMPARISON_H

#include "runtime/base/npy.h"
#include "runtime/exec/rank.h"

#include <cstdint>
#include <string>

namespace switchyard::run {

struct Tolerance {
  double relative = 0, absolute = 0;
};

struct Comparison {
  int64_t mismatches = 0;        ///< elements beyond |got - want| <= absolute + relative * |want|; NaN equals NaN
  double largestDifference = 0;  ///< absolute; infinite where one side alone is NaN or infinite
  std::string firstMismatch;     ///< " at [0,3]: 1.25, expected 1.5", to follow "differs"; empty where there is none
  bool sameForm = true;          ///< of one type and shape; otherwise every element is a mismatch

  bool equal() const { return mismatches == 0; }
};

/// Integers and booleans must be equal. Types and shapes must be the same; otherwise everything is a mismatch.
Comparison compare(const exec::Output &got, const Array &want, Tolerance tolerance);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_COMPARISON_H
