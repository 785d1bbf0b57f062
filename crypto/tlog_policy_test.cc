#include "crypto/tlog_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "crypto/merkle.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string LogLine() {
  return absl::StrCat("log ", LogKey().ToString(), "\n");
}

std::string WitnessLines() {
  const std::vector<NoteKey> keys = WitnessKeys();
  return absl::StrCat("witness w1 ", keys[0].ToString(), "\nwitness w2 ",
                      keys[1].ToString(), " https://w2.example.net/\n");
}

// Witnesses of fresh keys, `names` of them, each a letter.
std::string FreshWitnesses(absl::string_view names) {
  std::string lines;
  for (const char name : names) {
    const NoteKey key =
        *NoteKey::Create("witness.example", NoteKeyType::kCosignature,
                         SigningKey::Generate()->public_key());
    absl::StrAppend(&lines, "witness ", std::string(1, name), " ",
                    key.ToString(), "\n");
  }
  return lines;
}

std::string ErrorOf(absl::string_view text) {
  const auto parsed = TlogPolicy::Parse(text);
  EXPECT_FALSE(parsed.ok()) << text;
  EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

TEST(TlogPolicy, ReadsLogsWitnessesAndComments) {
  const auto policy = TlogPolicy::Parse(absl::StrCat(
      "# who counts\n\n \t\nlog ", LogKey().ToString(),
      "\thttps://log.example/ # ours\n", WitnessLines(), "quorum none"));
  ASSERT_TRUE(policy.ok()) << policy.status();
  ASSERT_THAT(policy->logs(), SizeIs(1));
  EXPECT_EQ(policy->logs()[0].key.ToString(), LogKey().ToString());
  EXPECT_EQ(policy->logs()[0].url, "https://log.example/");
  ASSERT_THAT(policy->witnesses(), SizeIs(2));
  EXPECT_EQ(policy->witnesses()[0].name, "w1");
  EXPECT_EQ(policy->witnesses()[0].url, "");
  EXPECT_EQ(policy->witnesses()[1].url, "https://w2.example.net/");
  EXPECT_FALSE(policy->WantsWitnesses());
  EXPECT_TRUE(policy->IsQuorum({}));
}

TEST(TlogPolicy, CountsWhoIsNeeded) {
  const struct {
    const char* groups;
    const char* quorum;
    std::vector<const char*> enough;
    std::vector<const char*> not_enough;
  } cases[] = {
      {"", "a", {"a", "ab"}, {"", "b"}},
      {"group g any a b\n", "g", {"a", "b", "ab"}, {"", "c"}},
      {"group g all a b\n", "g", {"ab", "abc"}, {"", "a", "b", "ac"}},
      {"group g 2 a b c\n", "g", {"ab", "bc", "abc"}, {"", "a", "cd"}},
      {"group g any a b\ngroup h any c d\ngroup i all g h\n",
       "i",
       {"ac", "bd", "abcd"},
       {"", "ab", "cd", "a"}},
      {"group g all a b\ngroup h 1 g c\n", "h", {"c", "ab"}, {"a", "b", "d"}},
  };
  const std::string head = absl::StrCat(LogLine(), FreshWitnesses("abcd"));
  const auto set = [](absl::string_view letters) {
    std::set<std::string> names;
    for (const char letter : letters) names.insert(std::string(1, letter));
    return names;
  };
  for (const auto& one : cases) {
    const auto policy = TlogPolicy::Parse(
        absl::StrCat(head, one.groups, "quorum ", one.quorum, "\n"));
    ASSERT_TRUE(policy.ok()) << one.groups << policy.status();
    EXPECT_TRUE(policy->WantsWitnesses());
    for (const char* names : one.enough) {
      EXPECT_TRUE(policy->IsQuorum(set(names))) << one.groups << names;
    }
    for (const char* names : one.not_enough) {
      EXPECT_FALSE(policy->IsQuorum(set(names))) << one.groups << names;
    }
  }
}

TEST(TlogPolicy, NamesTheLineAndWhatIsWrong) {
  const std::string w = WitnessLines();
  const std::string log_vkey = LogKey().ToString();
  const std::string witness_vkey = WitnessKeys()[0].ToString();
  const std::string all = absl::StrCat(LogLine(), w);
  const std::pair<std::string, const char*> cases[] = {
      {"", "there is no line `log`"},
      {absl::StrCat(w, "quorum w1"), "there is no line `log`"},
      {all, "there is no line `quorum`"},
      {"logs x", "1: \"logs\" is not known"},
      {"\n\nlog", "3: expected: log <vkey> [url]"},
      {absl::StrCat("log ", log_vkey, " a b"), "expected: log"},
      {"log x", "1: "},
      {absl::StrCat("log ", witness_vkey), "not a log's key"},
      {absl::StrCat(LogLine(), LogLine()), "2: that key is above already"},
      {"witness w", "expected: witness <name> <vkey> [url]"},
      {absl::StrCat("witness w ", witness_vkey, " u v"), "expected: witness"},
      {absl::StrCat("witness w ", log_vkey), "not a witness's key"},
      {absl::StrCat(w, "witness w3 ", witness_vkey), "that key is above"},
      {absl::StrCat("witness none ", witness_vkey), "cannot be a name"},
      {absl::StrCat(w, FreshWitnesses("a"), FreshWitnesses("a")),
       "4: \"a\" is defined above already"},
      {absl::StrCat(w, "group w1 all w1 w2"), "\"w1\" is defined above"},
      {absl::StrCat(w, "group none all w1 w2"), "cannot be a name"},
      {absl::StrCat(w, "group g all"), "expected: group"},
      {absl::StrCat(w, "group g all w3"), "\"w3\" is not defined above"},
      {absl::StrCat(w, "group g all g"), "\"g\" is not defined above"},
      {absl::StrCat(w, "group g all w1 w1"), "\"w1\" is in a group already"},
      {absl::StrCat(w, "group g all w1\ngroup h all w1 w2"),
       "4: \"w1\" is in a group already"},
      {absl::StrCat(w, "group g 0 w1"), "expected all, any, or 1 to 1"},
      {absl::StrCat(w, "group g 3 w1 w2"), "expected all, any, or 1 to 2"},
      {absl::StrCat(w, "group g 01 w1"), "expected all"},
      {absl::StrCat(w, "group g most w1"), "expected all"},
      {absl::StrCat(all, "quorum"), "expected: quorum <name>|none"},
      {absl::StrCat(all, "quorum w1 w2"), "expected: quorum"},
      {absl::StrCat(all, "quorum g"), "4: \"g\" is not defined above"},
      {absl::StrCat(all, "quorum w1\nquorum none"), "5: a second quorum"},
  };
  for (const auto& [text, wrong] : cases) {
    EXPECT_THAT(ErrorOf(text), HasSubstr(wrong)) << text;
  }
}

TEST(TlogPolicy, ReadsNoMoreThanItsLimits) {
  EXPECT_THAT(ErrorOf(std::string(kMaxTlogPolicyBytes + 1, '#')),
              HasSubstr("too long"));
  std::string lines = absl::StrCat(LogLine(), FreshWitnesses("a"));
  for (size_t i = 1; i < kMaxTlogPolicyNames; ++i) {
    absl::StrAppend(&lines, "group g", i, " all ",
                    i == 1 ? std::string("a") : absl::StrCat("g", i - 1), "\n");
  }
  EXPECT_TRUE(TlogPolicy::Parse(absl::StrCat(lines, "quorum g99\n")).ok());
  EXPECT_THAT(ErrorOf(absl::StrCat(lines, "group more all g99\n")),
              HasSubstr("more than 100"));
}

TEST(TlogPolicy, OpensACheckpointWithItsQuorum) {
  const std::string note = ReadLogFile("log/checkpoint");
  for (const char* quorum : {"quorum none", "quorum w1", "quorum w2",
                             "group g all w1 w2\nquorum g"}) {
    const auto policy =
        TlogPolicy::Parse(absl::StrCat(LogLine(), WitnessLines(), quorum));
    ASSERT_TRUE(policy.ok()) << policy.status();
    const auto opened = policy->Open(note);
    ASSERT_TRUE(opened.ok()) << quorum << opened.status();
    EXPECT_EQ(opened->checkpoint.size, 1000u);
    EXPECT_THAT(opened->cosignatures, SizeIs(2));
  }
}

TEST(TlogPolicy, RefusesACheckpointWithoutItsQuorum) {
  Note note = *ParseNote(ReadLogFile("log/checkpoint"));
  note.signatures.resize(2);  // the log, w1
  const std::string text = *FormatNote(note);
  const std::string head = absl::StrCat(LogLine(), WitnessLines());
  EXPECT_TRUE(TlogPolicy::Parse(head + "quorum w1")->Open(text).ok());
  const auto refused =
      TlogPolicy::Parse(head + "group g all w1 w2\nquorum g")->Open(text);
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(": w2"));
}

TEST(TlogPolicy, RefusesBadSignaturesEvenIfTheRestIsAQuorum) {
  const auto policy =
      *TlogPolicy::Parse(absl::StrCat(LogLine(), WitnessLines(), "quorum w1"));
  for (size_t line : {size_t{0}, size_t{1}, size_t{2}}) {
    Note note = *ParseNote(ReadLogFile("log/checkpoint"));
    note.signatures[line].signature[20] ^= 1;
    EXPECT_EQ(policy.Open(*FormatNote(note)).status().code(),
              StatusCode::kDataLoss)
        << line;
  }
}

TEST(TlogPolicy, RefusesCheckpointsOfOtherLogs) {
  const SigningKey key = *SigningKey::Generate();
  const std::string other =
      *SignCheckpoint({"other.example/log", 0, EmptyRoot()}, key);
  const auto policy = *TlogPolicy::Parse(LogLine() + "quorum none");
  EXPECT_EQ(policy.Open(other).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(policy.Open("no note").status().code(),
            StatusCode::kInvalidArgument);
  const std::string no_checkpoint =
      *SignNote("hello\n", LogKey().name(), LogSigningKey());
  EXPECT_EQ(policy.Open(no_checkpoint).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::crypto
