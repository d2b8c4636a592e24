// What the compiler makes of a user's model, told without writing anything: --report of a model.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_MODELREPORT_H
#define SWITCHYARD_TOOLS_MOE_OPT_MODELREPORT_H

#include "compiler/analysis/FlopCount.h"
#include "runtime/base/status.h"

#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// A MoE layer that was found.
struct LayerSummary {
  std::string name;  // of its last node
  std::string form;  // how the file writes it: fused, gathered, capacity, …
  int64_t experts = 0, slots = 0, hidden = 0, inner = 0;
  std::string router, activation, capacity;  // capacity is empty where there is none
  bool shared = false;                       // a dense expert stands beside it
};

/// A MoE layer that stays plain, and the first condition that does not hold.
struct PlainLayer {
  std::string node, reason;
};

/// Nodes of one operator that are refused for one reason.
struct RefusedOperator {
  std::string type, reason, firstNode;
  int64_t version = 0, count = 0;
};

struct ModelReport {
  explicit ModelReport(std::string file) : file(std::move(file)) {}

  std::string file, producer;
  std::vector<std::pair<std::string, int64_t>> opsets;  // by domain
  int64_t nodes = 0, parameters = 0, weights = 0;
  uint64_t parameterBytes = 0;
  std::vector<LayerSummary> layers;
  std::vector<PlainLayer> plain;
  std::vector<std::string> remarks;  // of other things
  std::vector<std::string> errors;   // that are no refusals of operators
  int64_t tokens = 0;                // of the call that arithmetic is counted for
  FlopCount before, after;
  bool isRaised = false;  // the raise phase went as far as to say what is left
  std::vector<RefusedOperator> refused;
  std::string lastPhase;         // where the user stops before the end
  ExitCode code = ExitCode::ok;  // of compiling
};

/// Aligned text for a reader.
void printModelReport(llvm::raw_ostream &out, const ModelReport &report);
/// The same as one JSON object.
void printModelReportJson(llvm::raw_ostream &out, const ModelReport &report);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_MODELREPORT_H
