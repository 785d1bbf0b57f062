#include "broker/ledger_service.h"

#include "broker/test_partnership.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle.h"
#include "crypto/tlog_proof.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

using testing::HasSubstr;

class LedgerServiceTest : public testing::Test {
 protected:
  void SetUp() override { document = all.Activate(); }

  absl::StatusOr<v1::GetCheckpointResponse> Checkpoint(
      const Person& reader, const std::string& ledger, uint64_t known = 0) {
    v1::GetCheckpointRequest request;
    request.set_ledger(ledger);
    request.mutable_known()->set_size(known);
    v1::GetCheckpointResponse response;
    const absl::Status got =
        service.GetCheckpoint(reader.caller, request, &response);
    if (!got.ok()) return got;
    return response;
  }
  absl::StatusOr<std::string> Tile(const Person& reader,
                                   const v1::ReadTileRequest& request) {
    v1::ReadTileResponse response;
    const absl::Status got =
        service.ReadTile(reader.caller, request, &response);
    if (!got.ok()) return got;
    return response.content();
  }
  absl::StatusOr<v1::Receipt> Entry(const Person& reader,
                                    const std::string& ledger, uint64_t index,
                                    uint64_t known = 0) {
    v1::GetEntryRequest request;
    request.set_ledger(ledger);
    request.set_index(index);
    request.mutable_known()->set_size(known);
    v1::GetEntryResponse response;
    const absl::Status got =
        service.GetEntry(reader.caller, request, &response);
    if (!got.ok()) return got;
    return response.receipt();
  }
  crypto::Checkpoint Open(const std::string& ledger, const std::string& note) {
    const auto key =
        crypto::NoteKey::Parse(*all.parts.ledgers->VerifierKey(ledger));
    const auto checkpoint = crypto::OpenCheckpoint(note, *key);
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    return checkpoint.value_or(crypto::Checkpoint());
  }
  uint64_t Size(const std::string& ledger) {
    uint64_t size = 0;
    EXPECT_TRUE(all.parts.store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      const auto head =
                          all.parts.ledgers->Head(transaction, ledger);
                      if (!head.ok()) return head.status();
                      size = head->size;
                      return absl::OkStatus();
                    })
                    .ok());
    return size;
  }

  // Waits until what was handed to the sequencer is written.
  void Settle() {
    const auto done = all.context.sequencer->Run(
        [](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
          return std::vector<PendingEntry>();
        });
    EXPECT_TRUE(done.ok()) << done.status();
  }

  TestPartnership all;
  std::string document;
  LedgerService service{all.context};
};

TEST_F(LedgerServiceTest, CheckpointContinuesWhatIsKnown) {
  const auto before = Checkpoint(all.north, "isa-small");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->consistency_size(), 0);
  const crypto::Checkpoint known = Open("isa-small", before->checkpoint());
  ASSERT_TRUE(all.Publish(all.west).ok());
  const auto after = Checkpoint(all.north, "isa-small", known.size);
  ASSERT_TRUE(after.ok()) << after.status();
  const crypto::Checkpoint now = Open("isa-small", after->checkpoint());
  EXPECT_GT(now.size, known.size);
  std::vector<crypto::Hash> proof;
  for (const std::string& hash : after->consistency()) {
    ASSERT_EQ(hash.size(), 32u);
    std::copy(hash.begin(), hash.end(), proof.emplace_back().begin());
  }
  EXPECT_TRUE(crypto::VerifyConsistency(known.size, known.root, now.size,
                                        now.root, proof)
                  .ok());
}

TEST_F(LedgerServiceTest, WhoHasSeenMoreIsToldThatThisIsAnOlderCopy) {
  const auto asked = Checkpoint(all.north, "isa-small", 1000);
  EXPECT_EQ(ReasonIn(asked.status()), "STALE_VIEW");
  EXPECT_THAT(std::string(asked.status().message()),
              HasSubstr("put back to an older copy"));
  EXPECT_THAT(ConditionsOf(asked.status())[0].remedy,
              HasSubstr("raise the alarm"));
  EXPECT_EQ(ReasonIn(Entry(all.north, "isa-small", 0, 1000).status()),
            "STALE_VIEW");
}

TEST_F(LedgerServiceTest, EveryPartIsReadByItsNameAndSaysWhichIsTheNewest) {
  EXPECT_EQ(Checkpoint(all.north, "isa-small")->newest(), "isa-small");
  const uint64_t size = Size("isa-small");
  ASSERT_TRUE(all.parts.Continue("isa-small").ok());
  const auto old = Checkpoint(all.north, "isa-small", size);
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(Open("isa-small", old->checkpoint()).size, size);
  EXPECT_EQ(old->newest(), "isa-small.1");
  const auto next = Checkpoint(all.panel, "isa-small.1");
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->newest(), "isa-small.1");
  EXPECT_EQ(Open("isa-small.1", next->checkpoint()).size, 2u)
      << "that the auditor read it is an entry of the newest part";
  const auto first = Entry(all.north, "isa-small.1", 0);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->ledger(), "isa-small.1");
  const auto says =
      policy::ReadContinuation(*policy::ParseEntry(first->entry()));
  ASSERT_TRUE(says.ok()) << says.status();
  EXPECT_EQ(says->origin, "broker.test/ledgers/isa-small");
  EXPECT_EQ(says->size, size);
  EXPECT_EQ(says->root, Open("isa-small", old->checkpoint()).root);
  EXPECT_TRUE(Entry(all.north, "isa-small", 0, size).ok());
}

TEST_F(LedgerServiceTest, WhoHasSeenMoreOfAClosedPartIsNotTurnedAway) {
  const uint64_t size = Size("isa-small");
  ASSERT_TRUE(all.parts.Continue("isa-small").ok());
  const auto seen_more = Checkpoint(all.north, "isa-small", size + 3);
  ASSERT_TRUE(seen_more.ok()) << seen_more.status();
  EXPECT_EQ(seen_more->consistency_size(), 0);
  EXPECT_EQ(seen_more->newest(), "isa-small.1");
}

TEST_F(LedgerServiceTest, APartIsForTheReadersOfItsLedger) {
  ASSERT_TRUE(all.parts.Continue("isa-small").ok());
  ASSERT_TRUE(all.parts.Continue("broker").ok());
  EXPECT_EQ(ReasonIn(Checkpoint(all.op, "isa-small.1").status()), "NO_LEDGER");
  EXPECT_TRUE(Checkpoint(all.op, "broker.1").ok());
  for (const char* name : {"isa-small.2", "isa-small.0", "isa-small.1.1",
                           "isa-small.", "broker.x"}) {
    EXPECT_EQ(ReasonIn(Checkpoint(all.north, name).status()), "NO_LEDGER")
        << name;
    EXPECT_EQ(ReasonIn(Entry(all.north, name, 0).status()), "NO_LEDGER")
        << name;
  }
}

TEST_F(LedgerServiceTest, AnAgreementsLedgerExistsForItsReadersAlone) {
  for (const Person* reader : {&all.north, &all.west, &all.panel}) {
    EXPECT_TRUE(Checkpoint(*reader, "isa-small").ok());
  }
  const uint64_t before = Size("broker");
  const absl::Status hidden = Checkpoint(all.op, "isa-small").status();
  const absl::Status absent = Checkpoint(all.op, "isa-nothing").status();
  EXPECT_EQ(ReasonIn(hidden), "NO_LEDGER");
  EXPECT_TRUE(absl::IsNotFound(hidden));
  EXPECT_EQ(hidden.message(), absent.message());
  EXPECT_EQ(ReasonIn(Tile(all.op, {}).status()), "NO_LEDGER");
  EXPECT_EQ(ReasonIn(Entry(all.op, "isa-small", 0).status()), "NO_LEDGER");
  EXPECT_EQ(Size("broker"), before + 4) << "each refusal is an entry";
  const auto receipt = Entry(all.op, "broker", before);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const auto entry = policy::ParseEntry(receipt->entry());
  EXPECT_EQ(entry->kind, policy::EntryKind::kLedgerRead);
  EXPECT_EQ(entry->outcome, policy::Outcome::kDeny);
  EXPECT_EQ(entry->agreement, "isa-small");
}

TEST_F(LedgerServiceTest, TheBrokersOwnLedgerIsForEveryone) {
  for (const Person* reader : {&all.north, &all.panel, &all.op}) {
    EXPECT_TRUE(Checkpoint(*reader, "broker").ok());
  }
}

TEST_F(LedgerServiceTest, AnAuditorsReadsAreOneEntryInTenMinutes) {
  const uint64_t before = Size("isa-small");
  v1::ReadTileRequest bundle;
  bundle.set_ledger("isa-small");
  bundle.set_entries(true);
  bundle.set_width(1);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
    ASSERT_TRUE(Tile(all.panel, bundle).ok());
    ASSERT_TRUE(Entry(all.panel, "isa-small", 0).ok());
  }
  EXPECT_EQ(Size("isa-small"), before + 1);
  all.clock.Advance(kReadSession - absl::Milliseconds(1));
  ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
  EXPECT_EQ(Size("isa-small"), before + 1);
  all.clock.Advance(absl::Milliseconds(1));
  ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
  EXPECT_EQ(Size("isa-small"), before + 2);
  // Another ledger is another entry; a signatory's reads are none.
  const uint64_t own = Size("broker");
  ASSERT_TRUE(Checkpoint(all.panel, "broker").ok());
  EXPECT_EQ(Size("broker"), own + 1);
  ASSERT_TRUE(Checkpoint(all.north, "isa-small").ok());
  EXPECT_EQ(Size("isa-small"), before + 2);
  const auto receipt = Entry(all.north, "isa-small", before);
  const auto entry = policy::ParseEntry(receipt->entry());
  EXPECT_EQ(entry->kind, policy::EntryKind::kLedgerRead);
  EXPECT_EQ(entry->actor, all.panel.caller.uri);
}

TEST_F(LedgerServiceTest, HowMuchAnAuditorReadIsAnEntryWhenTheSessionEnds) {
  ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
  const uint64_t size = Size("isa-small");
  v1::ReadTileRequest bundle;
  bundle.set_ledger("isa-small");
  bundle.set_entries(true);
  bundle.set_width(2);
  ASSERT_TRUE(Tile(all.panel, bundle).ok());
  ASSERT_TRUE(Entry(all.panel, "isa-small", size - 1).ok());
  bundle.set_width(250);
  EXPECT_FALSE(Tile(all.panel, bundle).ok()) << "nothing was given";
  service.Tick();
  Settle();
  EXPECT_EQ(Size("isa-small"), size) << "the session goes on";
  all.clock.Advance(kReadSession);
  service.Tick();
  service.Tick();
  Settle();
  ASSERT_EQ(Size("isa-small"), size + 1);
  const auto entry =
      *policy::ParseEntry(Entry(all.north, "isa-small", size)->entry());
  EXPECT_EQ(entry.kind, policy::EntryKind::kLedgerRead);
  EXPECT_EQ(entry.actor, all.panel.caller.uri);
  EXPECT_EQ(entry.records, 3u);
  EXPECT_EQ(entry.detail.at("entries"), absl::StrCat("isa-small:0-", size - 1));
}

TEST_F(LedgerServiceTest, ALedgerThatWasTakenWholeWasExported) {
  ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
  const uint64_t size = Size("isa-small");
  v1::ReadTileRequest bundle;
  bundle.set_ledger("isa-small");
  bundle.set_entries(true);
  bundle.set_width(static_cast<uint32_t>(size));
  ASSERT_TRUE(Tile(all.panel, bundle).ok());
  service.Flush();
  service.Flush();
  Settle();
  ASSERT_EQ(Size("isa-small"), size + 1);
  const auto entry =
      *policy::ParseEntry(Entry(all.north, "isa-small", size)->entry());
  EXPECT_EQ(entry.kind, policy::EntryKind::kLedgerExported);
  EXPECT_EQ(entry.records, size);
}

TEST_F(LedgerServiceTest, ReadingOneEntryOftenIsNoExport) {
  ASSERT_TRUE(Checkpoint(all.panel, "isa-small").ok());
  const uint64_t size = Size("isa-small");
  for (uint64_t i = 0; i < size + 3; ++i) {
    ASSERT_TRUE(Entry(all.panel, "isa-small", 0).ok());
  }
  service.Flush();
  Settle();
  const auto entry =
      *policy::ParseEntry(Entry(all.north, "isa-small", size)->entry());
  EXPECT_EQ(entry.kind, policy::EntryKind::kLedgerRead);
  EXPECT_EQ(entry.records, size + 3);
}

TEST_F(LedgerServiceTest, WhoseReadsAreNoEntriesHasNoEndEither) {
  ASSERT_TRUE(Entry(all.north, "isa-small", 0).ok());
  const uint64_t size = Size("isa-small");
  service.Flush();
  Settle();
  EXPECT_EQ(Size("isa-small"), size);
}

TEST_F(LedgerServiceTest, EntriesComeWithTheirProof) {
  const auto receipt = Entry(all.north, "isa-small", 1);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const auto key =
      crypto::NoteKey::Parse(*all.parts.ledgers->VerifierKey("isa-small"));
  const auto proof = crypto::ParseTlogProof(receipt->proof());
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_TRUE(
      crypto::VerifyTlogProof(*proof, crypto::AsBytes(receipt->entry()), *key)
          .ok());
  EXPECT_EQ(proof->index, 1u);
  EXPECT_EQ(ReasonIn(Entry(all.north, "isa-small", 1000).status()), "NO_ENTRY");
}

TEST_F(LedgerServiceTest, TilesAreThoseThatThereAre) {
  const auto size = static_cast<uint32_t>(Size("isa-small"));
  v1::ReadTileRequest request;
  request.set_ledger("isa-small");
  request.set_width(size);
  auto content = Tile(all.north, request);
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->size(), 32u * size);
  request.set_entries(true);
  EXPECT_TRUE(Tile(all.north, request).ok());
  struct Case {
    bool entries;
    uint32_t level;
    uint64_t tile;
    uint32_t width;
  };
  for (const Case& bad :
       {Case{false, 0, 0, 0}, Case{false, 0, 0, 257}, Case{false, 64, 0, 1},
        Case{true, 1, 0, 1}, Case{false, 0, 0, size + 1}, Case{false, 0, 1, 1},
        Case{true, 0, 0, size + 1}, Case{false, 1, 0, 1}}) {
    request.set_entries(bad.entries);
    request.set_level(bad.level);
    request.set_tile(bad.tile);
    request.set_width(bad.width);
    EXPECT_EQ(ReasonIn(Tile(all.north, request).status()), "NO_TILE")
        << bad.level << "/" << bad.tile << "/" << bad.width;
  }
}

TEST_F(LedgerServiceTest, ARefusedLedgerIsSaidToBeOneAndNoOtherIs) {
  all.parts.ledgers->Refuse("isa-small", "it is an old copy");
  const absl::Status asked = Checkpoint(all.north, "isa-small").status();
  EXPECT_TRUE(IsLedgerRefused(asked));
  EXPECT_THAT(std::string(asked.message()), HasSubstr("old copy"))
      << "for the log";
  EXPECT_EQ(ReasonIn(ForTheWire(asked)), "LEDGER_REFUSED");
  // Whatever would be recorded there is refused for that, and not done.
  const absl::Status acted =
      all.Do(all.Act(certs::ActKind::kSuspend, all.north, document), all.north)
          .status();
  EXPECT_EQ(ReasonIn(ForTheWire(acted)), "LEDGER_REFUSED");
  EXPECT_EQ(ReasonIn(all.recorder->Refused(
                "isa-small",
                all.recorder->Allowed(policy::EntryKind::kRefusedCall,
                                      all.north.caller),
                Refuse(policy::Reason::kNoFlow, ""))),
            "LEDGER_REFUSED");
  EXPECT_TRUE(Checkpoint(all.north, "broker").ok());
}

}  // namespace
}  // namespace entente::broker
