#include "compiler/target/ManifestBuilder.h"

#include "compiler/codegen/ElementTypes.h"
#include "dialects/rt/RtDialect.h"
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
    addStates();
    addSites();
    SWITCHYARD_RETURN_IF_ERROR(addLayers());
    SWITCHYARD_RETURN_IF_ERROR(addWeights());
    SWITCHYARD_RETURN_IF_ERROR(addSlots());
    return manifest;
  }

private:
  ArrayAttr list(StringRef name) {
    auto attribute = module->getAttrOfType<ArrayAttr>(name);
    return attribute ? attribute : ArrayAttr::get(module.getContext(), {});
  }

  Status addDims() {
    auto limits = module->getAttrOfType<DictionaryAttr>("rt.limits");
    for (auto name : list("rt.dims").getAsRange<StringAttr>()) {
      auto limit = limits ? limits.getAs<IntegerAttr>(name.getValue()) : IntegerAttr();
      if (!limit)
        return invalidError("dimension " + quote(name.getValue()) + " has no limit; the raise phase gives one in rt.limits");
      manifest.dims.push_back({name.str(), limit.getInt()});
    }
    return {};
  }

  Status addSignatures(StringRef attribute, std::vector<artifact::Signature> &signatures) {
    for (auto entry : list(attribute).getAsRange<DictionaryAttr>()) {
      artifact::Signature signature;
      signature.name = entry.getAs<StringAttr>("name").str();
      SWITCHYARD_ASSIGN_OR_RETURN(signature.type, storedType(entry.getAs<TypeAttr>("type").getValue(), signature.name));
      for (Attribute size : entry.getAs<ArrayAttr>("shape")) {
        auto number = dyn_cast<IntegerAttr>(size);
        Result<Expression> expression = number ? Result<Expression>(Expression(number.getInt())) : parseSize(cast<StringAttr>(size));
        if (!expression.ok())
          return expression.status().within("shape of " + quote(signature.name));
        signature.shape.push_back(*expression);
      }
      signatures.push_back(std::move(signature));
    }
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

  void addSites() {
    for (auto entry : list("rt.sites").getAsRange<DictionaryAttr>()) {
      artifact::Site site;
      site.kernel = entry.getAs<StringAttr>("kernel").str();
      site.op = entry.getAs<StringAttr>("op").str();
      site.name = entry.getAs<StringAttr>("name").str();
      site.layer = entry.getAs<IntegerAttr>("layer").getInt();
      for (NamedAttribute integer : entry.getAs<DictionaryAttr>("integers"))
        site.integers[integer.getName().str()] = cast<IntegerAttr>(integer.getValue()).getInt();
      for (NamedAttribute number : entry.getAs<DictionaryAttr>("floats"))
        site.floats[number.getName().str()] = cast<FloatAttr>(number.getValue()).getValueAsDouble();
      if (auto buffers = entry.getAs<DenseI64ArrayAttr>("buffers"))
        site.buffers.assign(buffers.asArrayRef().begin(), buffers.asArrayRef().end());
      manifest.sites.push_back(std::move(site));
    }
  }

  Status addLayers() {
    for (auto entry : list("rt.layers").getAsRange<DictionaryAttr>()) {
      auto integer = [&](StringRef field) { return entry.getAs<IntegerAttr>(field).getInt(); };
      artifact::Layer layer;
      layer.name = entry.getAs<StringAttr>("name").str();
      layer.index = integer("index");
      layer.experts = integer("experts");
      layer.slots = integer("slots");
      layer.hidden = integer("hidden");
      layer.inner = integer("inner");
      SWITCHYARD_ASSIGN_OR_RETURN(layer.tokens, Expression::parse(entry.getAs<StringAttr>("tokens").getValue()));
      if (auto capacity = entry.getAs<StringAttr>("capacity")) {
        SWITCHYARD_ASSIGN_OR_RETURN(layer.capacity, Expression::parse(capacity.getValue()));
      }
      for (auto weight : entry.getAs<ArrayAttr>("weights").getAsRange<FlatSymbolRefAttr>())
        expertWeights[weight.getAttr()] = layer.index;
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
    for (auto slot : list("rt.slots").getAsRange<DictionaryAttr>()) {
      SWITCHYARD_ASSIGN_OR_RETURN(Expression size, Expression::parse(slot.getAs<StringAttr>("size").getValue()));
      manifest.slots.push_back({size, slot.getAs<IntegerAttr>("first").getInt(), slot.getAs<IntegerAttr>("last").getInt()});
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
