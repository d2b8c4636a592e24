#include "runtime/base/npy.h"
#include "tests/runtime/base/temporary_folder.h"

#include "llvm/Support/Endian.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

/// A file of the given format version, header and data.
std::string npy(int major, llvm::StringRef header, llvm::StringRef data) {
  std::string text = "\x93NUMPY";
  text += char(major);
  text += '\0';
  char length[4];
  llvm::support::endian::write32le(length, uint32_t(header.size()));
  text.append(length, major == 1 ? 2 : 4);
  return text + header.str() + data.str();
}

class NpyTest : public testing::Test {
protected:
  /// What readNpy says about a file of these bytes, without its name.
  std::string fault(llvm::StringRef bytes) {
    Result<Array> array = readNpy(folder.write("x.npy", bytes));
    if (array)
      return "";
    EXPECT_EQ(array.status().code(), ExitCode::usage);
    std::string name = "'" + folder / "x.npy" + "'", message = array.status().message();
    EXPECT_EQ(message.find(name), 0u) << message;
    return message.substr(name.size());
  }

  TemporaryFolder folder;
};

TEST_F(NpyTest, RoundTripsAllTypesAndRanks) {
  std::string bytes(48, '\1');
  for (int i = 0; i < elementTypeCount; ++i) {
    ElementType type = static_cast<ElementType>(i);
    for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {0}, {3}, {2, 3}, {1, 2, 1, 3}}) {
      ASSERT_TRUE(writeNpy(folder / "x.npy", type, shape, bytes.data()).ok());
      Result<Array> array = readNpy(folder / "x.npy", type);
      ASSERT_TRUE(array.ok()) << array.status().message();
      EXPECT_EQ(array->type, type);
      EXPECT_EQ(array->shape, shape);
      EXPECT_EQ(std::string(array->data.begin(), array->data.end()), bytes.substr(0, array->data.size()));
    }
  }
}

TEST_F(NpyTest, WritesWhatNumpyWrites) {
  float values[3] = {};
  ASSERT_TRUE(writeNpy(folder / "x.npy", ElementType::f32, {3}, values).ok());
  std::string text = contentOf(folder / "x.npy");
  EXPECT_EQ(text.substr(10, 59), "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }  ");
  EXPECT_EQ(text.size(), 128 + 12u);  // numpy pads the header to 64 as well; its header for this array has 118 bytes
}

TEST_F(NpyTest, ReadsAllVersionsAndSpellings) {
  std::string data(24, '\0');
  for (int major : {1, 2, 3}) {
    EXPECT_EQ(fault(npy(major, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", data)), "");
    EXPECT_EQ(fault(npy(major, "{\"shape\":(2,3),\"descr\":\"=f4\",\"fortran_order\":False}", data)), "");
  }
  EXPECT_EQ(fault(npy(1, "{'descr': '|V2', 'fortran_order': False, 'shape': (12L,)}", data)), "");
}

TEST_F(NpyTest, NarrowElementsAreBytesWithoutAType) {
  uint8_t codes[2] = {1, 15};
  ASSERT_TRUE(writeNpy(folder / "x.npy", ElementType::i4, {2}, codes).ok());
  std::string bytes = contentOf(folder / "x.npy");
  EXPECT_NE(bytes.find("'descr': '|V1'"), std::string::npos);
  EXPECT_EQ(fault(bytes), ": elements '|V1' are bytes without a type; only a model's input or output of a type of 8 bits or less gives them one");
  Result<Array> other = readNpy(folder / "x.npy", ElementType::u8);
  EXPECT_FALSE(other.ok());
  Result<Array> array = readNpy(folder.write("y.npy", npy(1, "{'descr': '<f1', 'fortran_order': False, 'shape': (2,)}", "ab")));
  ASSERT_TRUE(array.ok()) << array.status().message();
  EXPECT_EQ(array->type, ElementType::f8E5M2);
}

TEST_F(NpyTest, RefusesOtherContainers) {
  EXPECT_EQ(fault(""), " is not a .npy file: it has 0 bytes");
  EXPECT_EQ(fault("hello, world"), " is not a .npy file: it does not start with \\x93NUMPY");
  EXPECT_EQ(fault("PK\3\4 and more bytes"), " is not a .npy file: it is a .npz archive; store the arrays one by one with numpy.save");
  EXPECT_EQ(fault(npy(4, "{}", "")), " is not a .npy file: format version 4, 1 to 3 are known");
  EXPECT_EQ(fault(std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)), " is not a .npy file: a header of 4294967295 bytes in a file of 12");
  EXPECT_EQ(fault(std::string("\x93NUMPY\1\0\x76\0{'descr'", 18)), " is not a .npy file: a header of 118 bytes in a file of 18");
}

TEST_F(NpyTest, RefusesOtherArrays) {
  auto array = [&](const std::string &descr, const std::string &order, const std::string &shape, size_t bytes) {
    return fault(npy(1, "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }", std::string(bytes, '\2')));
  };
  EXPECT_EQ(array("<f4", "True", "(2, 3)", 24), ": the array is in Fortran order; convert it with numpy.ascontiguousarray");
  EXPECT_EQ(array(">f4", "False", "(2, 3)", 24),
            ": elements '>f4' are big-endian; convert them with array.astype(array.dtype.newbyteorder('<'))");
  EXPECT_EQ(array("|O", "False", "(2,)", 24), ": elements '|O' are Python objects, which are never loaded; store numbers");
  EXPECT_EQ(array("<c8", "False", "(3,)", 24), ": elements '<c8' are not supported; the types are f4 f2 V2 (bf16) f8 i8 i4 i2 i1 u8 u4 u2 u1 b1 V1 (narrow ones)");
  EXPECT_EQ(array("<f4", "False", "(2, 3)", 23), ": shape (2, 3) of f32 needs 24 bytes, the file holds 23");
  EXPECT_EQ(array("<f4", "False", "(2, 3)", 25), ": shape (2, 3) of f32 needs 24 bytes, the file holds 25");
  EXPECT_EQ(array("<f4", "False", "(4611686018427387904, 16)", 24), ": the bytes of shape (4611686018427387904, 16) overflow 64 bits");
  EXPECT_EQ(array("<f4", "False", "(99999999999, 1)", 24), ": shape (99999999999, 1) of f32 needs 399999999996 bytes, the file holds 24");
  EXPECT_EQ(array("|b1", "False", "(2,)", 2), ": a bool is 2, not 0 or 1");
}

TEST_F(NpyTest, RefusesBadHeaders) {
  auto header = [&](llvm::StringRef text) { return fault(npy(1, text, "")); };
  EXPECT_EQ(header("hello"), ": the .npy header is not a dictionary");
  EXPECT_EQ(header("{'descr': '<f4', 'fortran_order': False}"), ": the .npy header lacks 'descr', 'fortran_order' or 'shape'");
  EXPECT_EQ(header("{'descr': '<f4', 'descr': '<f4'}"), ": the .npy header has the key 'descr', which is unknown or stands twice");
  EXPECT_EQ(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}"),
            ": the .npy header describes its elements by a structure, which is not supported; use a plain array");
  EXPECT_EQ(header("{'fortran_order': 1}"), ": the .npy header has a fortran_order that is not True or False");
  EXPECT_EQ(header("{'shape': (-1,)}"), ": the .npy header has a size '-1,)}' that is not a number from 0 to 2^63 - 1");
  EXPECT_EQ(header("{'shape': (9223372036854775808,)}"),
            ": the .npy header has a size '9223372036854775808,)}' that is not a number from 0 to 2^63 - 1");
  EXPECT_EQ(header("{'shape': 3}"), ": the .npy header has a shape that is not a tuple");
  EXPECT_EQ(header("{'shape': (3"), ": the .npy header has a shape that is not a tuple of numbers");
  std::string many = "{'shape': (";
  for (int i = 0; i < 40; ++i)
    many += "1,";
  EXPECT_EQ(header(many + ")}"), ": the .npy header has more than 32 dimensions");
  EXPECT_EQ(header("{'descr': '<f4', 'fortran_order': False, 'shape': ()} os.system()"), ": the .npy header goes on after its dictionary");
}

// No prefix and no change of one byte of a small file may crash, and a prefix is never an array.
TEST_F(NpyTest, SurvivesEveryTruncationAndFlip) {
  std::string good = npy(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n", std::string(4, '\0'));
  ASSERT_EQ(fault(good), "");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(fault(good.substr(0, length)), "") << length;
  for (size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = char(bad[i] ^ (1 << bit));
      fault(bad);
    }
}

}  // namespace
}  // namespace switchyard
