// The sizes that attention operators work over: one reading of their operands for the shape rules and the lowering.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_ATTENTIONSIZES_H
#define SWITCHYARD_COMPILER_ANALYSIS_ATTENTIONSIZES_H

#include "compiler/analysis/ShapeRules.h"

namespace switchyard {

struct AttentionSizes {
  Expression batch, queries;
  Expression newKeys, pastKeys;  // tokens of the key operand, and those of the cache before them
  int64_t heads = 0, kvHeads = 0;
  int64_t size = 0, valueSize = 0;  // of one head: of query and key, and of value

  Expression keys() const { return pastKeys + newKeys; }
};

/// Of ai.onnx.Attention.
mlir::FailureOr<AttentionSizes> getStandardAttentionSizes(NodeShapes &node);
/// Of com.microsoft.MultiHeadAttention.
mlir::FailureOr<AttentionSizes> getMultiHeadAttentionSizes(NodeShapes &node);
/// Of com.microsoft.Attention.
mlir::FailureOr<AttentionSizes> getPackedAttentionSizes(NodeShapes &node);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_ATTENTIONSIZES_H
