#include "policy/ledger_entry.h"

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::policy {
namespace {

using testing::HasSubstr;

const absl::Time kTime = absl::FromUnixMillis(1796083200123);

LedgerEntry FullEntry() {
  LedgerEntry entry;
  entry.salt.fill(0xA5);
  entry.time = kTime;
  entry.kind = EntryKind::kBatch;
  entry.operation = Operation::kDisclosure;
  entry.outcome = Outcome::kDeny;
  entry.reasons = {{"FIELD_NOT_RELEASED", "flows[1] analysis.release"},
                   {"NOT_BUILT", ""}};
  entry.agreement = "isa-north-west";
  entry.version = 3;
  entry.digest = std::string(64, 'd');
  entry.flow = "analysis";
  entry.purpose = "tasking";
  entry.method = "push";
  entry.dataset = "crimes";
  entry.sender = "north";
  entry.recipient = "west";
  entry.actor = "spiffe://entente.example/agency/north/system/loader";
  entry.actor_certificate = std::string(64, 'c');
  entry.accompanying = {{"case_reference", "NW/1"},
                        {"justification", "a \"quoted\" résumé"}};
  entry.fields = {"crime_ref", "offence_code"};
  entry.fields_omitted = 2;
  entry.records = 5000;
  entry.subject = std::string(64, '0');
  entry.manifest = std::string(64, '1');
  entry.batch = std::string(32, '2');
  entry.detail = {{"chunks", "5"}, {"epoch", "1"}};
  return entry;
}

LedgerEntry SmallEntry() {
  LedgerEntry entry;
  entry.time = kTime;
  entry.kind = EntryKind::kBrokerStarted;
  entry.outcome = Outcome::kAllow;
  return entry;
}

TEST(LedgerEntry, HasOneSpellingKeysInOrder) {
  EXPECT_EQ(*SerialiseEntry(SmallEntry()),
            R"({"salt":"00000000000000000000000000000000",)"
            R"("time":"2026-12-01T00:00:00.123Z",)"
            R"("kind":"broker_started","outcome":"allow"})");
  EXPECT_EQ(
      *SerialiseEntry(FullEntry()),
      R"({"salt":"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5",)"
      R"("time":"2026-12-01T00:00:00.123Z","kind":"batch",)"
      R"("operation":"disclosure","outcome":"deny","reasons":[)"
      R"({"code":"FIELD_NOT_RELEASED","clause":"flows[1] analysis.release"},)"
      R"({"code":"NOT_BUILT"}],"agreement":"isa-north-west","version":3,)"
      R"("digest":")" +
          std::string(64, 'd') +
          R"(","flow":"analysis","purpose":"tasking","method":"push",)"
          R"("dataset":"crimes","sender":"north","recipient":"west",)"
          R"("actor":"spiffe://entente.example/agency/north/system/loader",)"
          R"("actor_certificate":")" +
          std::string(64, 'c') +
          R"(","accompanying":{"case_reference":"NW/1",)"
          R"("justification":"a \"quoted\" résumé"},)"
          R"("fields":["crime_ref","offence_code"],"fields_omitted":2,)"
          R"("records":5000,"subject":")" +
          std::string(64, '0') + R"(","manifest":")" + std::string(64, '1') +
          R"(","batch":")" + std::string(32, '2') +
          R"(","detail":{"chunks":"5","epoch":"1"}})");
}

TEST(LedgerEntry, ComesBackAsItWasWritten) {
  for (const LedgerEntry& entry : {SmallEntry(), FullEntry()}) {
    const auto parsed = ParseEntry(*SerialiseEntry(entry));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, entry);
  }
}

TEST(LedgerEntry, EveryKindAndOperationHasItsOwnName) {
  std::map<std::string, int> names;
  for (int i = 1; i <= int(EntryKind::kRefusedCall); ++i) {
    LedgerEntry entry = SmallEntry();
    entry.kind = EntryKind(i);
    EXPECT_EQ(ParseEntry(*SerialiseEntry(entry))->kind, EntryKind(i));
    EXPECT_EQ(++names[std::string(EntryKindName(EntryKind(i)))], 1);
  }
  for (int i = 0; i <= int(Operation::kErasure); ++i) {
    LedgerEntry entry = SmallEntry();
    entry.operation = Operation(i);
    EXPECT_EQ(ParseEntry(*SerialiseEntry(entry))->operation, Operation(i));
    EXPECT_EQ(++names[std::string(OperationName(Operation(i)))], 1);
  }
  EXPECT_EQ(EntryKindName(EntryKind(1000)), "");
  EXPECT_EQ(OperationName(Operation(1000)), "");
}

struct BadEntry {
  std::string name;
  std::function<void(LedgerEntry&)> spoil;
  std::string want;
};

TEST(LedgerEntry, RefusesToWriteWhatIsWrong) {
  const BadEntry kCases[] = {
      {"no kind", [](auto& e) { e.kind = EntryKind::kUnspecified; }, "kind"},
      {"fraction of a millisecond",
       [](auto& e) { e.time += absl::Microseconds(1); }, "time"},
      {"no time", [](auto& e) { e.time = absl::InfiniteFuture(); }, "time"},
      {"year 10000",
       [](auto& e) {
         e.time = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
       },
       "time"},
      {"allowed for a reason", [](auto& e) { e.outcome = Outcome::kAllow; },
       "reasons"},
      {"bad UTF-8", [](auto& e) { e.sender = "\xC0\x80"; }, "sender"},
      {"surrogate", [](auto& e) { e.flow = "\xED\xA0\x80"; }, "flow"},
      {"line feed", [](auto& e) { e.purpose = "a\nb"; }, "purpose"},
      {"escape in a map", [](auto& e) { e.detail["x"] = "\x1B[2J"; }, "detail"},
      {"C1 control", [](auto& e) { e.fields[0] = "\xC2\x9B"; }, "fields"},
      {"control in a name", [](auto& e) { e.detail["\x7F"] = "x"; }, "name"},
      {"long text", [](auto& e) { e.dataset = std::string(301, 'x'); },
       "dataset"},
      {"long detail", [](auto& e) { e.detail["x"] = std::string(3001, 'x'); },
       "detail"},
      {"digest of another length", [](auto& e) { e.digest = "d1"; }, "digest"},
      {"upper-case digest", [](auto& e) { e.subject[0] = 'A'; }, "subject"},
      {"long batch id", [](auto& e) { e.batch += "00"; }, "batch"},
      {"count", [](auto& e) { e.records = (uint64_t{1} << 53) + 1; },
       "records"},
      {"omitted", [](auto& e) { e.fields_omitted = (uint64_t{1} << 53) + 1; },
       "fields_omitted"},
  };
  for (const BadEntry& bad : kCases) {
    LedgerEntry entry = FullEntry();
    bad.spoil(entry);
    const auto line = SerialiseEntry(entry);
    EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument)
        << bad.name;
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(bad.want));
  }
}

TEST(LedgerEntry, RefusesALineThatIsTooLong) {
  LedgerEntry entry = FullEntry();
  for (int i = 0; i < 40; ++i) entry.fields.push_back(std::string(290, 'f'));
  EXPECT_EQ(SerialiseEntry(entry).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(LedgerEntry, ReadsNoOtherSpelling) {
  const std::string line = *SerialiseEntry(FullEntry());
  const auto with = [&](absl::string_view from, absl::string_view to) {
    const std::string other = absl::StrReplaceAll(line, {{from, to}});
    EXPECT_NE(other, line) << from;
    return other;
  };
  const std::string kLines[] = {
      "",
      "[]",
      "null",
      line + "\n",
      line + line,
      " " + line,
      line.substr(0, line.size() - 1),
      with(R"("kind":"batch")", R"("kind":"botch")"),
      with(R"("kind":"batch")", R"("kind":"batch","kind":"batch")"),
      with(R"("kind":"batch")", R"("kind":"batch","extra":1)"),
      with(R"("kind":"batch")", R"("kind": "batch")"),
      with(R"("kind":"batch",)", ""),
      with(R"("kind":"batch")", R"("kind":7)"),
      with(R"("operation":"disclosure")", R"("operation":"theft")"),
      with(R"("outcome":"deny")", R"("outcome":"maybe")"),
      with(R"("outcome":"deny")", R"("outcome":"allow")"),
      with(R"("version":3)", R"("version":3.0)"),
      with(R"("version":3)", R"("version":-3)"),
      with(R"("version":3)", R"("version":4294967299)"),
      with(R"("version":3)", R"("version":"3")"),
      with(R"("records":5000)", R"("records":0)"),
      with("00:00.123Z", "00:00.1230Z"),
      with("00:00.123Z", "00:00.123+00:00"),
      with("2026-12-01", "2026-13-01"),
      with("a5a5", "A5A5"),
      with("NW/1", R"(NW\/1)"),
      with("résumé", R"(r\u00e9sum\u00e9)"),
      with("NW/1", "\xC0\x80"),
      with(R"("chunks":"5","epoch":"1")", R"("epoch":"1","chunks":"5")"),
      with(R"("chunks":"5")", R"("chunks":5)"),
      with(R"("flow":"analysis")", R"("flow":"")"),
      with(R"({"code":"NOT_BUILT"})", R"({"code":"NOT_BUILT","x":"y"})"),
      with(R"({"code":"NOT_BUILT"})", R"("NOT_BUILT")"),
      std::string(kMaxEntryBytes + 1, ' '),
      std::string(kMaxEntryBytes, '['),
  };
  for (const std::string& other : kLines) {
    EXPECT_EQ(ParseEntry(other).status().code(),
              absl::StatusCode::kInvalidArgument)
        << other;
  }
}

TEST(LedgerEntry, NoChangedBitReadsAsTheSameEntry) {
  const LedgerEntry entry = FullEntry();
  const std::string line = *SerialiseEntry(entry);
  for (size_t i = 0; i < line.size() * 8; ++i) {
    std::string other = line;
    other[i / 8] ^= char(1 << (i % 8));
    const auto parsed = ParseEntry(other);
    EXPECT_FALSE(parsed.ok() && *parsed == entry) << i;
  }
}

TEST(LedgerEntry, FittingLeavesAGoodEntryAlone) {
  EXPECT_EQ(FitEntry(FullEntry()), FullEntry());
}

TEST(LedgerEntry, FittingMakesAnyEntryWritable) {
  LedgerEntry entry = FullEntry();
  entry.fields_omitted = 0;
  entry.flow = std::string(100000, '"');
  entry.purpose = "a\x1B[2J\xFF" + std::string(299, 'p') + "é";
  entry.subject = "not hexadecimal";
  entry.fields.assign(20000, "f\\");
  entry.accompanying["\n"] = std::string(400, '\\');
  const LedgerEntry fitted = FitEntry(entry);
  const auto line = SerialiseEntry(fitted);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_GT(line->size(), kMaxEntryBytes - 60) << "cut more than it must";
  EXPECT_EQ(fitted.fields.size() + fitted.fields_omitted, 20000u);
  EXPECT_EQ(fitted.purpose, "a?[2J?" + std::string(294, 'p'));
  EXPECT_EQ(fitted.subject, "");
  EXPECT_EQ(fitted.accompanying.count("?"), 1u);
  EXPECT_EQ(fitted.reasons, entry.reasons);
}

TEST(LedgerEntry, FittingKeepsTheFirstReasonAtWorst) {
  LedgerEntry entry = FullEntry();
  const std::string worst(300, '"');
  for (std::string* text :
       {&entry.agreement, &entry.flow, &entry.purpose, &entry.method,
        &entry.dataset, &entry.sender, &entry.recipient, &entry.actor}) {
    *text = worst;
  }
  entry.reasons.assign(50, {"FIELD_NOT_RELEASED", worst});
  for (char c = 'a'; c < 'z'; ++c) {
    entry.detail[std::string(1, c)] = worst;
    entry.accompanying[std::string(1, c)] = worst;
  }
  const LedgerEntry fitted = FitEntry(entry);
  ASSERT_TRUE(SerialiseEntry(fitted).ok());
  ASSERT_FALSE(fitted.reasons.empty());
  EXPECT_EQ(fitted.reasons[0], entry.reasons[0]);
  EXPECT_FALSE(fitted.accompanying.empty());
}

}  // namespace
}  // namespace entente::policy
