// The manifest of an artifact: what a program needs and gives, where its parts are, and how to check them.
//
// docs/contracts.md, section 6, lists the fields. The text is canonical: equal manifests are equal bytes.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_MANIFEST_H
#define SWITCHYARD_RUNTIME_ARTIFACT_MANIFEST_H

#include "runtime/artifact/equality.h"
#include "runtime/artifact/expression.h"
#include "runtime/base/element_type.h"
#include "runtime/base/status.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::artifact {

inline constexpr int64_t manifestMajor = 1;
inline constexpr int64_t manifestMinor = 2;
inline constexpr uint64_t maxManifestBytes = uint64_t(16) << 20;
inline constexpr int64_t maxExperts = 1 << 16;

/// The feature of artifacts with `equalities`: who does not know it would not check them.
inline constexpr llvm::StringLiteral equalitiesFeature = "equalities";

inline constexpr llvm::StringLiteral manifestFile = "manifest.json";
inline constexpr llvm::StringLiteral manifestDigestFile = "manifest.json.b3";

/// A named dimension and the largest value that buffers are laid out for.
struct Dim {
  std::string name;
  int64_t limit = 0;
  friend bool operator==(const Dim &, const Dim &) = default;
};

/// An input or output of the program.
struct Signature {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<Expression> shape;
  friend bool operator==(const Signature &, const Signature &) = default;
};

/// An output that is the next step's input: a cache, grown along `axis`, or replaced whole where it is -1.
struct State {
  std::string input, output;
  int64_t axis = 0;
  friend bool operator==(const State &, const State &) = default;
};

struct Weight {
  std::string name;
  std::string file;
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  int64_t expert = -1;  ///< index of the MoE layer whose experts lead the shape, or -1
  friend bool operator==(const Weight &, const Weight &) = default;
};

/// A MoE layer.
struct Layer {
  int64_t index = 0;
  std::string name;
  int64_t experts = 0, slots = 0, hidden = 0, inner = 0;
  Expression tokens;                   ///< tokens of a call, over all ranks
  std::optional<Expression> capacity;  ///< rows that an expert takes; nothing where none are dropped
  friend bool operator==(const Layer &, const Layer &) = default;
};

/// A call site: a kernel of kernels/kernels.inc or a collective.
struct Site {
  std::string kernel;  ///< a row of kernels.inc, or "collective." and its kind
  std::string op;      ///< operation of the compiler, for messages
  std::string name;    ///< node of the model, for messages
  int64_t layer = -1;  ///< index of the MoE layer, or -1
  std::map<std::string, int64_t> integers;
  std::map<std::string, double> floats;
  std::vector<int64_t> buffers = {};  ///< of a collective: the slot of each tensor; none before version 1.1
  bool isCollective() const { return llvm::StringRef(kernel).starts_with("collective."); }
  friend bool operator==(const Site &, const Site &) = default;
};

/// A buffer of the arena: bytes, and the first and last step that uses it.
struct Slot {
  Expression size;
  int64_t first = 0, last = 0;
  friend bool operator==(const Slot &, const Slot &) = default;
};

struct Code {
  std::string file;
  std::string level;  ///< CPU level: x86-64-v2, x86-64-v3, x86-64-v4
  int64_t abi = 0;    ///< MOE_ABI_VERSION of the import table
  friend bool operator==(const Code &, const Code &) = default;
};

struct FileRecord {
  std::string path;
  int64_t size = 0;
  std::string blake3;  ///< 64 hexadecimal digits
  friend bool operator==(const FileRecord &, const FileRecord &) = default;
};

struct Manifest {
  int64_t major = manifestMajor, minor = manifestMinor;
  std::vector<std::string> requiredFeatures;
  std::string producerTool, producerVersion;
  std::vector<Dim> dims;
  std::optional<int64_t> positions;  ///< rows of the smallest rotary cache, where attention makes the positions
  std::vector<Signature> inputs, outputs;
  std::vector<Equality> equalities;
  std::vector<State> states;
  std::vector<Weight> weights;
  std::vector<Layer> layers;
  std::vector<Site> sites;
  std::vector<Slot> slots;
  std::vector<Code> code;
  std::vector<FileRecord> files;

  /// The canonical text.
  std::string toJson() const;
  /// Reads the text of manifest.json, newer minor versions included, and validates it. `name` is for messages.
  static Result<Manifest> fromJson(llvm::StringRef text, llvm::StringRef name = manifestFile);
  /// Names are UTF-8, as JSON is; toJson() of others loses bytes.
  Status checkNames() const;
  /// Everything that can be checked without another file.
  Status validate() const;

  /// The limits of all dimensions, for `ranks` ranks of `threads` kernel threads.
  ExpressionScope limits(int64_t ranks, int64_t threads) const;
  const FileRecord *findFile(llvm::StringRef path) const;
  friend bool operator==(const Manifest &, const Manifest &) = default;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_MANIFEST_H
