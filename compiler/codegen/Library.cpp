// The MoeLibrary of a program, and the one function that it exports (runtime/base/import_table.h).
#include "compiler/codegen/EnvironmentPatterns.h"

#include "dialects/rt/RtDialect.h"
#include "runtime/base/import_table.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace switchyard::codegen {

LibraryCounts countLibrary(ModuleOp module) {
  LibraryCounts counts;
  auto entries = [&](llvm::StringRef name) -> int64_t {
    auto list = module->getAttrOfType<ArrayAttr>(name);
    return list ? list.size() : 0;
  };
  counts.dims = entries("rt.dims");
  counts.inputs = entries("rt.inputs");
  counts.outputs = entries("rt.outputs");
  counts.slots = entries("rt.slots");
  counts.sites = entries("rt.sites");
  counts.weights = std::distance(module.getOps<rt::WeightOp>().begin(), module.getOps<rt::WeightOp>().end());
  return counts;
}

static void addLibraryStruct(OpBuilder &builder, Location loc, LLVM::LLVMStructType type, const LibraryCounts &counts) {
  auto global = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, "moe_library", Attribute(),
                                       alignof(MoeLibrary));
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  Value value = LLVM::UndefOp::create(builder, loc, type);
  int64_t position = 0;
  for (int64_t field :
       {int64_t(MOE_ABI_VERSION), int64_t(0), counts.dims, counts.inputs, counts.outputs, counts.weights, counts.slots, counts.sites}) {
    Value constant = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(), builder.getI32IntegerAttr(field));
    value = LLVM::InsertValueOp::create(builder, loc, value, constant, position++);
  }
  Value run = LLVM::AddressOfOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()), "run");
  value = LLVM::InsertValueOp::create(builder, loc, value, run, position);
  LLVM::ReturnOp::create(builder, loc, value);
}

void addLibrary(ModuleOp module, const LibraryCounts &counts) {
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function.isExternal())
      function.setVisibility_(LLVM::Visibility::Hidden);
    else
      function.setLinkage(LLVM::Linkage::Internal);
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = module.getLoc();
  Type i32 = builder.getI32Type();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> fields(8, i32);
  fields.push_back(pointer);
  addLibraryStruct(builder, loc, LLVM::LLVMStructType::getLiteral(builder.getContext(), fields), counts);

  auto query = LLVM::LLVMFuncOp::create(builder, loc, "moe_library_query", LLVM::LLVMFunctionType::get(pointer, {i32}));
  builder.setInsertionPointToStart(query.addEntryBlock(builder));
  Value version = LLVM::ConstantOp::create(builder, loc, i32, builder.getI32IntegerAttr(MOE_ABI_VERSION));
  Value same = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, query.getArgument(0), version);
  Value library = LLVM::AddressOfOp::create(builder, loc, pointer, "moe_library");
  Value none = LLVM::ZeroOp::create(builder, loc, pointer);
  Value result = LLVM::SelectOp::create(builder, loc, same, library, none);
  LLVM::ReturnOp::create(builder, loc, result);
}

}  // namespace switchyard::codegen
