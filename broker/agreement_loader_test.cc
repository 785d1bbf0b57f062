#include "broker/agreement_loader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/store/acts_table.h"
#include "broker/store/sqlite_store.h"
#include "broker/test_folder.h"
#include "crypto/sha.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kThen = absl::FromUnixMillis(1'767'225'600'123);

class AgreementLoaderTest : public testing::Test {
 protected:
  AgreementLoaderTest() {
    context_.store = store_.get();
    context_.agreements = &register_;
  }

  void Write(absl::FunctionRef<absl::Status(Transaction&)> work) {
    const absl::Status written =
        store_->Write(work, [] { return absl::OkStatus(); });
    ASSERT_TRUE(written.ok()) << written;
  }

  static std::string Document(const std::string& id) {
    static const std::string* const kSmall =
        new std::string(policy::Check("f", policy::SmallDocument()).canonical);
    return absl::StrReplaceAll(
        *kSmall, {{"\"isa-small\"", absl::StrCat("\"", id, "\"")}});
  }

  // A version as it is proposed, with what stands in the store for `document`.
  static absl::Status Insert(Transaction& transaction, const std::string& id,
                             uint32_t version, const std::string& document) {
    const crypto::Hash digest = crypto::Sha256(document);
    AgreementRow row;
    row.id = id;
    row.version = version;
    row.document.assign(document.begin(), document.end());
    row.digest.assign(digest.begin(), digest.end());
    row.proposed_by = "spiffe://t/agency/north-police/signatory/a";
    row.proposed = kThen;
    return AgreementsTable(transaction)
        .Insert(row, {"north-police", "west-police"});
  }

  void Propose(const std::string& id) {
    Write([&](Transaction& transaction) {
      return Insert(transaction, id, 1, Document(id));
    });
  }

  void Activate(const std::string& id) {
    Write([&](Transaction& transaction) {
      AgreementsTable table(transaction);
      absl::Status done = table.Activate(id, 1, kThen);
      for (const auto& [party, name] :
           {std::pair("north-police", "north-chief"),
            std::pair("west-police", "west-chief")}) {
        SignatureRow line;
        line.party = party;
        line.role = "Chief";
        line.name = name;
        line.envelope = {1};
        line.signed_at = kThen;
        if (done.ok()) done = table.InsertSignature(id, 1, line);
      }
      if (done.ok()) done = table.SetActivationEntry(id, 1, 3);
      return done;
    });
  }

  TestFolder folder_;
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::Open(folder_ / "db", 2);
  PolicyRegister register_;
  Context context_;
};

TEST_F(AgreementLoaderTest, FillsTheRegisterWithAllThatIsStored) {
  std::vector<std::string> ids;
  for (int i = 100; i < 140; ++i) ids.push_back(absl::StrCat("isa-a", i));
  for (const std::string& id : ids) Propose(id);
  Activate(ids[7]);
  ASSERT_TRUE(LoadAgreements(context_).ok());
  const auto loaded = register_.Get();
  EXPECT_EQ(loaded->Ids(), ids);
  for (const std::string& id : ids) {
    const policy::VersionRecord& version = loaded->Find(id)->versions.at(1);
    EXPECT_EQ(version.agreement->document().id, id);
    EXPECT_EQ(version.agreement->digest(), crypto::Sha256(Document(id)));
    EXPECT_EQ(version.activated, id == ids[7]);
    EXPECT_EQ(version.missing.empty(), id == ids[7]);
  }
}

TEST_F(AgreementLoaderTest, TheSameAsOneByOne) {
  for (const char* id : {"isa-one", "isa-two", "isa-three"}) Propose(id);
  Activate("isa-two");
  ASSERT_TRUE(LoadAgreements(context_).ok());
  PolicyRegister single;
  Context context = context_;
  context.agreements = &single;
  for (const char* id : {"isa-one", "isa-two", "isa-three"}) {
    ASSERT_TRUE(ReloadAgreement(context, id).ok());
    const policy::AgreementRecord& one = *single.Get()->Find(id);
    const policy::AgreementRecord& all = *register_.Get()->Find(id);
    EXPECT_EQ(one.versions.at(1).missing, all.versions.at(1).missing);
    EXPECT_EQ(one.versions.at(1).activated, all.versions.at(1).activated);
    EXPECT_EQ(one.versions.at(1).agreement->document(),
              all.versions.at(1).agreement->document());
  }
}

TEST_F(AgreementLoaderTest, AnEmptyStoreIsAnEmptyRegister) {
  ASSERT_TRUE(LoadAgreements(context_).ok());
  EXPECT_EQ(register_.Get()->size(), 0u);
}

TEST_F(AgreementLoaderTest, NamesTheLinesThatAreNotSigned) {
  Propose("isa-small");
  ASSERT_TRUE(LoadAgreements(context_).ok());
  EXPECT_THAT(
      register_.Get()->Find("isa-small")->versions.at(1).missing,
      ElementsAre("north-police: north-chief", "west-police: west-chief"));
}

TEST_F(AgreementLoaderTest, OfSeveralBadDocumentsTheFirstByIdIsNamed) {
  for (int i = 100; i < 160; ++i) {
    const std::string id = absl::StrCat("isa-a", i);
    Write([&](Transaction& transaction) {
      return Insert(transaction, id, 1, i < 120 ? Document(id) : "{}");
    });
  }
  for (int round = 0; round < 20; ++round) {
    const absl::Status loaded = LoadAgreements(context_);
    EXPECT_EQ(loaded.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(loaded.message()),
                HasSubstr("the document of isa-a120: not a valid agreement"));
  }
  EXPECT_EQ(register_.Get()->size(), 0u);
}

TEST_F(AgreementLoaderTest, RefusesADocumentThatIsNotWhatItsDigestSays) {
  Propose("isa-small");
  Write([&](Transaction& transaction) {
    return transaction
        .Query("UPDATE agreements SET document = ? WHERE id = 'isa-small'")
        .Blob(crypto::AsBytes(Document("isa-other")))
        .Run();
  });
  for (const absl::Status& status :
       {LoadAgreements(context_), ReloadAgreement(context_, "isa-small")}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(std::string(status.message()),
              "the document of isa-small is not what its digest says");
  }
}

TEST_F(AgreementLoaderTest, RefusesAGapBetweenVersions) {
  Propose("isa-small");
  Write([&](Transaction& transaction) {
    return Insert(transaction, "isa-small", 3, Document("isa-small"));
  });
  const absl::Status loaded = LoadAgreements(context_);
  EXPECT_EQ(loaded.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::string(loaded.message()), "version 2 of isa-small is missing");
}

TEST_F(AgreementLoaderTest, AnAgreementThatIsNotThereIsNotFound) {
  EXPECT_EQ(ReloadAgreement(context_, "isa-none").code(),
            absl::StatusCode::kNotFound);
}

TEST_F(AgreementLoaderTest, AChangeCompilesNothingAgain) {
  Propose("isa-small");
  Propose("isa-other");
  ASSERT_TRUE(LoadAgreements(context_).ok());
  const auto before = register_.Get();
  Activate("isa-small");
  ASSERT_TRUE(ReloadAgreement(context_, "isa-small").ok());
  const auto after = register_.Get();
  EXPECT_EQ(after->Find("isa-other"), before->Find("isa-other"));
  EXPECT_TRUE(after->Find("isa-small")->versions.at(1).activated);
  EXPECT_EQ(after->Find("isa-small")->versions.at(1).agreement,
            before->Find("isa-small")->versions.at(1).agreement);
}

}  // namespace
}  // namespace entente::broker
