#include "runtime/artifact/elf_lint.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include <cstring>
#include <elf.h>
#include <optional>
#include <vector>

namespace switchyard::artifact {
namespace {

constexpr llvm::StringLiteral exportedSymbol = "moe_library_query";

/// Entries of the dynamic section that a code file must not have.
struct ForbiddenTag {
  int64_t tag;
  llvm::StringLiteral what;
};
constexpr ForbiddenTag forbiddenTags[] = {
    {DT_NEEDED, "needs a library (DT_NEEDED)"},
    {DT_INIT, "has a constructor (DT_INIT)"},
    {DT_FINI, "has a destructor (DT_FINI)"},
    {DT_INIT_ARRAY, "has constructors (DT_INIT_ARRAY)"},
    {DT_FINI_ARRAY, "has destructors (DT_FINI_ARRAY)"},
    {DT_PREINIT_ARRAY, "has constructors (DT_PREINIT_ARRAY)"},
    {DT_TEXTREL, "relocates its code (DT_TEXTREL)"},
    {DT_RPATH, "has a search path (DT_RPATH)"},
    {DT_RUNPATH, "has a search path (DT_RUNPATH)"},
    {DT_AUXILIARY, "names another library (DT_AUXILIARY)"},
    {DT_FILTER, "names another library (DT_FILTER)"},
    {DT_AUDIT, "names an auditing library (DT_AUDIT)"},
    {DT_DEPAUDIT, "names an auditing library (DT_DEPAUDIT)"},
};

class Lint {
public:
  Lint(llvm::StringRef bytes, llvm::StringRef name) : bytes_(bytes), name_(name) {}

  Status run() {
    SWITCHYARD_RETURN_IF_ERROR(header());
    SWITCHYARD_RETURN_IF_ERROR(segments());
    SWITCHYARD_RETURN_IF_ERROR(dynamicSection());
    SWITCHYARD_RETURN_IF_ERROR(relocations());
    return symbols();
  }

private:
  Status refuse(const llvm::Twine &why) const { return invalidError(quote(name_) + ": the code file " + why); }
  Status broken(llvm::StringRef what) const { return refuse(what + " lies outside of the file"); }

  /// A structure at a file offset, copied since nothing is aligned for sure.
  template <typename T> std::optional<T> at(uint64_t offset) const {
    T value;
    if (!checkedSlice(bytes_.size(), offset, sizeof(T)))
      return std::nullopt;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  Status header() {
    std::optional<Elf64_Ehdr> header = at<Elf64_Ehdr>(0);
    if (!bytes_.starts_with(llvm::StringRef(ELFMAG, SELFMAG)))
      return refuse("is not an ELF file");
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
      return refuse("is not a 64-bit little-endian ELF file");
    if (header->e_machine != EM_X86_64)
      return Status(ExitCode::mismatch,
                    quote(name_) + ": the code file is for ELF machine " + llvm::Twine(header->e_machine) + ", not for x86-64");
    if (header->e_type != ET_DYN)
      return refuse("is not a shared object (ELF type " + llvm::Twine(header->e_type) + ")");
    if (header->e_phentsize != sizeof(Elf64_Phdr))
      return refuse("has program headers of " + llvm::Twine(header->e_phentsize) + " bytes");
    for (uint64_t i = 0; i < header->e_phnum; ++i) {
      std::optional<uint64_t> offset = checkedAdd<uint64_t>(header->e_phoff, i * sizeof(Elf64_Phdr));
      std::optional<Elf64_Phdr> segment = offset ? at<Elf64_Phdr>(*offset) : std::nullopt;
      if (!segment)
        return broken("a program header");
      segments_.push_back(*segment);
    }
    return Status();
  }

  Status segments() {
    bool stack = false;
    for (const Elf64_Phdr &segment : segments_) {
      if (!checkedSlice(bytes_.size(), segment.p_offset, segment.p_filesz))
        return broken("a segment");
      if (segment.p_type == PT_INTERP)
        return refuse("is a program (PT_INTERP)");
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) && (segment.p_flags & PF_X))
        return refuse("has a segment that is writable and executable");
      if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X))
        return refuse("asks for an executable stack");
      stack |= segment.p_type == PT_GNU_STACK;
    }
    return stack ? Status() : refuse("does not ask for a stack that is not executable (PT_GNU_STACK)");
  }

  /// The file offset of a virtual address.
  std::optional<uint64_t> offsetOf(uint64_t address) const {
    for (const Elf64_Phdr &segment : segments_)
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
        return segment.p_offset + (address - segment.p_vaddr);  // inside of the file, see segments()
    return std::nullopt;
  }

  template <typename T> std::optional<T> atAddress(uint64_t address) const {
    std::optional<uint64_t> offset = offsetOf(address);
    return offset ? at<T>(*offset) : std::nullopt;
  }

  Status dynamicSection() {
    const Elf64_Phdr *section = nullptr;
    for (const Elf64_Phdr &segment : segments_)
      if (segment.p_type == PT_DYNAMIC)
        section = &segment;
    if (!section)
      return refuse("has no dynamic section");
    for (uint64_t i = 0; (i + 1) * sizeof(Elf64_Dyn) <= section->p_filesz; ++i) {
      Elf64_Dyn entry = *at<Elf64_Dyn>(section->p_offset + i * sizeof(Elf64_Dyn));
      if (entry.d_tag == DT_NULL)
        break;
      for (const ForbiddenTag &forbidden : forbiddenTags)
        if (entry.d_tag == forbidden.tag)
          return refuse(forbidden.what);
      if (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL))
        return refuse("relocates its code (DF_TEXTREL)");
      dynamic_.push_back(entry);
    }
    return Status();
  }

  std::optional<uint64_t> dynamicValue(int64_t tag) const {
    for (const Elf64_Dyn &entry : dynamic_)
      if (entry.d_tag == tag)
        return entry.d_un.d_val;
    return std::nullopt;
  }

  /// An indirect function is a constructor by another name.
  Status relocations() const {
    for (auto [table, size] : {std::pair(DT_RELA, DT_RELASZ), std::pair(DT_JMPREL, DT_PLTRELSZ)}) {
      std::optional<uint64_t> address = dynamicValue(table);
      for (uint64_t i = 0; address && i < dynamicValue(size).value_or(0) / sizeof(Elf64_Rela); ++i) {
        std::optional<uint64_t> entry = checkedAdd(*address, i * sizeof(Elf64_Rela));
        std::optional<Elf64_Rela> relocation = entry ? atAddress<Elf64_Rela>(*entry) : std::nullopt;
        if (!relocation)
          return broken("a relocation");
        if (ELF64_R_TYPE(relocation->r_info) == R_X86_64_IRELATIVE)
          return refuse("has an indirect function, which runs when it is loaded");
      }
    }
    return Status();
  }

  /// Entries of the dynamic symbol table. Its size stands in the hash tables alone.
  std::optional<uint64_t> symbolCount() const {
    if (std::optional<uint64_t> hash = dynamicValue(DT_HASH))
      if (std::optional<uint32_t> chains = atAddress<uint32_t>(*hash + 4))
        return *chains;
    std::optional<uint64_t> hash = dynamicValue(DT_GNU_HASH);
    if (!hash)
      return std::nullopt;
    struct Head {
      uint32_t buckets, firstSymbol, bloomWords, bloomShift;
    };
    std::optional<Head> head = atAddress<Head>(*hash);
    if (!head)
      return std::nullopt;
    uint64_t buckets = *hash + sizeof(Head) + uint64_t(head->bloomWords) * 8, chains = buckets + uint64_t(head->buckets) * 4;
    uint64_t last = 0;
    for (uint64_t i = 0; i < head->buckets; ++i) {
      std::optional<uint32_t> bucket = atAddress<uint32_t>(buckets + i * 4);
      if (!bucket)
        return std::nullopt;
      last = std::max<uint64_t>(last, *bucket);
    }
    if (last < head->firstSymbol)
      return head->firstSymbol;
    // The chain of the last bucket ends with an odd value.
    while (true) {
      std::optional<uint32_t> chain = atAddress<uint32_t>(chains + (last - head->firstSymbol) * 4);
      if (!chain)
        return std::nullopt;
      ++last;
      if (*chain & 1)
        return last;
    }
  }

  llvm::StringRef symbolName(uint64_t strings, const Elf64_Sym &symbol) const {
    std::optional<uint64_t> offset = offsetOf(strings + symbol.st_name);
    return offset ? bytes_.drop_front(*offset).take_until([](char c) { return c == '\0'; }) : llvm::StringRef();
  }

  Status symbols() const {
    std::optional<uint64_t> table = dynamicValue(DT_SYMTAB), strings = dynamicValue(DT_STRTAB), count = symbolCount();
    if (!table || !strings || !count)
      return refuse("has no readable table of dynamic symbols");
    bool exported = false;
    for (uint64_t i = 1; i < *count; ++i) {
      std::optional<Elf64_Sym> symbol = atAddress<Elf64_Sym>(*table + i * sizeof(Elf64_Sym));
      if (!symbol)
        return broken("a dynamic symbol");
      llvm::StringRef name = symbolName(*strings, *symbol);
      if (symbol->st_shndx == SHN_UNDEF)
        return refuse("has the undefined symbol " + quote(name));
      if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
        continue;
      if (name != exportedSymbol || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC)
        return refuse("exports " + quote(name) + "; it may export the function " + exportedSymbol + " alone");
      exported = true;
    }
    return exported ? Status() : refuse("does not export " + exportedSymbol);
  }

  llvm::StringRef bytes_, name_;
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
};

}  // namespace

Status lintElf(llvm::StringRef bytes, llvm::StringRef name) { return Lint(bytes, name).run(); }

}  // namespace switchyard::artifact
