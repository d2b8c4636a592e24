#include "runtime/base/npy.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/file.h"
#include "runtime/base/output_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

namespace switchyard {
namespace {

constexpr llvm::StringLiteral magic("\x93NUMPY");
constexpr uint64_t maxHeaderBytes = uint64_t(1) << 16;
constexpr size_t maxRank = 32;

/// Spellings of `descr`, in the order of ElementType.
constexpr llvm::StringLiteral descriptions[elementTypeCount] = {"<f4", "<f2", "<V2", "<f8", "<i8", "<i4", "<i2", "|i1", "|u1", "|b1",
                                                            "<u2", "<u4", "<u8", "|V1", "|V1", "|V1", "|V1", "|V1",
                                                            "|V1", "|V1", "|V1", "|V1", "|V1", "|V1", "|V1"};

struct Header {
  std::string description;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// The header is a Python dictionary of a fixed form: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : rest_(text) {}

  /// An empty message, or what is wrong.
  std::string parse(Header &header) {
    bool seen[3] = {};
    if (!accept("{"))
      return "is not a dictionary";
    while (!accept("}")) {
      std::string key;
      if (!string(key) || !accept(":"))
        return "is not a dictionary of strings";
      int field = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : -1;
      if (field < 0 || std::exchange(seen[field], true))
        return "has the key " + quote(key) + ", which is unknown or stands twice";
      if (field == 0 && !string(header.description))
        return "describes its elements by a structure, which is not supported; use a plain array";
      if (field == 1 && !boolean(header.fortranOrder))
        return "has a fortran_order that is not True or False";
      if (field == 2)
        if (std::string fault = shape(header.shape); !fault.empty())
          return fault;
      if (!accept(",") && !rest_.ltrim().starts_with("}"))
        return "is not a dictionary";
    }
    if (!rest_.trim().empty())
      return "goes on after its dictionary";
    return seen[0] && seen[1] && seen[2] ? "" : "lacks 'descr', 'fortran_order' or 'shape'";
  }

private:
  bool accept(llvm::StringRef token) {
    rest_ = rest_.ltrim(" \t\r\n");
    return rest_.consume_front(token);
  }

  bool string(std::string &value) {
    rest_ = rest_.ltrim(" \t\r\n");
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"'))
      return false;
    size_t end = rest_.find(rest_[0], 1);
    if (end == llvm::StringRef::npos)
      return false;
    value = rest_.slice(1, end).str();
    rest_ = rest_.drop_front(end + 1);
    return true;
  }

  bool boolean(bool &value) {
    value = accept("True");
    return value || accept("False");
  }

  std::string shape(std::vector<int64_t> &sizes) {
    if (!accept("("))
      return "has a shape that is not a tuple";
    while (!accept(")")) {
      rest_ = rest_.ltrim(" \t\r\n");
      llvm::StringRef digits = rest_.take_while(llvm::isDigit);
      int64_t size = 0;
      if (digits.getAsInteger(10, size))
        return "has a size " + quote(rest_.take_front(24)) + " that is not a number from 0 to 2^63 - 1";
      rest_ = rest_.drop_front(digits.size());
      accept("L");  // written by Python 2
      sizes.push_back(size);
      if (sizes.size() > maxRank)
        return "has more than " + std::to_string(maxRank) + " dimensions";
      if (!accept(",") && !rest_.ltrim().starts_with(")"))
        return "has a shape that is not a tuple of numbers";
    }
    return "";
  }

  llvm::StringRef rest_;
};

/// Reads the part before the data: its text in `text`, the offset of the data as the result.
Result<uint64_t> readHeaderText(const File &file, std::string &text) {
  auto refuse = [&](const llvm::Twine &why) { return usageError(quote(file.name()) + " is not a .npy file: " + why); };
  char prefix[12] = {};
  if (file.size() < 10)
    return refuse("it has " + llvm::Twine(file.size()) + " bytes");
  SWITCHYARD_RETURN_IF_ERROR(file.read(0, prefix, std::min<uint64_t>(file.size(), sizeof(prefix))));
  if (llvm::StringRef(prefix, magic.size()) != magic)
    return refuse(llvm::StringRef(prefix, 4) == "PK\x03\x04" ? "it is a .npz archive; store the arrays one by one with numpy.save"
                                                             : "it does not start with \\x93NUMPY");
  int major = static_cast<unsigned char>(prefix[6]);
  if (major < 1 || major > 3)
    return refuse("format version " + llvm::Twine(major) + ", 1 to 3 are known");
  uint64_t begin = major == 1 ? 10 : 12;
  uint64_t length = major == 1 ? llvm::support::endian::read16le(prefix + 8) : llvm::support::endian::read32le(prefix + 8);
  if (length > maxHeaderBytes || !checkedSlice(file.size(), begin, length))
    return refuse("a header of " + llvm::Twine(length) + " bytes in a file of " + llvm::Twine(file.size()));
  text.resize(length);
  SWITCHYARD_RETURN_IF_ERROR(file.read(begin, text.data(), length));
  return begin + length;
}

Result<ElementType> elementTypeOf(llvm::StringRef description, const std::string &name, std::optional<ElementType> wanted) {
  auto refuse = [&](const llvm::Twine &why) { return usageError(quote(name) + ": elements " + quote(description) + " " + why); };
  if (description.contains('O'))
    return refuse("are Python objects, which are never loaded; store numbers");
  if (description.starts_with(">"))
    return refuse("are big-endian; convert them with array.astype(array.dtype.newbyteorder('<'))");
  llvm::StringRef plain = description;
  plain.consume_front("<") || plain.consume_front("|") || plain.consume_front("=");
  if (plain == "f1")  // ml_dtypes' name for its float8_e5m2
    return ElementType::f8E5M2;
  if (plain == "V1") {
    if (wanted && isNarrow(*wanted))
      return *wanted;
    return refuse("are bytes without a type; only a model's input or output of a type of 8 bits or less gives them one");
  }
  for (int i = 0; i < elementTypeCount; ++i)
    if (plain == descriptions[i].drop_front())
      return static_cast<ElementType>(i);
  return refuse("are not supported; the types are f4 f2 V2 (bf16) f8 i8 i4 i2 i1 u8 u4 u2 u1 b1 V1 (narrow ones)");
}

}  // namespace

Result<Array> readNpy(const std::string &path, std::optional<ElementType> wanted) {
  SWITCHYARD_ASSIGN_OR_RETURN(File file, File::open(path));
  std::string text;
  SWITCHYARD_ASSIGN_OR_RETURN(uint64_t begin, readHeaderText(file, text));
  Header header;
  if (std::string fault = HeaderParser(text).parse(header); !fault.empty())
    return usageError(quote(path) + ": the .npy header " + fault);
  if (header.fortranOrder)
    return usageError(quote(path) + ": the array is in Fortran order; convert it with numpy.ascontiguousarray");
  Array array;
  SWITCHYARD_ASSIGN_OR_RETURN(array.type, elementTypeOf(header.description, path, wanted));
  array.shape = std::move(header.shape);
  std::string shape = "(" + llvm::join(llvm::map_range(array.shape, [](int64_t size) { return std::to_string(size); }), ", ") + ")";
  std::optional<uint64_t> bytes = checkedProduct(array.shape, elementBytes(array.type));
  if (!bytes)
    return usageError(quote(path) + ": the bytes of shape " + shape + " overflow 64 bits");
  if (*bytes != file.size() - begin)
    return usageError(quote(path) + ": shape " + shape + " of " + elementTypeName(array.type) + " needs " + llvm::Twine(*bytes) +
                      " bytes, the file holds " + llvm::Twine(file.size() - begin));
  array.data.resize(*bytes);
  SWITCHYARD_RETURN_IF_ERROR(file.read(begin, array.data.data(), *bytes));
  if (array.type == ElementType::boolean)
    for (unsigned char value : array.data)
      if (value > 1)
        return usageError(quote(path) + ": a bool is " + llvm::Twine(unsigned(value)) + ", not 0 or 1");
  return array;
}

Status writeNpy(const std::string &path, ElementType type, llvm::ArrayRef<int64_t> shape, const void *data) {
  std::string text = "{'descr': '" + descriptions[static_cast<int>(type)].str() + "', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape)
    text += std::to_string(size) + ", ";
  // NumPy writes (3,) for one size and (2, 3) for more.
  if (!shape.empty())
    text.resize(text.size() - (shape.size() == 1 ? 1 : 2));
  text += "), }";
  text.append(63 - (magic.size() + 4 + text.size()) % 64, ' ');
  text += '\n';
  std::optional<uint64_t> bytes = checkedProduct(shape, elementBytes(type));
  if (!bytes || text.size() > UINT16_MAX)
    return internalError(quote(path) + ": an array of " + llvm::Twine(shape.size()) + " dimensions cannot be written");
  char prefix[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  llvm::support::endian::write16le(prefix + 8, static_cast<uint16_t>(text.size()));
  SWITCHYARD_ASSIGN_OR_RETURN(OutputFile file, OutputFile::create(path));
  SWITCHYARD_RETURN_IF_ERROR(file.append(prefix, sizeof(prefix)));
  SWITCHYARD_RETURN_IF_ERROR(file.append(text));
  SWITCHYARD_RETURN_IF_ERROR(file.append(data, *bytes));
  return file.finish();
}

}  // namespace switchyard
