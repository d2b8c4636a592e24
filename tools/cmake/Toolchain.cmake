# Compiler flags that hold for the whole project.

# The numerics rule: a fused multiply-add stands only where it is written, and nothing is reassociated.
add_compile_options(-ffp-contract=off -fno-fast-math -fno-math-errno -fno-trapping-math)

if(SWITCHYARD_SANITIZE)
  add_compile_options(-fsanitize=${SWITCHYARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${SWITCHYARD_SANITIZE})
endif()

add_library(switchyard_warnings INTERFACE)
target_compile_options(switchyard_warnings INTERFACE -Wall -Wextra -Wno-unused-parameter -Werror=return-type)

# LLVM headers for code that uses LLVMSupport alone. The library itself is chosen by each executable: the static
# LLVMSupport for tools of the runtime, the shared LLVM for tools of the compiler. One process must never hold both.
find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
add_library(switchyard_llvm_headers INTERFACE)
separate_arguments(_llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(switchyard_llvm_headers INTERFACE ${_llvm_definitions})
target_include_directories(switchyard_llvm_headers SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})

# Linked by executables that hold no MLIR: moe-run and the runtime's tests. The archives of LLVM are hidden by name: hiding
# all archives would hide the allocator of a sanitizer from the shared libraries, too.
add_library(switchyard_llvm_support INTERFACE)
target_link_libraries(switchyard_llvm_support INTERFACE switchyard_llvm_headers LLVMSupport -Wl,--exclude-libs,libLLVMSupport.a:libLLVMDemangle.a)
