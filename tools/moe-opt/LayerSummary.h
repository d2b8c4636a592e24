// A raised MoE layer in words.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_LAYERSUMMARY_H
#define SWITCHYARD_TOOLS_MOE_OPT_LAYERSUMMARY_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/moe/MoeDialect.h"
#include "tools/moe-opt/ModelReport.h"

namespace switchyard {

/// Reads the layer around `expert`, in a module of which the other nodes are ONNX nodes still.
LayerSummary summarizeLayer(moe::ExpertOp expert, SymbolicShapes &shapes);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_LAYERSUMMARY_H
