// moe-opt: the compiler's driver, and mlir-opt for the dialects and passes of the project.
#include "compiler/pipelines/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  switchyard::registerDialects(registry);
  switchyard::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Switchyard compiler\n", registry));
}
