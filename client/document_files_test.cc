#include "client/document_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/test_folder.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class DocumentFilesTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    folder_.Write(name, text);
    return folder_ / name;
  }
  absl::StatusOr<std::vector<Document>> Read(
      const std::vector<std::string>& names, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    Output output(&out, &err, Format::kTable, false);
    Session session(&output, &in, {}, "", Effect::kReads);
    return ReadDocuments(session, names);
  }

  static std::string Named(const std::string& id) {
    return policy::SmallWith("id: isa-small", "id: " + id);
  }

  TestFolder folder_;
};

TEST_F(DocumentFilesTest, ReadsFilesAndStandardInputInTheirOrder) {
  const auto read =
      Read({Write("b.yaml", Named("isa-bbb")), "-"}, policy::SmallDocument());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].source, folder_ / "b.yaml");
  EXPECT_EQ((*read)[0].agreement.id, "isa-bbb");
  EXPECT_EQ((*read)[1].source, "-");
  const policy::CheckResult small = policy::Check("", policy::SmallDocument());
  EXPECT_EQ((*read)[1].canonical, small.canonical);
  EXPECT_EQ((*read)[1].digest, small.digest);
}

TEST_F(DocumentFilesTest, ReadsTheDocumentsOfAFolderByName) {
  Write("c.yml", Named("isa-ccc"));
  Write("a.json", policy::Check("", Named("isa-aaa")).canonical);
  Write("b.yaml", Named("isa-bbb"));
  Write("readme.txt", "no document");
  const auto read = Read({folder_.path()});
  ASSERT_TRUE(read.ok()) << read.status();
  std::vector<std::string> ids;
  for (const Document& one : *read) ids.push_back(one.agreement.id);
  EXPECT_THAT(ids, ElementsAre("isa-aaa", "isa-bbb", "isa-ccc"));
}

TEST_F(DocumentFilesTest, PassesOverNoDocumentThatFails) {
  const std::string good = Write("a.yaml", policy::SmallDocument());
  const std::string bad = Write("b.yaml", "id: x\n");
  const Failure one = FromStatus(Read({good, bad}).status());
  EXPECT_EQ(one.code, "AGREEMENT_INVALID");
  EXPECT_EQ(one.what, absl::StrCat(bad, " is no valid agreement"));
  EXPECT_THAT(one.why, AllOf(HasSubstr("b.yaml:1:"), HasSubstr(" more")));
  EXPECT_EQ(one.next, absl::StrCat("entente agreement check ", bad));
  const std::string worse =
      Write("c.yaml", policy::SmallWith("kind: inter_force", "kind: x"));
  const Failure two = FromStatus(Read({bad, good, worse}).status());
  EXPECT_EQ(two.code, "AGREEMENT_INVALID");
  EXPECT_EQ(two.what, "2 of 3 documents are no valid agreements");
  EXPECT_THAT(two.why, AllOf(HasSubstr("b.yaml:1:"), HasSubstr("c.yaml:5:7"),
                             Not(HasSubstr("a.yaml"))));
}

TEST_F(DocumentFilesTest, NamesNoMoreThanOneErrorHolds) {
  std::vector<std::string> files;
  for (int i = 0; i < 25; ++i) {
    files.push_back(Write(absl::StrCat("f", i, ".yaml"), "id: x\n"));
  }
  EXPECT_THAT(FromStatus(Read(files).status()).why, HasSubstr("and 5 more"));
}

TEST_F(DocumentFilesTest, TakesOneVersionOfAnAgreement) {
  const Failure failure = FromStatus(
      Read({Write("a.yaml", policy::SmallDocument()),
            Write("b.yaml",
                  policy::SmallWith("title: Burglary series", "title: Other"))})
          .status());
  EXPECT_EQ(failure.code, "AGREEMENT_REPEATED");
  EXPECT_EQ(failure.exit, ExitCode::kUsage);
  EXPECT_THAT(failure.why, AllOf(HasSubstr("a.yaml is version 1"),
                                 HasSubstr("b.yaml is version 1")));
}

TEST_F(DocumentFilesTest, SaysWhatIsNotThere) {
  EXPECT_THAT(FromStatus(Read({folder_ / "none.yaml"}).status()).what,
              HasSubstr("none.yaml"));
  std::filesystem::create_directory(folder_ / "empty");
  const Failure empty = FromStatus(Read({folder_ / "empty"}).status());
  EXPECT_EQ(empty.code, "NO_DOCUMENT");
  EXPECT_EQ(empty.exit, ExitCode::kUsage);
  EXPECT_FALSE(
      Read({Write("large.yaml", std::string(kMaxDocumentBytes + 1, '#'))})
          .ok());
}

}  // namespace
}  // namespace entente::client
