// The patterns of moe-lower-to-kernels, by dialect.
#ifndef SWITCHYARD_COMPILER_CODEGEN_LOWERTOKERNELS_H
#define SWITCHYARD_COMPILER_CODEGEN_LOWERTOKERNELS_H

#include "mlir/Transforms/DialectConversion.h"

namespace switchyard::codegen {

void populateNnPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateMoePatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_LOWERTOKERNELS_H
