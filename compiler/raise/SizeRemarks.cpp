#include "compiler/raise/SizeRemarks.h"

#include "compiler/analysis/AssumedEqualities.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace switchyard::raise {

void remarkSizes(func::FuncOp main) {
  AssumedEqualities assumed(main);
  auto limits = main->getParentOfType<ModuleOp>()->getAttrOfType<DictionaryAttr>("rt.limits");
  std::string text;
  llvm::StringSet<> told;
  for (const artifact::Equality &equality : assumed.get()) {
    std::string dim = artifact::onlyDimension(equality);
    auto limit = limits && !dim.empty() ? limits.getAs<IntegerAttr>(dim) : IntegerAttr();
    std::string where = " (" + equality.node + " needs " + equality.left.print() + " to be " + equality.right.print() + ")";
    if (!limit) {
      text += (text.empty() ? "" : ", ") + equality.left.print() + " is " + equality.right.print() + " (" + equality.node + ")";
      continue;
    }
    std::vector<artifact::ValueRange> values = artifact::fittingValues(assumed.get(), dim, limit.getInt());
    bool isFree = values.size() == 1 && values.front() == artifact::ValueRange{1, std::min(limit.getInt(), artifact::maxTriedValues)};
    if (isFree || !told.insert(dim).second)
      continue;
    text += (text.empty() ? "" : ", ") + dim + " is " + artifact::describeValues(values) + where;
  }
  if (!text.empty())
    mlir::emitRemark(main.getLoc()) << "the program is only for calls in which " << text << "; all others are refused";
}

}  // namespace switchyard::raise
