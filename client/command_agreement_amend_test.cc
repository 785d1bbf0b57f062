// entente agreement amend
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/test_commands_at_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/canonical.h"
#include "policy/diff_words.h"
#include "policy/yaml_writer.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class AgreementAmendTest : public CommandsAtBrokerTest {
 protected:
  // The version in force, with changes to its YAML.
  std::string Next(const std::string& version, const std::string& previous,
                   std::vector<std::pair<std::string, std::string>> more = {}) {
    std::string yaml = *policy::YamlOfSigned(broker_.document);
    more.emplace_back(
        "version: 1\n",
        absl::StrCat("version: ", version, "\nprevious: \"", previous, "\"\n"));
    for (const auto& [from, to] : more) {
      EXPECT_NE(yaml.find(from), std::string::npos) << from << yaml;
      yaml = absl::StrReplaceAll(yaml, {{from, to}});
    }
    folder_.Write("next.yaml", yaml);
    return folder_ / "next.yaml";
  }
  Ran Amend(const std::string& file, const std::string& id = kPact) {
    return As(Chief(), {"agreement", "amend", id, file});
  }
};

TEST_F(AgreementAmendTest, ShowsWhatChangesAndProposes) {
  const Ran ran = Amend(Next("2", policy::Digest(broker_.document),
                             {{"notice_days: 90", "notice_days: 30"}}));
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("30 days"));
  EXPECT_EQ(ran.Out()["version"], 2);
  EXPECT_EQ(ran.Out()["against"], 1);
  ASSERT_EQ(broker_.propose.calls.size(), 1u);
  const auto proposed =
      policy::ParseCanonical(broker_.propose.calls[0].document());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(ran.Out()["diff"],
            crypto::ToHex(policy::DiffDigest(broker_.agreement(), *proposed)));
}

TEST_F(AgreementAmendTest, WhatDoesNotFollowIsNotProposed) {
  const std::string digest = policy::Digest(broker_.document);
  const Ran skipped = Amend(Next("3", digest));
  EXPECT_EQ(skipped.exit, 3);
  EXPECT_EQ(skipped.Code(), "PREVIOUS_MISMATCH");
  EXPECT_THAT(skipped.err, HasSubstr(absl::StrCat("previous: ", digest)));
  EXPECT_EQ(Amend(Next("2", std::string(64, 'a'))).Code(), "PREVIOUS_MISMATCH");
  const Ran other = Amend(Next(
      "2", digest, {{absl::StrCat("id: ", kPact, "\n"), "id: isa-other\n"}}));
  EXPECT_EQ(other.exit, 2);
  EXPECT_EQ(other.Code(), "ANOTHER_AGREEMENT");
  folder_.Write("bad.yaml", "version: 2\n");
  EXPECT_EQ(Amend(folder_ / "bad.yaml").Code(), "AGREEMENT_INVALID");
  EXPECT_TRUE(broker_.propose.calls.empty());
}

TEST_F(AgreementAmendTest, OfAnUnknownAgreementTheBrokerSaysWhy) {
  const Ran ran =
      Amend(Next("2", policy::Digest(broker_.document)), "isa-unknown");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.Code(), "NO_AGREEMENT");
}

}  // namespace
}  // namespace entente::client
