#include "broker/vital_signs.h"

#include "absl/strings/match.h"
#include "broker/test_broker.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class VitalSigns : public testing::Test {
 protected:
  VitalSigns() {
    context_.store = broker_.store.get();
    context_.ledgers = broker_.ledgers.get();
    context_.sequencer = broker_.sequencer.get();
    AddVitalSigns(context_, broker_.folder / ".", &runway_, &metrics_);
  }

  bool Says(const std::string& line) {
    return absl::StrContains("\n" + metrics_.Text(), "\n" + line + "\n");
  }

  TestBroker broker_;
  Context context_;
  DiskRunway runway_;
  Metrics metrics_;
};

TEST_F(VitalSigns, CountLedgersAndEntries) {
  EXPECT_TRUE(Says("entente_ledgers 0"));
  EXPECT_TRUE(Says("entente_ledger_entries 0"));
  ASSERT_TRUE(broker_.OpenLedger("north-south").ok());
  ASSERT_TRUE(broker_.OpenLedger("east-west").ok());
  ASSERT_TRUE(broker_.Append("north-south", 3).ok());
  ASSERT_TRUE(broker_.Append("east-west", 4).ok());
  EXPECT_TRUE(Says("entente_ledgers 2")) << metrics_.Text();
  EXPECT_TRUE(Says("entente_ledger_entries 7"));
  EXPECT_TRUE(Says("entente_ledgers_refused 0"));
  EXPECT_TRUE(Says("entente_sequencer_queued_writes 0"));
}

TEST_F(VitalSigns, NameNoLedger) {
  ASSERT_TRUE(broker_.OpenLedger("north-south").ok());
  EXPECT_FALSE(absl::StrContains(metrics_.Text(), "north-south"));
}

TEST_F(VitalSigns, MeasureTheFilesOfTheFolder) {
  const double before = DataBytes(broker_.folder / ".");
  EXPECT_GT(before, 0);
  ASSERT_TRUE(broker_.OpenLedger("north-south").ok());
  ASSERT_TRUE(broker_.Append("north-south", 300).ok());
  EXPECT_GT(DataBytes(broker_.folder / "."), before);
  EXPECT_EQ(DataBytes(broker_.folder / "absent"), 0);
  EXPECT_FALSE(Says("entente_data_bytes 0"));
  EXPECT_FALSE(Says("entente_disk_available_bytes Nan"));
}

TEST_F(VitalSigns, TellTheRunway) {
  EXPECT_TRUE(Says("entente_disk_runway_seconds +Inf")) << metrics_.Text();
  const absl::Time start = absl::FromUnixSeconds(1'800'000'000);
  runway_.Sample(start, 2'000'000);
  runway_.Sample(start + absl::Hours(1), 1'000'000);
  EXPECT_TRUE(Says("entente_disk_runway_seconds 3600")) << metrics_.Text();
}

}  // namespace
}  // namespace entente::broker
