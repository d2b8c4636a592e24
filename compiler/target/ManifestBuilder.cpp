#include "compiler/target/ManifestBuilder.h"

#include "compiler/codegen/ElementTypes.h"
#include "compiler/target/ModuleAttributes.h"
#include "dialects/rt/RtDialect.h"
#include "runtime/artifact/stored_tensors.h"
#include "runtime/base/escape.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using switchyard::artifact::Expression;
using switchyard::artifact::Manifest;

namespace switchyard::target {

namespace {

Result<ElementType> storedType(Type type, llvm::StringRef name) {
  if (std::optional<ElementType> stored = codegen::elementTypeOf(type))
    return *stored;
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return unsupportedError(quote(name) + " has elements of type " + text + ", which an artifact cannot hold");
}

class Builder {
public:
  explicit Builder(ModuleOp module) : module(module) {}

  Result<Manifest> build() {
    manifest.producerTool = "moe-opt";
    manifest.producerVersion = SWITCHYARD_VERSION;
    SWITCHYARD_RETURN_IF_ERROR(addDims());
    SWITCHYARD_RETURN_IF_ERROR(addSignatures("rt.inputs", manifest.inputs));
    SWITCHYARD_RETURN_IF_ERROR(addSignatures("rt.outputs", manifest.outputs));
    SWITCHYARD_RETURN_IF_ERROR(addEqualities());
    addStates();
    SWITCHYARD_RETURN_IF_ERROR(addSites());
    SWITCHYARD_RETURN_IF_ERROR(addLayers());
    SWITCHYARD_RETURN_IF_ERROR(addWeights());
    SWITCHYARD_RETURN_IF_ERROR(addSlots());
    SWITCHYARD_RETURN_IF_ERROR(validate().within("the program's lists for the manifest"));
    return manifest;
  }

private:
  /// What the writer would refuse at the end is refused before plans are made of it; files are not known yet.
  Status validate() {
    artifact::Manifest complete = manifest;
    for (const std::string &file : artifact::weightFiles(manifest))
      complete.files.push_back({file, 0, std::string(64, '0')});
    llvm::sort(complete.files, [](const auto &a, const auto &b) { return a.path < b.path; });
    return complete.validate();
  }

  Status addDims() {
    Fields all = fieldsOf(module);
    SWITCHYARD_ASSIGN_OR_RETURN(ArrayAttr names, all.list("rt.dims"));
    for (Attribute entry : names) {
      auto name = dyn_cast<StringAttr>(entry);
      if (!name)
        return all.wrong("rt.dims", "a list of strings", entry);
      SWITCHYARD_ASSIGN_OR_RETURN(int64_t limit, limitOf(all, name.getValue()));
      manifest.dims.push_back({name.str(), limit});
    }
    if (all.has("rt.positions")) {
      SWITCHYARD_ASSIGN_OR_RETURN(manifest.positions, all.integer("rt.positions"));
    }
    return {};
  }

  static Result<int64_t> limitOf(const Fields &all, StringRef dim) {
    if (all.has("rt.limits")) {
      SWITCHYARD_ASSIGN_OR_RETURN(Fields limits, all.dictionary("rt.limits"));
      if (limits.has(dim))
        return limits.integer(dim);
    }
    return invalidError("dimension " + quote(dim) + " has no limit; the raise phase gives one in rt.limits");
  }

  Status addSignatures(StringRef attribute, std::vector<artifact::Signature> &signatures) {
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<Fields> entries, entriesOf(module, attribute));
    for (const Fields &entry : entries) {
      artifact::Signature signature;
      SWITCHYARD_ASSIGN_OR_RETURN(signature.name, entry.text("name"));
      SWITCHYARD_ASSIGN_OR_RETURN(Type type, entry.type("type"));
      SWITCHYARD_ASSIGN_OR_RETURN(signature.type, storedType(type, signature.name));
      SWITCHYARD_ASSIGN_OR_RETURN(ArrayAttr shape, entry.list("shape"));
      for (Attribute size : shape) {
        auto number = dyn_cast<IntegerAttr>(size);
        auto text = dyn_cast<StringAttr>(size);
        if (!text && !(number && number.getType().isSignlessInteger(64)))
          return entry.wrong("shape", "a list of i64 and strings", size);
        Result<Expression> expression = number ? Result<Expression>(Expression(number.getInt())) : parseSize(text);
        if (!expression.ok())
          return expression.status().within("shape of " + quote(signature.name));
        signature.shape.push_back(*expression);
      }
      signatures.push_back(std::move(signature));
    }
    return {};
  }

  Status addEqualities() {
    if (!fieldsOf(module).has("rt.equalities"))
      return {};
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<Fields> entries, entriesOf(module, "rt.equalities"));
    for (const Fields &entry : entries) {
      artifact::Equality equality;
      for (auto [name, side] : {std::pair("left", &equality.left), std::pair("right", &equality.right)}) {
        SWITCHYARD_ASSIGN_OR_RETURN(std::string text, entry.text(name));
        Result<Expression> formula = Expression::parse(text);
        if (!formula.ok())
          return entry.within(name, formula.status());
        *side = *formula;
      }
      SWITCHYARD_ASSIGN_OR_RETURN(equality.node, entry.text("node"));
      manifest.equalities.push_back(std::move(equality));
    }
    if (!manifest.equalities.empty())
      manifest.requiredFeatures.push_back(artifact::equalitiesFeature.str());
    return {};
  }

  /// A dimension, whatever characters its name has, or a formula.
  Result<Expression> parseSize(StringAttr text) {
    for (const artifact::Dim &dim : manifest.dims)
      if (dim.name == text.getValue())
        return Expression::dimension(dim.name);
    return Expression::parse(text.getValue());
  }

  /// A past and the present that continues it: their names differ in what says which of the two they are, and their shapes at most in one
  /// dimension, which grows.
  void addStates() {
    for (const artifact::Signature &input : manifest.inputs)
      for (const artifact::Signature &output : manifest.outputs) {
        std::optional<std::string> past = stateName(input.name, {"past_key_values", "past"}, "input");
        std::optional<std::string> present = stateName(output.name, {"present_key_values", "past_key_values", "present"}, "output");
        if (!past || past != present || input.type != output.type || input.shape.size() != output.shape.size())
          continue;
        std::vector<int64_t> grown;
        for (size_t d = 0; d < input.shape.size(); ++d)
          if (!(input.shape[d] == output.shape[d]))
            grown.push_back(d);
        if (grown.size() <= 1)
          manifest.states.push_back({input.name, output.name, grown.empty() ? -1 : grown[0]});
      }
  }

  /// What is left of the name of a state without the first of `words` in it, and without `side` in front; nothing where none is in it.
  static std::optional<std::string> stateName(StringRef name, ArrayRef<StringRef> words, StringRef side) {
    name.consume_front(side);
    for (StringRef word : words)
      if (size_t position = name.find(word); position != StringRef::npos)
        return (name.take_front(position) + name.drop_front(position + word.size())).str();
    return std::nullopt;
  }

  Status addSites() {
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<Fields> entries, entriesOf(module, "rt.sites"));
    for (const Fields &entry : entries) {
      artifact::Site site;
      SWITCHYARD_ASSIGN_OR_RETURN(site.kernel, entry.text("kernel"));
      SWITCHYARD_ASSIGN_OR_RETURN(site.op, entry.text("op"));
      SWITCHYARD_ASSIGN_OR_RETURN(site.name, entry.text("name"));
      SWITCHYARD_ASSIGN_OR_RETURN(site.layer, entry.integer("layer"));
      SWITCHYARD_ASSIGN_OR_RETURN(Fields integers, entry.dictionary("integers"));
      for (StringRef name : integers.names()) {
        SWITCHYARD_ASSIGN_OR_RETURN(site.integers[name.str()], integers.integer(name));
      }
      SWITCHYARD_ASSIGN_OR_RETURN(Fields floats, entry.dictionary("floats"));
      for (StringRef name : floats.names()) {
        SWITCHYARD_ASSIGN_OR_RETURN(site.floats[name.str()], floats.number(name));
      }
      if (entry.has("buffers")) {
        SWITCHYARD_ASSIGN_OR_RETURN(site.buffers, entry.integers("buffers"));
      }
      manifest.sites.push_back(std::move(site));
    }
    return {};
  }

  static Result<Expression> formula(const Fields &entry, StringRef name) {
    SWITCHYARD_ASSIGN_OR_RETURN(std::string text, entry.text(name));
    Result<Expression> parsed = Expression::parse(text);
    return parsed.ok() ? parsed : entry.within(name, parsed.status());
  }

  Status addLayers() {
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<Fields> entries, entriesOf(module, "rt.layers"));
    for (const Fields &entry : entries) {
      artifact::Layer layer;
      SWITCHYARD_ASSIGN_OR_RETURN(layer.name, entry.text("name"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.index, entry.integer("index"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.experts, entry.integer("experts"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.slots, entry.integer("slots"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.hidden, entry.integer("hidden"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.inner, entry.integer("inner"));
      SWITCHYARD_ASSIGN_OR_RETURN(layer.tokens, formula(entry, "tokens"));
      if (entry.has("capacity")) {
        SWITCHYARD_ASSIGN_OR_RETURN(layer.capacity, formula(entry, "capacity"));
      }
      SWITCHYARD_ASSIGN_OR_RETURN(ArrayAttr weights, entry.list("weights"));
      for (Attribute weight : weights) {
        auto name = dyn_cast<FlatSymbolRefAttr>(weight);
        if (!name)
          return entry.wrong("weights", "a list of the names of weights", weight);
        expertWeights[name.getAttr()] = layer.index;
      }
      manifest.layers.push_back(std::move(layer));
    }
    return {};
  }

  Status addWeights() {
    for (auto op : module.getOps<rt::WeightOp>()) {
      auto type = cast<RankedTensorType>(op.getType());
      artifact::Weight weight;
      weight.name = op.getSymName().str();
      SWITCHYARD_ASSIGN_OR_RETURN(weight.type, storedType(type.getElementType(), weight.name));
      weight.shape.assign(type.getShape().begin(), type.getShape().end());
      auto expert = expertWeights.find(op.getSymNameAttr());
      weight.expert = expert == expertWeights.end() ? -1 : expert->second;
      weight.file = "weights/dense.safetensors";
      if (weight.expert >= 0)
        weight.file = llvm::formatv("weights/experts-L{0,0+3}.safetensors", weight.expert).str();
      manifest.weights.push_back(std::move(weight));
    }
    return {};
  }

  Status addSlots() {
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<Fields> entries, entriesOf(module, "rt.slots"));
    for (const Fields &entry : entries) {
      artifact::Slot slot;
      SWITCHYARD_ASSIGN_OR_RETURN(slot.size, formula(entry, "size"));
      SWITCHYARD_ASSIGN_OR_RETURN(slot.first, entry.integer("first"));
      SWITCHYARD_ASSIGN_OR_RETURN(slot.last, entry.integer("last"));
      manifest.slots.push_back(std::move(slot));
    }
    return {};
  }

  ModuleOp module;
  Manifest manifest;
  llvm::DenseMap<StringAttr, int64_t> expertWeights;
};

}  // namespace

Result<Manifest> buildManifest(ModuleOp module) { return Builder(module).build(); }

}  // namespace switchyard::target
