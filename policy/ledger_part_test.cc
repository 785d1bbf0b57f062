#include "policy/ledger_part.h"

#include <functional>

#include "crypto/hex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;

TEST(PartName, IsReadBack) {
  const std::pair<LedgerPart, const char*> parts[] = {
      {{"broker", 0}, "broker"},
      {{"broker", 1}, "broker.1"},
      {{"isa-small", 0}, "isa-small"},
      {{"isa-small", 12}, "isa-small.12"},
      {{"isa-small", kMaxLedgerPart}, "isa-small.999999"}};
  for (const auto& [part, name] : parts) {
    EXPECT_EQ(PartName(part.ledger, part.part), name);
    const auto read = ParsePartName(name);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, part);
  }
}

TEST(PartName, HasOneSpelling) {
  for (const char* name :
       {"", ".1", "isa-1.", "isa-1.0", "isa-1.01", "isa-1.+1", "isa-1. 1",
        "isa-1.1.2", "isa-1.x", "isa-1.-1", "isa-1.1000000", "isa-1.4294967297",
        "isa 1", " isa-1", "isa-1\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePartName(name).status())) << name;
  }
}

TEST(PartName, IsNoAgreementsId) {
  for (const char* name : {"isa-small.1", "broker", "broker.1"}) {
    EXPECT_FALSE(kAgreementId.matches(name)) << name;
  }
  EXPECT_TRUE(kAgreementId.matches("isa-small"));
}

LedgerEntry Blank() {
  LedgerEntry entry;
  entry.salt.fill(7);
  entry.time = absl::FromUnixMillis(1796083200123);
  entry.agreement = "isa-small";
  return entry;
}

Continuation Says() {
  return {"broker.test/ledgers/isa-small", 9, crypto::Sha256("nine"),
          ContinuationReason::kRestored, 12};
}

TEST(ContinuationEntry, StandsInALineAndIsReadBack) {
  Continuation rolled = Says();
  rolled.reason = ContinuationReason::kRolled;
  rolled.signed_size = 0;
  for (const Continuation& says : {Says(), rolled}) {
    const auto line = SerialiseEntry(ContinuationEntry(Blank(), says));
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_THAT(*line, HasSubstr(R"("kind":"ledger_continued")"));
    const auto read = ReadContinuation(*ParseEntry(*line));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, says);
  }
}

TEST(ContinuationEntry, SaysNothingOfLossWhereNothingIsLost) {
  Continuation whole = Says();
  whole.signed_size = whole.size;
  const LedgerEntry entry = ContinuationEntry(Blank(), whole);
  EXPECT_EQ(entry.detail.count("signed_size"), 0u);
  EXPECT_EQ(ReadContinuation(entry)->signed_size, 0u);
}

struct Lie {
  const char* says;
  std::function<void(LedgerEntry&)> tell;
};

TEST(ContinuationEntry, AnyOtherEntryIsRefused) {
  const Lie lies[] = {
      {"another kind", [](auto& e) { e.kind = EntryKind::kBrokerStarted; }},
      {"another kind", [](auto& e) { e.outcome = Outcome::kDeny; }},
      {"no origin", [](auto& e) { e.detail.erase("origin"); }},
      {"size is no number", [](auto& e) { e.detail.erase("size"); }},
      {"size is no number", [](auto& e) { e.detail["size"] = "09"; }},
      {"size is no number", [](auto& e) { e.detail["size"] = "-9"; }},
      {"no root", [](auto& e) { e.subject.clear(); }},
      {"no root", [](auto& e) { e.subject = "ab"; }},
      {"reason is unknown", [](auto& e) { e.detail["reason"] = "tidied"; }},
      {"reason is unknown", [](auto& e) { e.detail.erase("reason"); }},
      {"not above", [](auto& e) { e.detail["signed_size"] = "9"; }},
      {"not above", [](auto& e) { e.detail["signed_size"] = "x"; }},
      {"other details", [](auto& e) { e.detail["and"] = "more"; }}};
  for (const Lie& lie : lies) {
    LedgerEntry entry = ContinuationEntry(Blank(), Says());
    lie.tell(entry);
    const absl::Status read = ReadContinuation(entry).status();
    EXPECT_TRUE(absl::IsInvalidArgument(read)) << lie.says;
    EXPECT_THAT(std::string(read.message()), HasSubstr(lie.says));
  }
}

}  // namespace
}  // namespace entente::policy
