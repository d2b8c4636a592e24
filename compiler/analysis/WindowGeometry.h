// The window that a convolution or a pool moves over the spatial dimensions of its operand.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_WINDOWGEOMETRY_H
#define SWITCHYARD_COMPILER_ANALYSIS_WINDOWGEOMETRY_H

#include "compiler/analysis/ShapeRules.h"
#include "kernels/layout/operators.h"

namespace switchyard {

/// One number each for every spatial dimension.
struct WindowGeometry {
  llvm::SmallVector<int64_t> kernel, strides, dilations, before, after;
  kernels::AutoPad autoPad = kernels::AutoPad::stated;

  /// How many elements of dimension `d` one window covers.
  int64_t extent(size_t d) const { return (kernel[d] - 1) * dilations[d] + 1; }
  /// All of them, in the order that the kernels read (kernels/common/window.h).
  llvm::SmallVector<int64_t> numbers() const;
};

/// The window of a node over operand 0: its kernel is `kernel_shape`, or the spatial sizes of operand `weight` where there is one.
mlir::FailureOr<WindowGeometry> getWindowGeometry(NodeShapes &node, std::optional<unsigned> weight);

/// The result of a convolution of operand 0 by operand `weight`, with a bias of its filters perhaps.
mlir::FailureOr<Dims> getConvolutionShape(NodeShapes &node, unsigned weight, unsigned bias);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_WINDOWGEOMETRY_H
