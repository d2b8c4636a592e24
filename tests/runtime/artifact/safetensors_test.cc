#include "runtime/artifact/safetensors.h"
#include "tests/runtime/artifact/example_artifact.h"
#include "tests/runtime/artifact/example_manifest.h"

#include "llvm/Support/Endian.h"

#include <gtest/gtest.h>

namespace switchyard::artifact {
namespace {

class SafetensorsTest : public testing::Test {
protected:
  /// A file of this header and so many bytes of data.
  std::string file(llvm::StringRef header, size_t bytes) {
    std::string text(8, '\0');
    llvm::support::endian::write64le(text.data(), header.size());
    return text + header.str() + std::string(bytes, 'x');
  }

  /// What the reader says about a file of these bytes, without the name.
  std::string fault(llvm::StringRef bytes) {
    File opened = *File::open(folder.write("f", bytes));
    Result<std::vector<TensorEntry>> entries = readSafetensors(opened);
    if (entries)
      return "";
    EXPECT_EQ(entries.status().code(), ExitCode::invalid);
    std::string name = "'" + folder / "f" + "'", message = entries.status().message();
    EXPECT_EQ(message.find(name), 0u) << message;
    return message.substr(name.size());
  }

  TemporaryFolder folder;
};

TEST_F(SafetensorsTest, WritesAlignedFilesThatItReads) {
  Manifest manifest = exampleManifest();
  for (const std::string &path : weightFiles(manifest)) {
    std::vector<StoredTensor> tensors = *storedTensors(manifest, path);
    SafetensorsWriter writer = *SafetensorsWriter::create(*OutputFile::create(folder / "f"), tensors);
    for (const StoredTensor &tensor : tensors)
      ASSERT_TRUE(writer.append(exampleData(tensor).data(), tensor.bytes).ok());
    Result<OutputFile> written = writer.finish();
    ASSERT_TRUE(written.ok()) << written.status().message();
    File opened = *File::open(folder / "f");
    EXPECT_EQ(written->size(), opened.size());
    EXPECT_EQ(written->digest(), *digestOf(opened));
    Result<std::vector<TensorEntry>> entries = readSafetensors(opened);
    ASSERT_TRUE(entries.ok()) << entries.status().message();
    llvm::erase_if(*entries, [](const TensorEntry &entry) { return entry.isPad(); });
    ASSERT_EQ(entries->size(), tensors.size());
    for (size_t i = 0; i < tensors.size(); ++i) {
      const TensorEntry &entry = (*entries)[i];
      EXPECT_EQ(entry.name, tensors[i].name);
      EXPECT_EQ(entry.type, tensors[i].type);
      EXPECT_EQ(entry.shape, tensors[i].shape);
      EXPECT_EQ(entry.offset % tensors[i].alignment, 0u);
      std::string data(entry.bytes, '\0');
      ASSERT_TRUE(opened.read(entry.offset, data.data(), entry.bytes).ok());
      EXPECT_EQ(data, exampleData(tensors[i]));
    }
  }
}

TEST_F(SafetensorsTest, ExpertsStandTogether) {
  std::vector<StoredTensor> tensors = *storedTensors(exampleManifest(), "weights/experts-L000.safetensors");
  std::vector<std::string> names;
  for (const StoredTensor &tensor : tensors)
    names.push_back(tensor.name + " " + std::to_string(tensor.alignment));
  EXPECT_EQ(names, (std::vector<std::string>{"up.0 4096", "down.0 256", "up.1 4096", "down.1 256", "up.2 4096", "down.2 256", "up.3 4096",
                                             "down.3 256"}));
  EXPECT_EQ(tensors[0].shape, (std::vector<int64_t>{2, 16, 16}));
}

TEST_F(SafetensorsTest, WriterInsistsOnTheDeclaredBytes) {
  std::vector<StoredTensor> tensors = {{"a", ElementType::i8, {4}, 4, 256, 0, -1}, {"b", ElementType::i8, {0}, 0, 256, 1, -1}};
  SafetensorsWriter more = *SafetensorsWriter::create(*OutputFile::create(folder / "f"), tensors);
  EXPECT_EQ(more.append("12345", 5).message(), "'" + folder / "f" + "': 5 bytes of data where 4 are missing of tensor 'a'");
  SafetensorsWriter less = *SafetensorsWriter::create(*OutputFile::create(folder / "f"), tensors);
  EXPECT_TRUE(less.append("123", 3).ok());
  EXPECT_EQ(less.finish().status().message(), "'" + folder / "f" + "': 1 bytes of tensor 'a' were not written");
  SafetensorsWriter right = *SafetensorsWriter::create(*OutputFile::create(folder / "f"), tensors);
  EXPECT_TRUE(right.append("1234", 4).ok());
  EXPECT_EQ(right.append("5", 1).code(), ExitCode::internal);
  EXPECT_TRUE(right.finish().ok());
}

TEST_F(SafetensorsTest, AnEmptyFileHasNoTensors) {
  SafetensorsWriter writer = *SafetensorsWriter::create(*OutputFile::create(folder / "f"), {});
  ASSERT_TRUE(writer.finish().ok());
  File opened = *File::open(folder / "f");
  EXPECT_TRUE(readSafetensors(opened)->empty());
}

TEST_F(SafetensorsTest, AcceptsWhatTheFormatAllows) {
  EXPECT_EQ(fault(file(R"({"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   )", 8)), "");
  EXPECT_EQ(
      fault(file(R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}})", 7)),
      "");
  EXPECT_EQ(fault(file(R"({"e":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}})", 1)),
            "");
}

TEST_F(SafetensorsTest, RefusesBadHeaders) {
  EXPECT_EQ(fault("1234567"), " is not a safetensors file: it has 7 bytes");
  EXPECT_EQ(fault(std::string(8, '\xff')), " is not a safetensors file: a header of 18446744073709551615 bytes in a file of 8");
  EXPECT_EQ(fault(std::string("\x03\0\0\0\0\0\0\0{}", 10)), " is not a safetensors file: a header of 3 bytes in a file of 10");
  EXPECT_EQ(fault(file(" {}", 0)), " is not a safetensors file: its header does not start with '{'");
  EXPECT_EQ(fault(file("", 0)), " is not a safetensors file: its header does not start with '{'");
  EXPECT_NE(fault(file("{}x", 0)).find("not JSON"), std::string::npos);
  EXPECT_NE(fault(file("{} \n", 0)), ": padding is spaces");
  EXPECT_NE(fault(file(R"({"a":1,"a":2})", 0)).find("JSON key 'a' stands twice"), std::string::npos);
  EXPECT_NE(fault(file("{\"a\":" + std::string(50, '['), 0)).find("nested deeper than 8 levels"), std::string::npos);
  EXPECT_EQ(fault(file(R"({"__metadata__":{"a":1}})", 0)), ": tensor '__metadata__': __metadata__ is not an object of strings");
  EXPECT_EQ(fault(file(R"({"a":3})", 0)), ": tensor 'a': not a JSON object");
  EXPECT_EQ(fault(file(R"({"\u0000":3})", 0)), ": tensor '\\x00': not a JSON object");
}

TEST_F(SafetensorsTest, RefusesBadTensors) {
  auto one = [&](const std::string &type, const std::string &shape, const std::string &offsets, size_t bytes) {
    return fault(file("{\"a\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}", bytes));
  };
  EXPECT_EQ(one("F32", "[2]", "[0,8]", 8), "");
  EXPECT_EQ(one("F31", "[2]", "[0,8]", 8), ": tensor 'a': dtype 'F31' is not one that an artifact holds");
  EXPECT_EQ(one("F32", "[2]", "[0,8]", 9), ": its tensors have 8 bytes, the file has 9");
  EXPECT_EQ(one("F32", "[2]", "[0,8]", 7), ": its tensors have 8 bytes, the file has 7");
  EXPECT_EQ(one("F32", "[3]", "[0,8]", 8), ": tensor 'a': its shape needs 12 bytes, its offsets span 8");
  EXPECT_EQ(one("F32", "[4611686018427387904,16]", "[0,8]", 8), ": JSON integer '4611686018427387904' is not within +-2^53, at byte 29");
  EXPECT_EQ(one("F32", "[4503599627370496,4503599627370496]", "[0,8]", 8), ": tensor 'a': the bytes of its shape overflow 64 bits");
  EXPECT_EQ(one("F32", "[-2]", "[0,8]", 8), ": tensor 'a': shape[0] is -2, not within [0, 9007199254740992]");
  EXPECT_EQ(one("F32", "[2.5]", "[0,10]", 10), ": tensor 'a': shape[0] is not an integer");
  EXPECT_EQ(one("F32", "[2]", "[8,0]", 8), ": tensor 'a': data_offsets are not a begin and an end");
  EXPECT_EQ(one("F32", "[2]", "[0]", 8), ": tensor 'a': data_offsets are not a begin and an end");
  EXPECT_EQ(one("F32", "[2]", "[-8,0]", 8), ": tensor 'a': data_offsets[0] is -8, not within [0, 9007199254740992]");
  EXPECT_EQ(one("F32", "[2]", "[4,12]", 12), ": tensor 'a' begins at 4 of the data, behind a hole from 0");
  EXPECT_EQ(fault(file(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}})", 6)),
            ": tensor 'b' begins at 2 of the data, inside of another, which ends at 4");
  EXPECT_EQ(fault(file(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4],"more":1}})", 4)), ": tensor 'a': unknown field 'more'");
}

// Whatever one byte becomes, the reader neither crashes nor reads outside.
TEST_F(SafetensorsTest, SurvivesEveryFlip) {
  std::string good =
      file(R"({"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}})", 7);
  ASSERT_EQ(fault(good), "");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(fault(good.substr(0, length)), "") << length;
  for (size_t i = 0; i < good.size() - 7; ++i)
    for (int bit : {0, 5}) {
      std::string bad = good;
      bad[i] = char(bad[i] ^ (1 << bit));
      fault(bad);
    }
}

}  // namespace
}  // namespace switchyard::artifact
