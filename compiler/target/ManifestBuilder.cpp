#include "compiler/target/ManifestBuilder.h"

#include "compiler/codegen/SizeExpression.h"
#include "dialects/rt/RtDialect.h"
#include "runtime/base/escape.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using switchyard::artifact::Expression;
using switchyard::artifact::Manifest;

namespace switchyard::target {

namespace {

Result<ElementType> elementTypeOf(Type type, llvm::StringRef name) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  if (type.isInteger(1))
    text = "bool";
  else if (type.isUnsignedInteger(8))
    text = "u8";
  if (std::optional<ElementType> parsed = parseElementType(text))
    return *parsed;
  return unsupportedError(quote(name) + " has elements of type " + text + ", which an artifact cannot hold");
}

/// The node of the model that an op comes from.
std::string nodeName(Location location) {
  std::string name;
  location->walk([&](Location part) {
    if (auto named = dyn_cast<NameLoc>(part); named && name.empty())
      name = named.getName().str();
    return name.empty() ? WalkResult::advance() : WalkResult::interrupt();
  });
  return name;
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
    SWITCHYARD_RETURN_IF_ERROR(addSites());
    SWITCHYARD_RETURN_IF_ERROR(addWeights());
    SWITCHYARD_RETURN_IF_ERROR(addSlots());
    for (auto &[index, layer] : layers)
      manifest.layers.push_back(layer);
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
      SWITCHYARD_ASSIGN_OR_RETURN(signature.type, elementTypeOf(entry.getAs<TypeAttr>("type").getValue(), signature.name));
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

  /// A past and the present that continues it: named so by every exporter of decoders, and equal but for one dimension.
  void addStates() {
    for (const artifact::Signature &input : manifest.inputs)
      for (const artifact::Signature &output : manifest.outputs) {
        StringRef past = input.name, present = output.name;
        bool pair = (past.consume_front("past_key_values.") || past.consume_front("past.")) && present.consume_front("present.") && past == present;
        if (!pair || input.type != output.type || input.shape.size() != output.shape.size())
          continue;
        std::vector<int64_t> grown;
        for (size_t d = 0; d < input.shape.size(); ++d)
          if (!(input.shape[d] == output.shape[d]))
            grown.push_back(d);
        if (grown.size() == 1)
          manifest.states.push_back({input.name, output.name, grown[0]});
      }
  }

  Status addSites() {
    Status status;
    module.walk([&](Operation *op) {
      if (auto kernel = dyn_cast<rt::KernelOp>(op))
        status = addSite(kernel);
      else if (auto collective = dyn_cast<rt::CollectiveOp>(op))
        status = addSite(collective);
      return status.ok() ? WalkResult::advance() : WalkResult::interrupt();
    });
    return status;
  }

  template <typename Call>
  Status addSite(Call call) {
    artifact::Site site;
    site.kernel = call.getKernel().str();
    site.op = call.getOp().str();
    site.name = nodeName(call.getLoc());
    site.layer = call.getLayer();
    for (NamedAttribute entry : call.getIntegers())
      site.integers[entry.getName().str()] = cast<IntegerAttr>(entry.getValue()).getInt();
    for (NamedAttribute entry : call.getFloats())
      site.floats[entry.getName().str()] = cast<FloatAttr>(entry.getValue()).getValueAsDouble();
    manifest.sites.push_back(site);
    if constexpr (std::is_same_v<Call, rt::KernelOp>) {
      if (site.kernel == "gate_f32")
        return describeGate(call);
      if (site.kernel == "expert_mlp_f32")
        describeExpert(call);
    }
    return {};
  }

  artifact::Layer &layer(int64_t index) {
    artifact::Layer &entry = layers[index];
    entry.index = index;
    return entry;
  }

  Status describeGate(rt::KernelOp gate) {
    artifact::Layer &entry = layer(gate.getLayer());
    auto ids = cast<MemRefType>(gate.getOutputs()[0].getType());
    entry.name = nodeName(gate.getLoc());
    entry.slots = ids.getDimSize(1);
    entry.experts = cast<MemRefType>(gate.getInputs()[0].getType()).getDimSize(1);
    entry.tokens = Expression(ids.getDimSize(0));
    if (ids.isDynamicDim(0)) {
      auto slot = gate.getOutputs()[0].getDefiningOp<rt::SlotOp>();
      std::optional<Expression> tokens = slot ? sizes.trace(slot.getSizes()[0]) : std::nullopt;
      if (!tokens)
        return internalError("the tokens of layer " + llvm::Twine(gate.getLayer()) + " are no formula over the dimensions");
      entry.tokens = *tokens;
    }
    APInt none;
    Value capacity = gate.getScalars()[2];
    if (!matchPattern(capacity, m_ConstantInt(&none)) || none.getSExtValue() >= 0) {
      // A capacity that is computed from floats has no formula; an expert never takes more rows than there are tokens.
      std::optional<Expression> rows = sizes.trace(capacity);
      entry.capacity = rows ? *rows : entry.tokens;
    }
    return {};
  }

  void describeExpert(rt::KernelOp expert) {
    artifact::Layer &entry = layer(expert.getLayer());
    entry.hidden = cast<MemRefType>(expert.getInputs()[0].getType()).getDimSize(1);
    entry.inner = cast<IntegerAttr>(expert.getIntegers().get("inner")).getInt();
    for (Value input : expert.getInputs())
      if (auto table = input.getDefiningOp<rt::ExpertTableOp>())
        expertWeights[table.getWeightAttr().getAttr()] = expert.getLayer();
  }

  Status addWeights() {
    for (auto op : module.getOps<rt::WeightOp>()) {
      auto type = cast<RankedTensorType>(op.getType());
      artifact::Weight weight;
      weight.name = op.getSymName().str();
      SWITCHYARD_ASSIGN_OR_RETURN(weight.type, elementTypeOf(type.getElementType(), weight.name));
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
  std::map<int64_t, artifact::Layer> layers;
  llvm::DenseMap<StringAttr, int64_t> expertWeights;
  codegen::SizeExpressions sizes;
};

}  // namespace

Result<Manifest> buildManifest(ModuleOp module) { return Builder(module).build(); }

}  // namespace switchyard::target
