#include "client/entry_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "client/entry_row.h"
#include "client/error.h"
#include "client/fake_ledger.h"
#include "client/mirror.h"
#include "client/test_folder.h"
#include "crypto/json.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

policy::LedgerEntry Refused() {
  policy::LedgerEntry entry;
  entry.time = absl::FromUnixMillis(1'798'761'600'123);
  entry.kind = policy::EntryKind::kBatch;
  entry.operation = policy::Operation::kDisclosure;
  entry.reasons = {{"PURPOSE_NOT_AGREED", "flows[0] persons.purposes"}};
  entry.agreement = "isa-1";
  entry.sender = "north";
  entry.recipient = "west";
  entry.actor = "spiffe://x.example/agency/north/system/records";
  entry.actor_certificate = std::string(64, 'c');
  entry.accompanying = {{"case_reference", "=HYPERLINK(\"http://x\")"},
                        {"justification", "@SUM(1)"}};
  entry.fields = {"offence"};
  entry.batch = std::string(32, 'a');
  return entry;
}

TEST(EntryRow, AJustificationThatWasFilledInIsMarkedAsThat) {
  const auto column = [](const policy::LedgerEntry& entry) {
    for (const auto& [name, value] :
         FullRow({{}, "", entry}, absl::UTCTimeZone())) {
      if (name == "justification") return std::get<std::string>(value.of);
    }
    return std::string("none");
  };
  policy::LedgerEntry entry = Refused();
  EXPECT_EQ(column(entry), "@SUM(1)");
  entry.accompanying.erase("justification");
  EXPECT_EQ(column(entry), "");
  entry.detail["justification"] = "Case OP/1: Find a series.";
  EXPECT_EQ(column(entry), "Case OP/1: Find a series. (filled in)");
}

class EntryExportTest : public testing::Test {
 protected:
  EntryExportTest() {
    ledger_.Grow(2);
    ledger_.Append(*policy::SerialiseEntry(Refused()));
    EXPECT_TRUE(MirrorLedger(ledger_, folder_.path(), ledger_.key()).ok());
  }
  std::string Export(ExportFormat format, const EntryFilter& filter = {}) {
    auto parts = OpenMirrorParts(folder_.path());
    EXPECT_TRUE(parts.ok()) << parts.status();
    std::string text;
    const auto count =
        ExportEntries(*parts, filter, format, absl::FixedTimeZone(3600),
                      [&](absl::string_view piece) {
                        absl::StrAppend(&text, piece);
                        return absl::OkStatus();
                      });
    EXPECT_TRUE(count.ok()) << count.status();
    count_ = count.ok() ? *count : 0;
    return text;
  }
  static std::vector<crypto::Json> Lines(const std::string& text) {
    std::vector<crypto::Json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      lines.push_back(crypto::Json::parse(line));
    }
    return lines;
  }

  FakeLedger ledger_{"broker.test/ledgers/isa-1"};
  TestFolder folder_;
  uint64_t count_ = 0;
};

TEST_F(EntryExportTest, LinesOfJsonHoldTheEntryAndBothTimes) {
  const auto lines = Lines(Export(ExportFormat::kNdjson));
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(count_, 3u);
  EXPECT_EQ(lines[2]["index"], 2);
  EXPECT_EQ(lines[2]["entry"]["time"], "2027-01-01T00:00:00.123Z");
  EXPECT_EQ(lines[2]["local_time"], "2027-01-01T01:00:00.123+01:00");
  EXPECT_EQ(lines[2]["entry"]["reasons"][0]["code"], "PURPOSE_NOT_AGREED");
}

TEST_F(EntryExportTest, CsvIsWellFormedAndNoCellIsAFormula) {
  const std::string text = Export(ExportFormat::kCsv);
  const auto heading = text.substr(0, text.find("\r\n"));
  EXPECT_THAT(heading, HasSubstr("time_utc,time_local"));
  EXPECT_THAT(text, HasSubstr("'@SUM(1)"));
  EXPECT_THAT(text, HasSubstr("\"'=HYPERLINK(\"\"http://x\"\")\""));
  for (const char* formula : {",=", ",@", ",+0", "\"=", "\"@"}) {
    EXPECT_THAT(text, testing::Not(HasSubstr(formula))) << formula;
  }
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 4);
}

TEST_F(EntryExportTest, OnlyWhatFitsIsWritten) {
  EntryFilter filter;
  filter.facets = {{"outcome", "deny"}};
  EXPECT_THAT(Lines(Export(ExportFormat::kNdjson, filter)), SizeIs(1));
  EXPECT_EQ(count_, 1u);
  filter.facets = {{"outcome", "nothing"}};
  EXPECT_EQ(Export(ExportFormat::kNdjson, filter), "");
}

// The attributes that class 6003 of OCSF 1.1.0 and its objects require.
TEST_F(EntryExportTest, OcsfEventsHaveWhatTheirSchemaRequires) {
  for (const crypto::Json& event : Lines(Export(ExportFormat::kOcsf))) {
    for (const char* required :
         {"activity_id", "actor", "api", "category_uid", "class_uid",
          "metadata", "severity_id", "src_endpoint", "time", "type_uid"}) {
      EXPECT_TRUE(event.contains(required)) << required;
    }
    EXPECT_EQ(event["class_uid"], 6003);
    EXPECT_EQ(event["category_uid"], 6);
    EXPECT_EQ(event["type_uid"], 6003 * 100 + event["activity_id"].get<int>());
    EXPECT_TRUE(event["time"].is_number_integer());
    EXPECT_TRUE(event["metadata"]["version"].is_string());
    EXPECT_TRUE(event["metadata"]["product"]["vendor_name"].is_string());
    EXPECT_TRUE(event["api"]["operation"].is_string());
    EXPECT_FALSE(event["actor"]["user"]["name"].get<std::string>().empty());
    EXPECT_FALSE(event["src_endpoint"]["name"].get<std::string>().empty());
    static const std::set<int> activities = {1, 2, 3, 4, 99};
    EXPECT_EQ(activities.count(event["activity_id"].get<int>()), 1u);
  }
}

TEST_F(EntryExportTest, OcsfEventsSayWhetherItWasRefusedAndWhy) {
  const auto events = Lines(Export(ExportFormat::kOcsf));
  EXPECT_EQ(events[0]["status_id"], 1);
  EXPECT_EQ(events[2]["status_id"], 2);
  EXPECT_EQ(events[2]["status_code"], "PURPOSE_NOT_AGREED");
  EXPECT_EQ(events[2]["src_endpoint"]["name"], "north");
  EXPECT_EQ(events[2]["dst_endpoint"]["name"], "west");
  EXPECT_EQ(events[2]["metadata"]["uid"], "broker.test/ledgers/isa-1#2");
  EXPECT_EQ(events[2]["unmapped"]["agreement"], "isa-1");
}

TEST_F(EntryExportTest, StopsWhenItCannotWrite) {
  auto parts = OpenMirrorParts(folder_.path());
  for (const ExportFormat format :
       {ExportFormat::kNdjson, ExportFormat::kCsv, ExportFormat::kOcsf}) {
    EXPECT_TRUE(absl::IsResourceExhausted(
        ExportEntries(*parts, {}, format, absl::UTCTimeZone(),
                      [](absl::string_view) {
                        return absl::ResourceExhaustedError("full");
                      })
            .status()));
  }
}

TEST_F(EntryExportTest, ReadsFormats) {
  EXPECT_EQ(*ParseExportFormat("csv"), ExportFormat::kCsv);
  EXPECT_EQ(*ParseExportFormat("ocsf"), ExportFormat::kOcsf);
  EXPECT_EQ(FromStatus(ParseExportFormat("xml").status()).exit,
            ExitCode::kUsage);
}

}  // namespace
}  // namespace entente::client
