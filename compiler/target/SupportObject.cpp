#include "compiler/target/SupportObject.h"

// The assembler reads the file that CMake names.
asm(".section .rodata.switchyard_support_object, \"a\", @progbits\n"
    ".balign 16\n"
    "switchyard_support_object_begin:\n"
    ".incbin \"" SWITCHYARD_SUPPORT_OBJECT "\"\n"
    "switchyard_support_object_end:\n"
    ".previous\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const char switchyard_support_object_begin[];
[[gnu::visibility("hidden")]] extern const char switchyard_support_object_end[];
}

namespace switchyard::target {

llvm::StringRef supportObject() {
  return {switchyard_support_object_begin, static_cast<size_t>(switchyard_support_object_end - switchyard_support_object_begin)};
}

}  // namespace switchyard::target
