// Names of element types in safetensors files.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_TYPES_H
#define SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_TYPES_H

#include "runtime/base/element_type.h"

namespace switchyard::artifact {

/// In the order of ElementType. Elements of less than a byte stand unpacked, so that their names are not those of the packed ones of others.
inline constexpr llvm::StringLiteral safetensorsTypeNames[elementTypeCount] = {"F32", "F16", "BF16", "F64", "I64",
                                                                               "I32", "I16", "I8",   "U8",  "BOOL",
                                                                               "U16", "U32", "U64", "F8_E4M3", "F8_E4M3FNUZ",
                                                                               "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0", "F6_E2M3_BYTES", "F6_E3M2_BYTES",
                                                                               "F4_E2M1_BYTES", "I4_BYTES", "U4_BYTES", "I2_BYTES", "U2_BYTES"};

inline llvm::StringRef safetensorsTypeName(ElementType type) { return safetensorsTypeNames[static_cast<int>(type)]; }

inline std::optional<ElementType> parseSafetensorsType(llvm::StringRef name) {
  for (int i = 0; i < elementTypeCount; ++i)
    if (safetensorsTypeNames[i] == name)
      return static_cast<ElementType>(i);
  return std::nullopt;
}

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_TYPES_H
