// The rows of kernels/kernels.inc as data: the names of a kernel's tensors, scalars and attributes, without its functions.
#ifndef SWITCHYARD_KERNELS_LAYOUT_SIGNATURE_H
#define SWITCHYARD_KERNELS_LAYOUT_SIGNATURE_H

#include <string_view>
#include <vector>

namespace switchyard::kernels {

struct Operand {
  std::string_view name;
  bool optional;
};

/// One row of the table. Tensors stand in the order of a call: inputs, then outputs.
struct Signature {
  std::string_view name;
  std::vector<Operand> inputs, outputs;
  std::vector<std::string_view> scalars, integers, floats;
};

/// Splits a comma-separated list of kernels.inc.
inline std::vector<std::string_view> splitNames(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    size_t end = list.find(',');
    names.push_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return names;
}

inline std::vector<Operand> splitOperands(std::string_view list) {
  std::vector<Operand> operands;
  for (std::string_view name : splitNames(list)) {
    bool optional = name.back() == '?';
    operands.push_back({optional ? name.substr(0, name.size() - 1) : name, optional});
  }
  return operands;
}

/// All rows, in the order of kernels.inc.
inline const std::vector<Signature> &signatures() {
  static const std::vector<Signature> rows = {
#define SWITCHYARD_KERNEL(name, inputs, outputs, scalars, integers, floats)                                                                \
  {#name, splitOperands(inputs), splitOperands(outputs), splitNames(scalars), splitNames(integers), splitNames(floats)},
#include "kernels/kernels.inc"
#undef SWITCHYARD_KERNEL
  };
  return rows;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LAYOUT_SIGNATURE_H
