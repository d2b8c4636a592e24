#include "tests/runtime/base/temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace switchyard {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "switchyard-XXXXXX").string();
  if (::mkdtemp(name.data()))
    path_ = fs::canonical(name).string();
}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty())
    fs::remove_all(path_);
}

std::string TemporaryFolder::write(llvm::StringRef name, llvm::StringRef content) const {
  std::string path = *this / name;
  fs::create_directories(fs::path(path).parent_path());
  replaceContent(path, content);
  return path;
}

std::vector<std::string> TemporaryFolder::list(llvm::StringRef name) const {
  std::vector<std::string> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(*this / name))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string contentOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void replaceContent(const std::string &path, llvm::StringRef content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), std::streamsize(content.size()));
}

}  // namespace switchyard
