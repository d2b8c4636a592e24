#include "compiler/target/ObjectCode.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

using namespace mlir;

namespace switchyard::target {

namespace {

constexpr llvm::StringLiteral tripleText = "x86_64-unknown-linux-gnu";

std::unique_ptr<llvm::TargetMachine> createMachine(StringRef level, std::string &error) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  llvm::Triple triple(tripleText);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.FunctionSections = true;
  options.DataSections = true;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(triple, level, /*Features=*/"", options, llvm::Reloc::PIC_,
                                                                          llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

/// Calls of the support object's elementary functions become calls on eight lanes where a loop is vectorised.
llvm::TargetLibraryInfoImpl describeSupportFunctions(const llvm::Triple &triple) {
  auto onLanes = [](llvm::StringRef scalar, llvm::StringRef vector) {
    return llvm::VecDesc(scalar, vector, llvm::ElementCount::getFixed(8), /*Masked=*/false, "_ZGV_LLVM_N8v", std::nullopt);
  };
  llvm::TargetLibraryInfoImpl library(triple);
  library.addVectorizableFunctions({
#define SWITCHYARD_VECTOR_FUNCTION(name) onLanes("moe_" #name "f", "moe_" #name "f_x8"),
#include "kernels/support/vector_functions.inc"
  });
  return library;
}

/// Elementary functions of the support object compute a value and do nothing else.
void declarePure(llvm::Module &module) {
  for (StringRef name : {
#define SWITCHYARD_SUPPORT_FUNCTION(name) "moe_" #name "f",
#include "kernels/support/functions.inc"
       }) {
    llvm::Function *function = module.getFunction(name);
    if (!function || !function->isDeclaration())
      continue;
    function->setDoesNotAccessMemory();
    function->setDoesNotThrow();
    function->setWillReturn();
    function->setNoSync();
  }
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::TargetLibraryInfoImpl library = describeSupportFunctions(machine.getTargetTriple());
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

}  // namespace

Result<llvm::SmallVector<char, 0>> buildObject(ModuleOp module, StringRef level) {
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context, "program");
  if (!code)
    return internalError("the program cannot be translated to LLVM IR");
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(level, error);
  if (!machine)
    return internalError("no code generator for " + tripleText + ": " + error);
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  code->setSourceFileName("program");
  for (llvm::Function &function : *code)
    function.addFnAttr("target-cpu", level);
  declarePure(*code);
  optimize(*code, *machine);

  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager emitter;
  if (machine->addPassesToEmitFile(emitter, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return internalError("the code generator for " + tripleText + " writes no object files");
  emitter.run(*code);
  return object;
}

}  // namespace switchyard::target
