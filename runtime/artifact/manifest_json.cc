#include "runtime/artifact/manifest.h"

#include "runtime/base/escape.h"
#include "runtime/base/json.h"
#include "runtime/base/json_fields.h"

#include "llvm/Support/raw_ostream.h"

namespace switchyard::artifact {
namespace {

using llvm::json::OStream;
using llvm::json::Value;

constexpr llvm::StringLiteral formatName = "moe-artifact";

// Writing. The order of the fields is the order of the text.

void writeShape(OStream &out, const std::vector<Expression> &shape) {
  out.attributeBegin("shape");
  out.rawValue([&](llvm::raw_ostream &stream) {
    stream << '[';
    for (size_t i = 0; i < shape.size(); ++i) {
      stream << (i ? ", " : "");
      if (std::optional<int64_t> constant = shape[i].asConstant())
        stream << *constant;
      else
        stream << Value(jsonText(shape[i].print()));
    }
    stream << ']';
  });
  out.attributeEnd();
}

void writeObject(OStream &out, const Dim &dim) {
  out.attribute("name", jsonText(dim.name));
  out.attribute("limit", dim.limit);
}

void writeObject(OStream &out, const Signature &signature) {
  out.attribute("name", jsonText(signature.name));
  out.attribute("type", elementTypeName(signature.type));
  writeShape(out, signature.shape);
}

void writeObject(OStream &out, const Equality &equality) {
  out.attribute("left", jsonText(equality.left.print()));
  out.attribute("right", jsonText(equality.right.print()));
  out.attribute("node", jsonText(equality.node));
}

void writeObject(OStream &out, const State &state) {
  out.attribute("input", jsonText(state.input));
  out.attribute("output", jsonText(state.output));
  out.attribute("axis", state.axis);
}

void writeObject(OStream &out, const Weight &weight) {
  out.attribute("name", jsonText(weight.name));
  out.attribute("file", jsonText(weight.file));
  out.attribute("type", elementTypeName(weight.type));
  out.attributeBegin("shape");
  writeInline(out, weight.shape);
  out.attributeEnd();
  out.attribute("expert", weight.expert);
}

void writeObject(OStream &out, const Layer &layer) {
  out.attribute("index", layer.index);
  out.attribute("name", jsonText(layer.name));
  out.attribute("experts", layer.experts);
  out.attribute("slots", layer.slots);
  out.attribute("hidden", layer.hidden);
  out.attribute("inner", layer.inner);
  out.attribute("tokens", jsonText(layer.tokens.print()));
  out.attribute("capacity", layer.capacity ? Value(jsonText(layer.capacity->print())) : Value(nullptr));
}

void writeObject(OStream &out, const Site &site) {
  out.attribute("kernel", jsonText(site.kernel));
  out.attribute("op", jsonText(site.op));
  out.attribute("name", jsonText(site.name));
  out.attribute("layer", site.layer);
  out.attributeObject("integers", [&] {
    for (const auto &[name, value] : site.integers)
      out.attribute(jsonText(name), value);
  });
  out.attributeObject("floats", [&] {
    for (const auto &[name, value] : site.floats) {
      out.attributeBegin(jsonText(name));
      writeNumber(out, value);
      out.attributeEnd();
    }
  });
  if (site.buffers.empty())
    return;
  out.attributeBegin("buffers");
  writeInline(out, site.buffers);
  out.attributeEnd();
}

void writeObject(OStream &out, const Slot &slot) {
  out.attribute("size", jsonText(slot.size.print()));
  out.attribute("first", slot.first);
  out.attribute("last", slot.last);
}

void writeObject(OStream &out, const Code &code) {
  out.attribute("file", jsonText(code.file));
  out.attribute("level", jsonText(code.level));
  out.attribute("abi", code.abi);
}

void writeObject(OStream &out, const FileRecord &file) {
  out.attribute("path", jsonText(file.path));
  out.attribute("size", file.size);
  out.attribute("blake3", jsonText(file.blake3));
}

template <typename T> void writeList(OStream &out, llvm::StringRef key, const std::vector<T> &elements) {
  out.attributeArray(key, [&] {
    for (const T &element : elements)
      out.object([&] { writeObject(out, element); });
  });
}

// Reading.

ElementType readType(JsonFields &fields) {
  std::string name = fields.string("type");
  std::optional<ElementType> type = parseElementType(name);
  if (!type)
    fields.fail("unknown element type " + quote(name));
  return type.value_or(ElementType::f32);
}

/// An expression is a string, or an integer.
Expression readExpression(const Value &value, const std::string &where, JsonReading &reading) {
  if (std::optional<llvm::StringRef> text = value.getAsString()) {
    Result<Expression> expression = Expression::parse(*text);
    if (expression)
      return *std::move(expression);
    reading.fail(expression.status().within(where));
    return Expression();
  }
  return Expression(readInteger(value, where, reading, -maxJsonInteger, maxJsonInteger));
}

Expression readExpression(JsonFields &fields, llvm::StringRef key, JsonReading &reading) {
  const Value *value = fields.value(key);
  return value ? readExpression(*value, fields.where() + ": field '" + key.str() + "'", reading) : Expression();
}

void readObject(JsonFields &fields, JsonReading &, Dim &dim) {
  dim.name = fields.string("name");
  dim.limit = fields.integer("limit");
}

void readObject(JsonFields &fields, JsonReading &reading, Signature &signature) {
  signature.name = fields.string("name");
  signature.type = readType(fields);
  fields.each("shape",
              [&](const Value &entry, const std::string &where) { signature.shape.push_back(readExpression(entry, where, reading)); });
}

void readObject(JsonFields &fields, JsonReading &reading, Equality &equality) {
  equality.left = readExpression(fields, "left", reading);
  equality.right = readExpression(fields, "right", reading);
  equality.node = fields.string("node");
}

void readObject(JsonFields &fields, JsonReading &, State &state) {
  state.input = fields.string("input");
  state.output = fields.string("output");
  state.axis = fields.integer("axis", -1);
}

void readObject(JsonFields &fields, JsonReading &, Weight &weight) {
  weight.name = fields.string("name");
  weight.file = fields.string("file");
  weight.type = readType(fields);
  weight.shape = fields.integers("shape");
  weight.expert = fields.integer("expert", -1);
}

void readObject(JsonFields &fields, JsonReading &reading, Layer &layer) {
  layer.index = fields.integer("index");
  layer.name = fields.string("name");
  layer.experts = fields.integer("experts");
  layer.slots = fields.integer("slots");
  layer.hidden = fields.integer("hidden");
  layer.inner = fields.integer("inner");
  layer.tokens = readExpression(fields, "tokens", reading);
  if (const Value *capacity = fields.value("capacity"); capacity && capacity->kind() != Value::Null)
    layer.capacity = readExpression(*capacity, fields.where() + ": field 'capacity'", reading);
}

void readObject(JsonFields &fields, JsonReading &reading, Site &site) {
  site.kernel = fields.string("kernel");
  site.op = fields.string("op");
  site.name = fields.string("name");
  site.layer = fields.integer("layer", -1);
  fields.eachKey("integers", [&](llvm::StringRef name, const Value &value, const std::string &where) {
    site.integers[name.str()] = readInteger(value, where, reading, -maxJsonInteger, maxJsonInteger);
  });
  fields.eachKey("floats", [&](llvm::StringRef name, const Value &value, const std::string &where) {
    site.floats[name.str()] = readNumber(value, where, reading);
  });
  if (fields.has("buffers"))
    site.buffers = fields.integers("buffers");
}

void readObject(JsonFields &fields, JsonReading &reading, Slot &slot) {
  slot.size = readExpression(fields, "size", reading);
  slot.first = fields.integer("first");
  slot.last = fields.integer("last");
}

void readObject(JsonFields &fields, JsonReading &, Code &code) {
  code.file = fields.string("file");
  code.level = fields.string("level");
  code.abi = fields.integer("abi");
}

void readObject(JsonFields &fields, JsonReading &, FileRecord &file) {
  file.path = fields.string("path");
  file.size = fields.integer("size");
  file.blake3 = fields.string("blake3");
}

template <typename T> void readList(JsonFields &fields, JsonReading &reading, llvm::StringRef key, std::vector<T> &elements) {
  fields.each(key, [&](const Value &value, const std::string &where) {
    JsonFields element(value, where, reading);
    readObject(element, reading, elements.emplace_back());
    element.finish();
  });
}

/// Format and version come first: a file of another kind or age is told as that, and not by its first odd field.
Status readVersion(const Value &document, llvm::StringRef name, Manifest &manifest) {
  JsonReading reading;
  reading.allowUnknownFields = true;
  JsonFields fields(document, name, reading);
  std::string format = fields.string("format");
  if (reading.status.ok() && format != formatName)
    return invalidError(name + ": format is " + quote(format) + ", not '" + formatName + "'");
  if (const Value *value = fields.value("version")) {
    JsonFields version(*value, name + ": version", reading);
    manifest.major = version.integer("major");
    manifest.minor = version.integer("minor");
  }
  manifest.requiredFeatures = fields.strings("required_features");
  if (const Value *value = fields.value("producer")) {
    JsonFields producer(*value, name + ": producer", reading);
    manifest.producerTool = producer.string("tool");
    manifest.producerVersion = producer.string("version");
  }
  SWITCHYARD_RETURN_IF_ERROR(reading.status);
  std::string origin = " (written by " + escaped(manifest.producerTool) + " " + escaped(manifest.producerVersion) + ")";
  if (manifest.major != manifestMajor)
    return mismatchError(name + ": artifact format version " + llvm::Twine(manifest.major) + "." + llvm::Twine(manifest.minor) + origin +
                         ", this program reads version " + llvm::Twine(manifestMajor) +
                         ".x; compile the model again with the matching moe-opt");
  for (const std::string &feature : manifest.requiredFeatures)
    if (feature != equalitiesFeature)
      return mismatchError(name + ": artifact needs the feature " + quote(feature) + origin +
                           ", which this program does not know; use a newer moe-run");
  return Status();
}

}  // namespace

std::string Manifest::toJson() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  {
    OStream out(stream, 2);
    out.object([&] {
      out.attribute("format", formatName);
      out.attributeObject("version", [&] {
        out.attribute("major", major);
        out.attribute("minor", minor);
      });
      out.attributeArray("required_features", [&] {
        for (const std::string &feature : requiredFeatures)
          out.value(jsonText(feature));
      });
      out.attributeObject("producer", [&] {
        out.attribute("tool", jsonText(producerTool));
        out.attribute("version", jsonText(producerVersion));
      });
      writeList(out, "dims", dims);
      if (positions)
        out.attribute("positions", *positions);
      writeList(out, "inputs", inputs);
      writeList(out, "outputs", outputs);
      if (!equalities.empty())
        writeList(out, "equalities", equalities);
      writeList(out, "states", states);
      writeList(out, "weights", weights);
      writeList(out, "layers", layers);
      writeList(out, "sites", sites);
      writeList(out, "slots", slots);
      writeList(out, "code", code);
      writeList(out, "files", files);
    });
  }
  stream << '\n';
  return text;
}

Result<Manifest> Manifest::fromJson(llvm::StringRef text, llvm::StringRef name) {
  SWITCHYARD_ASSIGN_OR_RETURN(Value document, parseJson(text, name, {maxManifestBytes, 32}));
  Manifest manifest;
  SWITCHYARD_RETURN_IF_ERROR(readVersion(document, name, manifest));
  JsonReading reading;
  reading.allowUnknownFields = manifest.minor > manifestMinor;
  JsonFields fields(document, name, reading);
  for (llvm::StringRef key : {"format", "version", "required_features", "producer"})
    fields.value(key);
  readList(fields, reading, "dims", manifest.dims);
  if (fields.has("positions"))
    manifest.positions = fields.integer("positions");
  readList(fields, reading, "inputs", manifest.inputs);
  readList(fields, reading, "outputs", manifest.outputs);
  if (fields.has("equalities"))
    readList(fields, reading, "equalities", manifest.equalities);
  readList(fields, reading, "states", manifest.states);
  readList(fields, reading, "weights", manifest.weights);
  readList(fields, reading, "layers", manifest.layers);
  readList(fields, reading, "sites", manifest.sites);
  readList(fields, reading, "slots", manifest.slots);
  readList(fields, reading, "code", manifest.code);
  readList(fields, reading, "files", manifest.files);
  fields.finish();
  SWITCHYARD_RETURN_IF_ERROR(reading.status);
  SWITCHYARD_RETURN_IF_ERROR(manifest.validate().within(name));
  return manifest;
}

}  // namespace switchyard::artifact
