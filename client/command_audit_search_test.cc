// `entente audit search`, `export` and `tail`, at a broker and on mirrors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/entry_row.h"
#include "client/fake_ledger_parts.h"
#include "client/mirror_parts.h"
#include "client/test_commands.h"
#include "client/test_commands_at_broker.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class SearchMirrorTest : public CommandRunTest {
 protected:
  SearchMirrorTest() {
    parts_.newest().Grow(5);
    policy::LedgerEntry refused;
    refused.time = absl::FromUnixSeconds(2000);
    refused.kind = policy::EntryKind::kBatch;
    refused.reasons = {{"QUOTA_USED", "flows[0].limits"}};
    refused.purpose = "=cmd|' /C calc'!A0";
    refused.sender = "north";
    refused.detail["break_glass"] = "1f2e3d4c" + std::string(56, '0');
    refused.actor = "spiffe://x/agency/north/system/\xe2\x80\xae records";
    parts_.newest().Append(*policy::SerialiseEntry(refused));
    const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                      parts_.newest_name(), folder_ / "m", "");
    EXPECT_TRUE(mirrored.ok()) << mirrored.status();
  }
  Ran Audit(std::vector<std::string> words, const std::string& format) {
    words.insert(words.begin(), "audit");
    words.insert(words.end(), {"-o", format});
    return Run(words);
  }
  Ran Search(std::vector<std::string> more,
             const std::string& format = "json") {
    more.insert(more.begin(), {"search", folder_ / "m", "--zone", "UTC"});
    return Audit(more, format);
  }

  FakeLedgerParts parts_;
};

TEST_F(SearchMirrorTest, FindsTheNewestFirstAndSaysWhereTheNextPageBegins) {
  const Ran first = Search({"--limit", "2"});
  ASSERT_EQ(first.exit, 0) << first.err;
  EXPECT_THAT(first.Out()["entries"], SizeIs(2));
  EXPECT_EQ(first.Out()["entries"][0]["index"], 5);
  EXPECT_EQ(first.Out()["next"], "0:3");
  EXPECT_THAT(first.err, HasSubstr("--page 0:3"));
  const Ran last = Search({"--page", "0:3"});
  EXPECT_THAT(last.Out()["entries"], SizeIs(4));
  EXPECT_TRUE(last.Out()["next"].is_null());
  EXPECT_THAT(last.err, Not(HasSubstr("--page")));
  EXPECT_EQ(Search({"--oldest-first"}).Out()["entries"][0]["index"], 0);
}

TEST_F(SearchMirrorTest, TakesEveryFilter) {
  const auto found = [&](std::vector<std::string> words) {
    const Ran ran = Search(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.Out()["entries"].size();
  };
  EXPECT_EQ(found({"--decision", "deny"}), 1u);
  EXPECT_EQ(found({"--decision", "allow"}), 5u);
  EXPECT_EQ(found({"--reason", "QUOTA_USED"}), 1u);
  EXPECT_EQ(found({"--reason", "QUOTA_USED", "--reason", "OTHER"}), 0u);
  EXPECT_EQ(found({"--agency", "north"}), 1u);
  EXPECT_EQ(found({"--from", "north", "--kind", "batch"}), 1u);
  EXPECT_EQ(found({"--to", "north"}), 0u);
  EXPECT_EQ(found({"--break-glass", "1f2e3d4c"}), 1u);
  EXPECT_EQ(found({"--break-glass", "1f2e3d4c" + std::string(56, '0')}), 1u);
  EXPECT_EQ(found({"--break-glass", "1f2e3d4d"}), 0u);
  EXPECT_EQ(found({"--kind", "delivery"}), 0u);
  EXPECT_EQ(found({"--index", "1-3"}), 3u);
  EXPECT_EQ(found({"--since", "1970-01-01T00:30"}), 1u);
  EXPECT_EQ(found({"--until", "1970-01-01T00:16:42"}), 2u);
  EXPECT_EQ(found({"--since", "7d"}), 0u);
  EXPECT_EQ(found({"--purpose", "none", "--case", "x", "--field", "y"}), 0u);
}

TEST_F(SearchMirrorTest, RefusesWhatItDoesNotUnderstand) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--kind", "bach"},
                                             {"--decision", "maybe"},
                                             {"--operation", "sharing"},
                                             {"--since", "yesterday"},
                                             {"--since", "1d", "--until", "2d"},
                                             {"--index", "9-3"},
                                             {"--page", "3"},
                                             {"--break-glass", "1f2e3d"},
                                             {"--break-glass", "1F2E3D4C"},
                                             {"--limit", "0"},
                                             {"--agreement", "isa-1"},
                                             {"--zone", "Nowhere/At_All"}}) {
    const Ran ran = Search(words);
    EXPECT_EQ(ran.exit, 2) << words[0] << " " << words[1];
  }
  EXPECT_THAT(std::string(Search({"--kind", "bach"}).Error()["next"]),
              HasSubstr("agreement_signed, "));
  EXPECT_EQ(Audit({"search", folder_ / "none"}, "json").Code(), "NO_MIRROR");
}

TEST_F(SearchMirrorTest, NoFormatMisleadsWhoeverReadsIt) {
  const Ran csv = Search({}, "csv");
  EXPECT_THAT(csv.out, StartsWith("part,index,time_utc,time_local,"));
  EXPECT_THAT(csv.out, HasSubstr(",'=cmd|"));
  const Ran table = Search({}, "table");
  EXPECT_THAT(table.out, HasSubstr("<U+202E>"));
  const Ran lines = Search({}, "ndjson");
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 6);
}

TEST_F(SearchMirrorTest, ShowsNothingOfAMirrorThatWasAltered) {
  std::string bundle = folder_.Read("m/tile/entries/000.p/6");
  bundle[40] ^= 1;
  folder_.Write("m/tile/entries/000.p/6", bundle);
  const Ran ran = Search({});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("tile/entries/000.p/6"));
}

TEST_F(SearchMirrorTest, ExportsToAFileOrTheOutput) {
  const Ran filed = Audit({"export", folder_ / "m", "--as", "csv", "--out",
                           folder_ / "ledger.csv", "--zone", "Europe/London"},
                          "json");
  ASSERT_EQ(filed.exit, 0) << filed.err;
  EXPECT_EQ(filed.Out()["entries"], 6);
  EXPECT_EQ(folder_.Mode("ledger.csv"), 0600u);
  // London was an hour ahead all of that winter.
  EXPECT_THAT(folder_.Read("ledger.csv"),
              HasSubstr("1970-01-01T00:33:20.000Z,"
                        "1970-01-01T01:33:20.000+01:00"));
  const Ran lines =
      Audit({"export", folder_ / "m", "--decision", "deny"}, "table");
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 1);
  EXPECT_THAT(lines.err, HasSubstr("1 entries"));
  EXPECT_EQ(Audit({"export", folder_ / "m", "--as", "xml"}, "json").exit, 2);
}

TEST_F(SearchMirrorTest, FindsWhatWasBegunAndHasNoOutcome) {
  // The batches of the fixture have one id; then a late entry, so that they
  // are overdue.
  EXPECT_THAT(Search({"--open"}).Out()["entries"], SizeIs(0));
  for (int i = 0; i < 3; ++i) {
    policy::LedgerEntry sent;
    sent.time = absl::FromUnixSeconds(3000);
    sent.kind = policy::EntryKind::kBatch;
    sent.outcome = policy::Outcome::kAllow;
    sent.sender = i == 1 ? "west" : "north";
    sent.batch = std::string(32, static_cast<char>('1' + i));
    parts_.newest().Append(*policy::SerialiseEntry(sent));
  }
  parts_.newest().Append(FakeLedger::Line(3000 + 8 * 86400));
  const auto mirrored = MirrorParts(parts_, parts_.key(), "pact",
                                    parts_.newest_name(), folder_ / "m", "");
  ASSERT_TRUE(mirrored.ok()) << mirrored.status();
  const Ran open = Search({"--open", "--agency", "north"});
  ASSERT_EQ(open.exit, 0) << open.err;
  ASSERT_THAT(open.Out()["entries"], SizeIs(2));
  EXPECT_EQ(open.Out()["entries"][0]["index"], 8);
  EXPECT_EQ(open.Out()["entries"][1]["index"], 6);
  const Ran first = Search({"--open", "--oldest-first", "--limit", "2"});
  EXPECT_EQ(first.Out()["next"], "0:8");
  const Ran rest = Search({"--open", "--oldest-first", "--page", "0:8"});
  EXPECT_THAT(rest.Out()["entries"], SizeIs(1));
  EXPECT_TRUE(rest.Out()["next"].is_null());
  const Ran verified = Audit({"verify", folder_ / "m"}, "json");
  ASSERT_EQ(verified.exit, 0) << verified.err;
  ASSERT_THAT(verified.Out()["open_intents"], SizeIs(3));
  EXPECT_EQ(verified.Out()["open_intents"][0]["entry"], "0:6");
  EXPECT_EQ(verified.Out()["open_intents"][0]["kind"], "batch");
  EXPECT_THAT(verified.Out()["warnings"].dump(),
              HasSubstr("entry 0:6: batch 11111111 of north to"));
}

TEST_F(SearchMirrorTest, TailShowsTheLastInTheirOrder) {
  const Ran ran =
      Audit({"tail", folder_ / "m", "--limit", "2", "--zone", "UTC"}, "ndjson");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_LT(ran.out.find("\"index\":4"), ran.out.find("\"index\":5"));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
}

using SearchAtBrokerTest = CommandsAtBrokerTest;

TEST_F(SearchAtBrokerTest, FindsTheSameAsOnAMirror) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  ASSERT_EQ(
      As(North(), {"audit", "mirror", folder_ / "m", "--agreement", kPact})
          .exit,
      0);
  const Ran live = As(North(), {"audit", "search", "--agreement", kPact,
                                "--kind", "enrolment"});
  ASSERT_EQ(live.exit, 0) << live.err;
  EXPECT_THAT(live.Out()["entries"], SizeIs(1));
  const Ran mirror =
      As(North(), {"audit", "search", folder_ / "m", "--kind", "enrolment"});
  EXPECT_EQ(live.out, mirror.out);
  const Ran tail = As(North(), {"audit", "tail", "--agreement", kPact});
  EXPECT_THAT(tail.out, HasSubstr("\"kind\":\"enrolment\""));
  const Ran exported = As(North(), {"audit", "export", "--agreement", kPact});
  EXPECT_THAT(exported.out, HasSubstr("\"kind\":\"enrolment\""));
}

TEST_F(SearchAtBrokerTest, WhatTheProfileSentMustStandInTheLedger) {
  ASSERT_EQ(Enrol(North(), "A1,n-1\n").exit, 0);
  ASSERT_EQ(Send("A1,x,28/3,2026-01-02,31\n").exit, 0);
  const std::vector<std::string> mirror = {"audit", "mirror", folder_ / "m",
                                           "--agreement", kPact};
  ASSERT_EQ(As(North(), mirror).exit, 0);
  const std::vector<std::string> verify = {"audit", "verify", folder_ / "m",
                                           "--reconcile"};
  const Ran whole = As(North(), verify);
  ASSERT_EQ(whole.exit, 0) << whole.err << whole.out;
  EXPECT_EQ(whole.Out()["confirmed"], 1);
  EXPECT_EQ(As(Chief(), verify).exit, 2) << "a person's profile knows nothing";
  ASSERT_EQ(Send("A1,y,28/3,2026-01-03,31\n").exit, 0);
  const Ran behind = As(North(), verify);
  EXPECT_EQ(behind.exit, 0) << behind.err;
  EXPECT_EQ(behind.Out()["confirmed"], 1);
  EXPECT_THAT(behind.out, HasSubstr("1 acts of this agency that are newer"));
  ASSERT_EQ(As(North(), mirror).exit, 0);
  EXPECT_EQ(As(North(), verify).Out()["confirmed"], 2);
}

TEST_F(SearchAtBrokerTest, GoesThroughThePartsOfALedger) {
  const uint64_t size = broker_.ledger().tree().size();
  broker_.ContinueLedger(size);
  const Ran all = As(North(), {"audit", "search", "--agreement", kPact});
  ASSERT_EQ(all.exit, 0) << all.err;
  EXPECT_THAT(all.Out()["entries"], SizeIs(size + 1));
  EXPECT_EQ(all.Out()["entries"][0]["part"], 1);
  const Ran one = As(
      North(), {"audit", "search", "--agreement", std::string(kPact) + ".1"});
  EXPECT_THAT(one.Out()["entries"], SizeIs(1));
}

TEST_F(SearchAtBrokerTest, BelievesNoEntryThatIsNotProved) {
  broker_.read_tile.alter = [](const v1::ReadTileRequest&,
                               v1::ReadTileResponse* response) {
    std::string& content = *response->mutable_content();
    content[content.size() / 2] ^= 1;
  };
  const Ran ran = As(North(), {"audit", "search", "--agreement", kPact});
  EXPECT_EQ(ran.exit, 6) << ran.out;
  EXPECT_EQ(ran.out, "");
}

}  // namespace
}  // namespace entente::client
