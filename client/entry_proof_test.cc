#include "client/entry_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

class EntryProofTest : public testing::Test {
 protected:
  EntryProofTest() {
    ledger_.Grow(300);
    proof_ = ledger_.Receipt(17, 300);
    line_ = ledger_.entry(17);
  }

  static ExitCode ExitOf(const absl::Status& status) {
    return status.ok() ? ExitCode::kOk : FromStatus(status).exit;
  }

  FakeLedger ledger_{"broker.test/ledgers/pact"};
  std::string proof_;
  std::string line_;
};

TEST_F(EntryProofTest, ShowsTheEntryAndWhereItStands) {
  const auto checked = CheckEntryProof(proof_, line_, ledger_.key());
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->index, 17u);
  EXPECT_EQ(checked->checkpoint.size, 300u);
  EXPECT_EQ(checked->checkpoint.origin, "broker.test/ledgers/pact");
  EXPECT_EQ(checked->line, line_);
  EXPECT_EQ(checked->entry.kind, policy::EntryKind::kBatch);
  EXPECT_EQ(*ClaimedOrigin(proof_), "broker.test/ledgers/pact");
}

TEST_F(EntryProofTest, NoticesEveryFlippedBitOfTheProof) {
  for (size_t i = 0; i < proof_.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = proof_;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_EQ(ExitOf(CheckEntryProof(bad, line_, ledger_.key()).status()),
                ExitCode::kVerificationFailed)
          << "byte " << i << " bit " << bit;
    }
  }
}

TEST_F(EntryProofTest, NoticesEveryFlippedBitOfTheEntry) {
  for (size_t i = 0; i < line_.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = line_;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_EQ(ExitOf(CheckEntryProof(proof_, bad, ledger_.key()).status()),
                ExitCode::kVerificationFailed)
          << "byte " << i << " bit " << bit;
    }
  }
}

TEST_F(EntryProofTest, NoticesWhatIsCutOrAdded) {
  for (size_t size = 0; size < proof_.size(); ++size) {
    EXPECT_FALSE(
        CheckEntryProof(proof_.substr(0, size), line_, ledger_.key()).ok())
        << size;
  }
  for (const char* more : {"\n", " ", "x"}) {
    EXPECT_FALSE(CheckEntryProof(proof_ + more, line_, ledger_.key()).ok());
    EXPECT_FALSE(CheckEntryProof(proof_, line_ + more, ledger_.key()).ok());
  }
}

TEST_F(EntryProofTest, RefusesTheProofOfAnotherEntryOrLog) {
  EXPECT_THAT(
      FromStatus(CheckEntryProof(ledger_.Receipt(18, 300), line_, ledger_.key())
                     .status())
          .what,
      HasSubstr("the entry is not number 18 of broker.test/"));
  FakeLedger other("broker.test/ledgers/pact");
  EXPECT_THAT(
      FromStatus(CheckEntryProof(proof_, line_, other.key()).status()).what,
      HasSubstr("not signed by the key"));
}

TEST_F(EntryProofTest, PassesNothingOnThatNobodyVouchesFor) {
  crypto::TlogProof with = *crypto::ParseTlogProof(proof_);
  with.extra = {1, 2, 3};
  EXPECT_THAT(FromStatus(CheckEntryProof(crypto::FormatTlogProof(with), line_,
                                         ledger_.key())
                             .status())
                  .what,
              HasSubstr("extra line"));
}

TEST_F(EntryProofTest, RefusesALogThatHoldsNoLedgerEntries) {
  FakeLedger log("broker.test/ledgers/pact");
  log.Append("hello");
  EXPECT_THAT(
      FromStatus(
          CheckEntryProof(log.Receipt(0, 1), "hello", log.key()).status())
          .what,
      HasSubstr("no ledger entry"));
}

TEST_F(EntryProofTest, WritesBothFilesByteByByte) {
  const TestFolder folder;
  ASSERT_TRUE(WriteEntryProof(folder / "entry-17", line_, proof_).ok());
  EXPECT_EQ(folder.Read("entry-17.tlog-proof"), proof_);
  EXPECT_EQ(folder.Read("entry-17.json"), line_);
  EXPECT_EQ(folder.Mode("entry-17.json"), 0644u);
  EXPECT_FALSE(WriteEntryProof(folder / "no/such/folder", line_, proof_).ok());
}

}  // namespace
}  // namespace entente::client
