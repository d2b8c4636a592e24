#include "runtime/artifact/code_library.h"

#include "runtime/artifact/elf_lint.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace switchyard::artifact {
namespace {

std::string descriptorPath(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

std::string describeLack(llvm::StringRef level, const HasFeature &has) {
  const std::vector<std::string> missing = missingFeatures(level, has);
  // A level has features that have no name here.
  return "this CPU lacks " + (missing.empty() ? "a feature" : llvm::join(missing, ", ")) + " needed by code level " + level.str();
}

Result<Code> CodeLibrary::choose(const ArtifactReader &artifact) {
  const std::vector<Code> &all = artifact.manifest().code;
  const std::vector<std::string> levels = cpuLevels();
  std::vector<std::string> rejected;
  for (const std::string &level : llvm::reverse(levels)) {
    const auto *code = llvm::find_if(llvm::ArrayRef(all), [&](const Code &candidate) { return candidate.level == level; });
    if (code == llvm::ArrayRef(all).end())
      continue;
    if (cpuSupports(level) && code->abi == MOE_ABI_VERSION)
      return *code;
    rejected.push_back(cpuSupports(level) ? level + ": calling convention " + std::to_string(code->abi) + ", this program has " +
                                                std::to_string(MOE_ABI_VERSION)
                                          : describeLack(level));
  }
  for (const Code &code : all)
    if (!llvm::is_contained(levels, code.level))
      rejected.push_back(escaped(code.level) + ": not known to this program");
  return mismatchError(quote(artifact.path()) + " has no code for this machine" + (rejected.empty() ? "" : " (") +
                       llvm::join(rejected, "; ") + (rejected.empty() ? "" : ")") + "; compile the model for a lower CPU level");
}

Result<CodeLibrary> CodeLibrary::load(const ArtifactReader &artifact) {
  CodeLibrary library;
  SWITCHYARD_ASSIGN_OR_RETURN(const Code code, choose(artifact));
  SWITCHYARD_RETURN_IF_ERROR(library.open(artifact, code));
  return library;
}

Status CodeLibrary::open(const ArtifactReader &artifact, const Code &code) {
  const File &file = *artifact.file(code.file);
  SWITCHYARD_ASSIGN_OR_RETURN(std::string bytes, artifact.readChecked(code.file));
  SWITCHYARD_RETURN_IF_ERROR(lintElf(bytes, file.name()));
  // By a descriptor, so that what is loaded is the file that was checked, whatever its name means by now.
  descriptor_ = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
  handle_ = ::dlopen(descriptorPath(descriptor_).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle_) {
    const char *why = ::dlerror();
    return Status(why && tellsExhaustion(why) ? ExitCode::resources : ExitCode::failure,
                  quote(file.name()) + ": the code cannot be loaded: " + escaped(why ? why : "no reason given"));
  }
  level_ = code.level;
  auto query = reinterpret_cast<MoeLibraryQuery>(::dlsym(handle_, "moe_library_query"));
  library_ = query ? query(MOE_ABI_VERSION) : nullptr;
  SWITCHYARD_RETURN_IF_ERROR(file.checkUnchanged());
  return checkLibrary(artifact.manifest(), file.name());
}

Status CodeLibrary::checkLibrary(const Manifest &manifest, const std::string &name) const {
  if (!library_)
    return mismatchError(quote(name) + ": the code does not serve calling convention " + llvm::Twine(MOE_ABI_VERSION));
  if (library_->version != MOE_ABI_VERSION)
    return mismatchError(quote(name) + ": the code has calling convention " + llvm::Twine(library_->version) + ", this program has " +
                         llvm::Twine(MOE_ABI_VERSION));
  if (library_->sanitizer != 0)
    return mismatchError(quote(name) + ": the code was compiled for sanitizer " + llvm::Twine(library_->sanitizer) + ", which is not here");
  struct Count {
    llvm::StringLiteral what;
    uint32_t code;
    size_t manifest;
  };
  const Count counts[] = {{"dims", library_->dims, manifest.dims.size()},          {"inputs", library_->inputs, manifest.inputs.size()},
                          {"outputs", library_->outputs, manifest.outputs.size()}, {"weights", library_->weights, manifest.weights.size()},
                          {"slots", library_->slots, manifest.slots.size()},       {"sites", library_->sites, manifest.sites.size()}};
  for (const Count &count : counts)
    if (count.code != count.manifest)
      return invalidError(quote(name) + ": the code has " + llvm::Twine(count.code) + " " + count.what + ", the manifest " +
                          llvm::Twine(count.manifest) + "; they are not of one compilation");
  if (!library_->run)
    return invalidError(quote(name) + ": the code has no program");
  return Status();
}

CodeLibrary &CodeLibrary::operator=(CodeLibrary &&other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(library_, other.library_);
  std::swap(level_, other.level_);
  return *this;
}

CodeLibrary::~CodeLibrary() {
  if (handle_)
    ::dlclose(handle_);
  if (descriptor_ < 0)
    return;
  // The dynamic loader knows what is loaded by its path. While somebody else holds this library, its path must not come
  // to mean another file, so the descriptor stays open.
  if (void *stillLoaded = ::dlopen(descriptorPath(descriptor_).c_str(), RTLD_NOW | RTLD_NOLOAD))
    ::dlclose(stillLoaded);
  else
    ::close(descriptor_);
}

}  // namespace switchyard::artifact
