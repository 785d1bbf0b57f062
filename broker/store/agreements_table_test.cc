#include "broker/store/agreements_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

const std::vector<std::string> kParties = {"north", "south"};

AgreementRow Version(const std::string& id, uint32_t version) {
  AgreementRow row;
  row.id = id;
  row.version = version;
  row.document = {'{', '}', static_cast<uint8_t>(version)};
  row.digest.assign(32, static_cast<uint8_t>(version));
  row.proposed_by = "spiffe://t/agency/north/signatory/a";
  row.proposed = kNow;
  return row;
}

class AgreementsTableTest : public testing::Test {
 protected:
  void WithTable(absl::FunctionRef<void(AgreementsTable&)> work) {
    EXPECT_TRUE(store_
                    .In([&](Transaction& transaction) {
                      AgreementsTable table(transaction);
                      work(table);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  TestStore store_;
};

TEST_F(AgreementsTableTest, KeepsAVersionAsProposed) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    const auto row = table.Get("a", 1);
    ASSERT_TRUE(row.ok());
    EXPECT_EQ(row->document, Version("a", 1).document);
    EXPECT_EQ(row->digest, Version("a", 1).digest);
    EXPECT_EQ(row->state, AgreementState::kProposed);
    EXPECT_EQ(row->proposed_by, Version("a", 1).proposed_by);
    EXPECT_EQ(row->proposed, kNow);
    EXPECT_FALSE(row->activated.has_value());
    EXPECT_FALSE(row->activation_entry.has_value());
    EXPECT_EQ(table.Insert(Version("a", 1), kParties).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(table.Get("a", 2).status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(table.GetHighest("b").status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(table.GetActive("a").status().code(),
              absl::StatusCode::kNotFound);
  });
}

TEST_F(AgreementsTableTest, OneVersionIsInForceAtATime) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    ASSERT_TRUE(table.Insert(Version("a", 2), kParties).ok());
    ASSERT_TRUE(table.Activate("a", 1, kNow).ok());
    ASSERT_TRUE(table.SetActivationEntry("a", 1, 7).ok());
    EXPECT_EQ(*table.GetActive("a")->activated, kNow);
    EXPECT_EQ(*table.GetActive("a")->activation_entry, 7u);
    EXPECT_EQ(table.SetState("a", 2, AgreementState::kActive).code(),
              absl::StatusCode::kAlreadyExists);
    ASSERT_TRUE(table.Activate("a", 2, kNow).ok());
    EXPECT_EQ(table.GetActive("a")->version, 2u);
    EXPECT_EQ(table.Get("a", 1)->state, AgreementState::kSuperseded);
    EXPECT_EQ(table.GetHighest("a")->version, 2u);
    EXPECT_EQ(table.ListIn(AgreementState::kActive)->size(), 1u);
    EXPECT_EQ(table.Activate("a", 3, kNow).code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(table.SetState("b", 1, AgreementState::kSigned).code(),
              absl::StatusCode::kNotFound);
  });
}

TEST_F(AgreementsTableTest, ListsWhatAnAgencyMaySee) {
  WithTable([](AgreementsTable& table) {
    const std::vector<std::string> others = {"east", "north"};
    const std::vector<std::string> south = {"south"};
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    ASSERT_TRUE(table.Insert(Version("a", 2), others).ok());
    ASSERT_TRUE(table.Insert(Version("b", 1), others).ok());
    ASSERT_TRUE(table.Insert(Version("c", 1), south).ok());
    const auto north = table.ListOf("north", "", 10);
    ASSERT_EQ(north->size(), 2u);
    EXPECT_EQ((*north)[0].version, 2u);
    EXPECT_EQ((*north)[1].id, "b");
    EXPECT_EQ(table.ListOf("north", "a", 10)->front().id, "b");
    EXPECT_EQ(table.ListOf("north", "", 1)->size(), 1u);
    EXPECT_EQ(table.ListOf("south", "", 10)->front().version, 1u);
    EXPECT_TRUE(table.ListOf("west", "", 10)->empty());
  });
}

TEST_F(AgreementsTableTest, ListsEveryIdOnceAndTheVersionsOfEach) {
  WithTable([](AgreementsTable& table) {
    EXPECT_TRUE(table.Ids()->empty());
    ASSERT_TRUE(table.Insert(Version("b", 2), kParties).ok());
    ASSERT_TRUE(table.Insert(Version("b", 1), kParties).ok());
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    EXPECT_EQ(*table.Ids(), std::vector<std::string>({"a", "b"}));
    const auto versions = table.Versions("b");
    ASSERT_EQ(versions->size(), 2u);
    EXPECT_EQ((*versions)[0].version, 1u);
    EXPECT_EQ((*versions)[1].version, 2u);
    EXPECT_EQ((*versions)[1].document, Version("b", 2).document);
    EXPECT_TRUE(table.Versions("c")->empty());
  });
}

TEST_F(AgreementsTableTest, ALineIsSignedOnce) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    const SignatureRow south = {"south", "chief", "b", {1, 2}, kNow};
    const SignatureRow north = {"north", "chief", "a", {3}, kNow};
    EXPECT_TRUE(table.InsertSignature("a", 1, south).ok());
    EXPECT_TRUE(table.InsertSignature("a", 1, north).ok());
    EXPECT_EQ(table.InsertSignature("a", 1, south).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(table.InsertSignature("a", 2, south).code(),
              absl::StatusCode::kFailedPrecondition);
    const auto rows = table.Signatures("a", 1);
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0].party, "north");
    EXPECT_EQ((*rows)[1].envelope, south.envelope);
    EXPECT_EQ((*rows)[1].signed_at, kNow);
    const auto lines = table.SignedLines("a", 1);
    ASSERT_EQ(lines->size(), 2u);
    EXPECT_EQ((*lines)[0].party, "north");
    EXPECT_EQ((*lines)[1].role, "chief");
    EXPECT_EQ((*lines)[1].name, "b");
    EXPECT_TRUE((*lines)[1].envelope.empty());
    EXPECT_TRUE(table.SignedLines("a", 2)->empty());
  });
}

TEST_F(AgreementsTableTest, ALineThatIsOpenedAgainIsSignedAgain) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    SignatureRow south = {"south", "chief", "b", {1, 2}, kNow};
    const SignatureRow deputy = {"south", "deputy", "b", {3}, kNow};
    ASSERT_TRUE(table.InsertSignature("a", 1, south).ok());
    ASSERT_TRUE(table.InsertSignature("a", 1, deputy).ok());
    ASSERT_TRUE(table.RemoveSignature("a", 1, south).ok());
    ASSERT_EQ(table.Signatures("a", 1)->size(), 1u);
    EXPECT_EQ(table.Signatures("a", 1)->front().role, "deputy");
    EXPECT_TRUE(table.RemoveSignature("a", 1, south).ok()) << "once more";
    south.envelope = {4};
    EXPECT_TRUE(table.InsertSignature("a", 1, south).ok());
    EXPECT_EQ(table.Signatures("a", 1)->size(), 2u);
  });
}

TEST_F(AgreementsTableTest, KeepsTheDiffThatASignatoryWasShown) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    SignatureRow north = {"north", "chief", "a", {3}, kNow};
    ASSERT_TRUE(table.InsertSignature("a", 1, north).ok());
    EXPECT_TRUE(table.Signatures("a", 1)->front().diff.empty());
    north.name = "b";
    north.diff.assign(32, 7);
    ASSERT_TRUE(table.InsertSignature("a", 1, north).ok());
    EXPECT_EQ(table.Signatures("a", 1)->back().diff, north.diff);
    north.name = "c";
    north.diff = {1};
    EXPECT_FALSE(table.InsertSignature("a", 1, north).ok());
  });
}

TEST_F(AgreementsTableTest, NotesThatAReviewIsOverdue) {
  WithTable([](AgreementsTable& table) {
    ASSERT_TRUE(table.Insert(Version("a", 1), kParties).ok());
    EXPECT_FALSE(table.Get("a", 1)->overdue_entry.has_value());
    ASSERT_TRUE(table.SetOverdueEntry("a", 1, 9).ok());
    EXPECT_EQ(*table.Get("a", 1)->overdue_entry, 9u);
  });
}

}  // namespace
}  // namespace entente::broker
