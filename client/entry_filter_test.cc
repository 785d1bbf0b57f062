#include "client/entry_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace entente::client {
namespace {

using policy::LedgerEntry;

LedgerEntry Sample() {
  LedgerEntry entry;
  entry.time = absl::FromUnixSeconds(1000);
  entry.kind = policy::EntryKind::kBatch;
  entry.operation = policy::Operation::kDisclosure;
  entry.outcome = policy::Outcome::kDeny;
  entry.reasons = {{"FIELD_NOT_RELEASED", "flows[0]"}, {"QUOTA", ""}};
  entry.agreement = "isa-1";
  entry.flow = "persons";
  entry.purpose = "find-series";
  entry.method = "push";
  entry.dataset = "linked";
  entry.sender = "north";
  entry.recipient = "west";
  entry.actor = "spiffe://x.example/agency/north/system/records";
  entry.accompanying = {{"case_reference", "OP/1"}, {"actor", "pc-77"}};
  entry.fields = {"offence", "age"};
  entry.batch = std::string(32, 'a');
  entry.subject = std::string(64, 'b');
  entry.detail["break_glass"] = "1f2e3d4c" + std::string(56, '0');
  return entry;
}

TEST(EntryFilterTest, FindsAnEntryByEachOfItsFacetsAndByNoOther) {
  const LedgerEntry entry = Sample();
  std::set<std::string> seen;
  for (const auto& [name, value] : FacetsOf(entry)) {
    seen.insert(std::string(name));
    EntryFilter filter;
    filter.facets = {{std::string(name), value}};
    EXPECT_TRUE(filter.Matches(0, entry)) << name;
    filter.facets = {{std::string(name), value + "x"}};
    EXPECT_FALSE(filter.Matches(0, entry)) << name;
    for (const absl::string_view other : FacetNames()) {
      if (other == name || (other == "agency" && name != "purpose")) continue;
      filter.facets = {{std::string(other), value}};
      EXPECT_EQ(filter.Matches(0, entry),
                (name == "agency") &&
                    (other == "sender" || other == "recipient") &&
                    value == (other == "sender" ? "north" : "west"))
          << name << " as " << other;
    }
  }
  EXPECT_EQ(seen.size(), FacetNames().size()) << "the sample has them all";
}

TEST(EntryFilterTest, AGrantIsFoundByAllItsDigitsAndByItsFirst) {
  const LedgerEntry entry = Sample();
  EntryFilter filter;
  for (const auto& [value, want] :
       {std::pair{entry.detail.at("break_glass"), true},
        {std::string("1f2e3d4c"), true},
        {std::string("1f2e3d4"), false},
        {std::string("1f2e3d4c0"), false},
        {"1f2e3d4c" + std::string(56, '1'), false}}) {
    filter.facets = {{"grant", value}};
    EXPECT_EQ(filter.Matches(0, entry), want) << value;
  }
  LedgerEntry without = entry;
  without.detail.clear();
  filter.facets = {{"grant", "1f2e3d4c"}};
  EXPECT_FALSE(filter.Matches(0, without));
}

TEST(EntryFilterTest, EverythingAskedForMustHold) {
  const LedgerEntry entry = Sample();
  EntryFilter filter;
  EXPECT_TRUE(filter.Matches(5, entry)) << "nothing is asked for";
  filter.facets = {{"reason", "QUOTA"}, {"field", "age"}, {"agency", "west"}};
  EXPECT_TRUE(filter.Matches(5, entry));
  filter.facets.emplace_back("field", "name");
  EXPECT_FALSE(filter.Matches(5, entry));
}

TEST(EntryFilterTest, TimesAreFromAndBefore) {
  const LedgerEntry entry = Sample();
  EntryFilter filter;
  filter.since = entry.time;
  filter.until = entry.time + absl::Milliseconds(1);
  EXPECT_TRUE(filter.Matches(0, entry));
  filter.until = entry.time;
  EXPECT_FALSE(filter.Matches(0, entry));
  filter = {};
  filter.since = entry.time + absl::Milliseconds(1);
  EXPECT_FALSE(filter.Matches(0, entry));
}

TEST(EntryFilterTest, IndexesAreFromAndUpTo) {
  EntryFilter filter;
  filter.first = 3;
  filter.last = 5;
  for (const auto& [index, want] :
       {std::pair{2, false}, {3, true}, {5, true}, {6, false}}) {
    EXPECT_EQ(filter.Matches(static_cast<uint64_t>(index), Sample()), want);
  }
}

TEST(EntryFilterTest, KnowsWhoseCertificateItWas) {
  EXPECT_EQ(AgencyOfUri("spiffe://x/agency/north/auditor/eve"), "north");
  EXPECT_EQ(AgencyOfUri("spiffe://x/operator/duty"), "");
  EXPECT_EQ(AgencyOfUri(""), "");
  EXPECT_EQ(AgencyOfUri("agency/agency/agency/agency"), "");
}

TEST(EntryFilterTest, ReadsInstants) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  const absl::TimeZone zone = absl::FixedTimeZone(3600);
  const auto at = [&](absl::string_view text) {
    return ParseInstant(text, now, zone);
  };
  EXPECT_EQ(*at("7d"), now - absl::Hours(168));
  EXPECT_EQ(*at("90m"), now - absl::Minutes(90));
  EXPECT_EQ(*at("2027-03-01T09:30:00Z"),
            absl::FromCivil(absl::CivilMinute(2027, 3, 1, 9, 30),
                            absl::UTCTimeZone()));
  EXPECT_EQ(*at("2027-03-01T09:30:00+01:00"),
            absl::FromCivil(absl::CivilMinute(2027, 3, 1, 9, 30), zone));
  EXPECT_EQ(*at("2027-03-01T09:30"),
            absl::FromCivil(absl::CivilMinute(2027, 3, 1, 9, 30), zone));
  EXPECT_EQ(*at("2027-03-01"),
            absl::FromCivil(absl::CivilDay(2027, 3, 1), zone));
  for (const char* bad : {"", "yesterday", "2027-13-01", "-7d", "-5m", "0s",
                          "inf", "infinite-future", "2027-03-01x", "7"}) {
    EXPECT_FALSE(at(bad).ok()) << bad;
  }
}

TEST(EntryFilterTest, ReadsRangesOfIndexes) {
  EXPECT_EQ(*ParseIndexRange("17"), std::pair(uint64_t{17}, uint64_t{17}));
  EXPECT_EQ(ParseIndexRange("17-")->first, 17u);
  EXPECT_EQ(ParseIndexRange("17-")->second,
            std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(*ParseIndexRange("17-90"), std::pair(uint64_t{17}, uint64_t{90}));
  for (const char* bad : {"", "-", "-5", "a", "9-8", "1-2-3", "1-x"}) {
    EXPECT_FALSE(ParseIndexRange(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace entente::client
