#include "runtime/artifact/code_library.h"
#include "runtime/artifact/elf_lint.h"
#include "tests/runtime/artifact/example_artifact.h"
#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

namespace switchyard::artifact {
namespace {

std::string lint(llvm::StringRef name) { return lintElf(codeFile(name), "f").message(); }

TEST(ElfLint, AcceptsWhatTheCompilerLinks) {
  for (const char *name : {"good", "gnu_hash", "sysv_hash"})
    EXPECT_EQ(lint(name), "");
}

TEST(ElfLint, NamesEachFault) {
  EXPECT_EQ(lint("constructor"), "'f': the code file has constructors (DT_INIT_ARRAY)");
  EXPECT_EQ(lint("destructor"), "'f': the code file has destructors (DT_FINI_ARRAY)");
  EXPECT_EQ(lint("undefined"), "'f': the code file has the undefined symbol 'somewhere_else'");
  EXPECT_EQ(lint("indirect"), "'f': the code file has an indirect function, which runs when it is loaded");
  EXPECT_EQ(lint("two_exports"), "'f': the code file exports 'another'; it may export the function moe_library_query alone");
  EXPECT_EQ(lint("no_export"), "'f': the code file does not export moe_library_query");
  EXPECT_EQ(lint("library"), "'f': the code file needs a library (DT_NEEDED)");
  EXPECT_EQ(lint("search_path"), "'f': the code file has a search path (DT_RUNPATH)");
  EXPECT_EQ(lint("executable_stack"), "'f': the code file asks for an executable stack");
  EXPECT_EQ(lint("writable_code"), "'f': the code file has a segment that is writable and executable");
  EXPECT_EQ(lint("thirty_two_bit"), "'f': the code file is not a 64-bit little-endian ELF file");
  EXPECT_EQ(lintElf("#!/bin/sh\necho hello\n", "f").message(), "'f': the code file is not an ELF file");
  EXPECT_EQ(lintElf("", "f").message(), "'f': the code file is not an ELF file");
}

TEST(ElfLint, OtherMachinesAndKinds) {
  std::string bytes = codeFile("good");
  std::string arm = bytes;
  arm[18] = char(183);
  EXPECT_EQ(lintElf(arm, "f").message(), "'f': the code file is for ELF machine 183, not for x86-64");
  EXPECT_EQ(lintElf(arm, "f").code(), ExitCode::mismatch);
  std::string object = bytes;
  object[16] = 1;
  EXPECT_EQ(lintElf(object, "f").message(), "'f': the code file is not a shared object (ELF type 1)");
}

// Whatever the bytes are, the lint reads inside of them and comes to an end.
TEST(ElfLint, SurvivesEveryTruncationAndFlip) {
  for (const char *name : {"gnu_hash", "sysv_hash"}) {
    std::string bytes = codeFile(name);
    for (size_t length = 0; length < bytes.size(); ++length)
      (void)lintElf(llvm::StringRef(bytes).take_front(length), "f");
    for (size_t i = 0; i < bytes.size(); ++i)
      for (unsigned char mask : {0x01, 0x80, 0xff}) {
        std::string bad = bytes;
        bad[i] = char(bad[i] ^ mask);
        (void)lintElf(bad, "f");
      }
  }
}

class CodeLibraryTest : public testing::Test {
protected:
  Result<CodeLibrary> load() {
    EXPECT_TRUE(writeExample(folder / "x.moe", options).ok());
    Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe");
    EXPECT_TRUE(artifact.ok()) << artifact.status().message();
    return CodeLibrary::load(*artifact);
  }
  /// The message without the name of the file.
  std::string message() {
    Status status = load().status();
    llvm::StringRef text = status.message();
    return text.consume_front("'" + folder / "x.moe/code/host.so" + "': ") ? text.str() : status.message();
  }

  CodeLibraryTest() { setLevel("x86-64"); }
  void setLevel(const std::string &level) { options.manifest.code = {{"code/host.so", level, 1}}; }

  TemporaryFolder folder;
  ExampleOptions options;
};

TEST_F(CodeLibraryTest, LoadsAndRuns) {
  Result<CodeLibrary> library = load();
  ASSERT_TRUE(library.ok()) << library.status().message();
  EXPECT_EQ(library->level(), "x86-64");
  MoeEnvironment environment = {};
  environment.rank = 5;
  EXPECT_EQ(library->library().run(&environment), 105);
}

TEST_F(CodeLibraryTest, TakesTheBestLevelOfThisCpu) {
  options.manifest.code = {{"code/a.so", "x86-64", 1}, {"code/b.so", "x86-64-v2", 1}, {"code/c.so", "x86-64-v4", 7}};
  Result<CodeLibrary> library = load();
  ASSERT_TRUE(library.ok()) << library.status().message();
  EXPECT_EQ(library->level(), cpuSupports("x86-64-v2") ? "x86-64-v2" : "x86-64");
}

TEST_F(CodeLibraryTest, OtherCallingConventionsAreRefused) {
  options.manifest.code = {{"code/host.so", "x86-64", 7}};
  EXPECT_EQ(message(),
            "'" + folder / "x.moe" +
                "' has no code for this machine (x86-64: calling convention 7, this program has 1); compile the model for a lower "
                "CPU level");
}

TEST_F(CodeLibraryTest, WhatTheCpuLacksIsNamed) {
  const auto onlyV2 = [](llvm::StringRef feature) { return feature.starts_with("sse") || feature == "ssse3" || feature == "popcnt"; };
  EXPECT_EQ(describeLack("x86-64-v3", onlyV2),
            "this CPU lacks avx, avx2, bmi, bmi2, f16c, fma, lzcnt, movbe needed by code level x86-64-v3");
  EXPECT_EQ(describeLack("x86-64-v4", [](llvm::StringRef feature) { return feature != "avx512vl"; }),
            "this CPU lacks avx512vl needed by code level x86-64-v4");
  EXPECT_EQ(describeLack("x86-64-v4", [](llvm::StringRef feature) { return true; }),
            "this CPU lacks a feature needed by code level x86-64-v4");
}

TEST_F(CodeLibraryTest, NoCodeForThisMachine) {
  setLevel("sparc");
  Status status = load().status();
  EXPECT_EQ(status.code(), ExitCode::mismatch);
  EXPECT_EQ(status.message(), "'" + folder / "x.moe" +
                                  "' has no code for this machine (sparc: not known to this program); "
                                  "compile the model for a lower CPU level");
}

TEST_F(CodeLibraryTest, RefusesOtherCode) {
  options.code = codeFile("constructor");
  EXPECT_EQ(message(), "the code file has constructors (DT_INIT_ARRAY)");
  options.code = codeFile("fewer_sites");
  EXPECT_EQ(message(), "the code has 11 sites, the manifest 12; they are not of one compilation");
  options.code = codeFile("other_abi");
  EXPECT_EQ(message(), "the code has calling convention 2, this program has 1");
  options.code = codeFile("sanitized");
  EXPECT_EQ(message(), "the code was compiled for sanitizer 1, which is not here");
  options.code = codeFile("refuses");
  EXPECT_EQ(message(), "the code does not serve calling convention 1");
}

// Two artifacts in one process, opened and closed in turn: each runs its own code.
TEST_F(CodeLibraryTest, LibrariesAreNotMixedUp) {
  MoeEnvironment environment = {};
  Result<CodeLibrary> first = load(), again = load();
  ASSERT_TRUE(first.ok() && again.ok());
  {
    CodeLibrary gone = *std::move(first);
  }
  options.code = codeFile("other_result");
  for (int i = 0; i < 4; ++i) {
    Result<CodeLibrary> other = load();
    ASSERT_TRUE(other.ok()) << other.status().message();
    EXPECT_EQ(other->library().run(&environment), 200);
    EXPECT_EQ(again->library().run(&environment), 100);
  }
}

// The code is digested again when it is loaded, not only when the artifact is opened.
TEST_F(CodeLibraryTest, RefusesCodeThatChangedSince) {
  ASSERT_TRUE(writeExample(folder / "x.moe", options).ok());
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe");
  ASSERT_TRUE(artifact.ok());
  std::string other = options.code;
  other[other.size() / 2] ^= 1;
  replaceContent(folder / "x.moe/code/host.so", other);
  EXPECT_NE(CodeLibrary::load(*artifact).status().message().find("the artifact is damaged"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::artifact
