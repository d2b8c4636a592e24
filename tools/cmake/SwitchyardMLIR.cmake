# What the compiler's half of the tree needs: MLIR, TableGen, one precompiled header.
find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
set(LLVM_EXTERNAL_LIT "${LLVM_TOOLS_BINARY_DIR}/lit" CACHE FILEPATH "" FORCE)
include(TableGen)
include(AddLLVM)
include(AddMLIR)

add_library(switchyard_mlir INTERFACE)
target_include_directories(switchyard_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS})
target_link_libraries(switchyard_mlir INTERFACE switchyard_llvm_headers MLIR LLVM)

# One precompiled header, shared by all libraries of the compiler's half.
file(WRITE ${CMAKE_BINARY_DIR}/mlir_pch.cpp "// Holds the shared precompiled header.\n")
add_library(switchyard_mlir_pch STATIC ${CMAKE_BINARY_DIR}/mlir_pch.cpp)
target_link_libraries(switchyard_mlir_pch PUBLIC switchyard_mlir PRIVATE switchyard_warnings)
target_include_directories(switchyard_mlir_pch PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_precompile_headers(switchyard_mlir_pch PRIVATE
  <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h> <mlir/IR/OpImplementation.h>
  <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h> <mlir/Pass/PassManager.h> <mlir/Transforms/DialectConversion.h>
  <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Linalg/IR/Linalg.h> <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Interfaces/SideEffectInterfaces.h> <mlir/Interfaces/InferTypeOpInterface.h>)

# switchyard_mlir_library(name LAYER layer SOURCES … [DEPENDS …] [TABLEGEN target…])
function(switchyard_mlir_library name)
  cmake_parse_arguments(A "" "LAYER" "SOURCES;DEPENDS;TABLEGEN" ${ARGN})
  switchyard_library(${name} LAYER ${A_LAYER} SOURCES ${A_SOURCES} DEPENDS ${A_DEPENDS} switchyard_mlir)
  target_precompile_headers(${name} REUSE_FROM switchyard_mlir_pch)
  if(A_TABLEGEN)
    add_dependencies(${name} ${A_TABLEGEN})
  endif()
endfunction()

# Include folders of TableGen itself; scoped here so that no C++ target gets them by accident.
set(SWITCHYARD_TABLEGEN_INCLUDES -I${CMAKE_SOURCE_DIR} "-I${MLIR_INCLUDE_DIRS}")

# switchyard_dialect_tablegen(target dialect stem [ENUMS] [ATTRS] [TYPES]): <stem>{Dialect,Ops,…}.{h,cpp}.inc from the
# files of the same names in the current folder.
function(switchyard_dialect_tablegen target dialect stem)
  cmake_parse_arguments(A "ENUMS;ATTRS;TYPES" "" "" ${ARGN})
  set(LLVM_TARGET_DEFINITIONS ${stem}Ops.td)
  mlir_tablegen(${stem}Dialect.h.inc -gen-dialect-decls -dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
  mlir_tablegen(${stem}Dialect.cpp.inc -gen-dialect-defs -dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
  mlir_tablegen(${stem}Ops.h.inc -gen-op-decls ${SWITCHYARD_TABLEGEN_INCLUDES})
  mlir_tablegen(${stem}Ops.cpp.inc -gen-op-defs ${SWITCHYARD_TABLEGEN_INCLUDES})
  if(A_ENUMS)
    mlir_tablegen(${stem}Enums.h.inc -gen-enum-decls ${SWITCHYARD_TABLEGEN_INCLUDES})
    mlir_tablegen(${stem}Enums.cpp.inc -gen-enum-defs ${SWITCHYARD_TABLEGEN_INCLUDES})
  endif()
  if(A_ATTRS)
    mlir_tablegen(${stem}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
    mlir_tablegen(${stem}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
  endif()
  if(A_TYPES)
    mlir_tablegen(${stem}Types.h.inc -gen-typedef-decls -typedefs-dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
    mlir_tablegen(${stem}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${dialect} ${SWITCHYARD_TABLEGEN_INCLUDES})
  endif()
  add_public_tablegen_target(${target})
endfunction()

# switchyard_pass_tablegen(target name): Passes.h.inc from Passes.td in the current folder.
function(switchyard_pass_tablegen target name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name=${name} ${SWITCHYARD_TABLEGEN_INCLUDES})
  add_public_tablegen_target(${target})
endfunction()
