// Identifiers, values, references and pseudonyms are sent through every path,
// and then looked for in everything that the broker keeps, says or remembers.
#include "tests/canary/canary.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tests/world/agreed_pair.h"

namespace entente::canary {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using world::kAgreement;
using world::kLeft;
using world::kPurpose;

constexpr char kIdentifier[] = "9434765919";
constexpr char kOther[] = "9434760003";
constexpr char kValue[] = "canary of a value 7Q3X9Z";
constexpr char kReference[] = "canary-reference-51c7";
constexpr char kBadRow[] = "canary-in-a-bad-row-88";

TEST(CanaryFormsTest, FindsASecretInEveryFormAndAtEveryOffset) {
  const std::vector<std::string> forms = FormsOf(kValue);
  for (const std::string before : {"", "a", "ab", "abc"}) {
    const std::string text = absl::StrCat(before, kValue, "xyz");
    EXPECT_NE(FindIn(text, forms), "");
    std::string wide;
    for (const char c : text) wide.append({c, '\0'});
    EXPECT_NE(FindIn(wide, forms), "");
  }
  EXPECT_EQ(FindIn("canary of a value 7Q3X9", forms), "");
}

TEST(CanaryFormsTest, FindsASecretInThisProcess) {
  std::string secret = absl::StrCat("in ", "memory ", getpid(), " of this");
  uint64_t bytes = 0;
  const auto found = FindInMemory(getpid(), {secret}, &bytes);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, secret);
}

class Canary : public world::AgreedPair {
 protected:
  // Everything that may lie at the broker: data folder, log, memory; and what
  // others may mirror of it.
  void ExpectNowhere(const std::string& secret) {
    SCOPED_TRACE(secret);
    const std::vector<std::string> forms = FormsOf(secret);
    EXPECT_THAT(FilesWith(world_.Path("operator"), forms), IsEmpty());
    EXPECT_THAT(FilesWith(world_.Path("mirrors"), forms), IsEmpty());
    EXPECT_EQ(FindIn(world_.broker->Said(), forms), "");
    uint64_t bytes = 0;
    const auto memory = FindInMemory(world_.broker->pid(), forms, &bytes);
    if (absl::IsPermissionDenied(memory.status())) {
      std::cout << "CANARY: the broker's memory was not searched: "
                << memory.status().message() << "\n";
      return;
    }
    ASSERT_TRUE(memory.ok()) << memory.status();
    EXPECT_EQ(*memory, "");
    EXPECT_GT(bytes, uint64_t{1} << 20);
  }
  std::string Write(const std::string& name, const std::string& rows) {
    std::ofstream(world_.Path(name)) << rows;
    return world_.Path(name);
  }
  json Send(const std::string& file, const std::string& flow,
            const std::string& purpose, int exit) {
    return Run(Left(),
               {"send", "--agreement", kAgreement, "--flow", flow, "--purpose",
                purpose, file},
               exit);
  }
};

TEST_F(Canary, NothingOfARecordIsLeftAtTheBroker) {
  const std::string people =
      Write("people.csv",
            absl::StrCat("person,offence,reference\n", kIdentifier, ",28A,",
                         kReference, "\n", kOther, ",29,", kReference, "-2\n"));
  Enrol(Left());
  Enrol(Right());
  const std::string rows = Write(
      "rows.csv", absl::StrCat("person,offence\n", kIdentifier, ",", kValue,
                               "\n", kOther, ",", kValue, " again\n"));
  // Allowed; refused for its purpose, its flow, its quota; with bad rows.
  EXPECT_EQ(Send(rows, "persons", kPurpose, 0).value("sent", 0), 2);
  Send(rows, "persons", "another-purpose", 3);
  Send(rows, "patrols", "tasking-analysis", 0);
  Send(Write("more.csv",
             absl::StrCat("person,offence\n", kIdentifier, ",", kValue, " 3\n",
                          kOther, ",", kValue, " 4\n")),
       "patrols", "tasking-analysis", 3);
  const auto bad = world_.RunEntente(
      Left(), {"send", "--agreement", kAgreement, "--flow", "persons",
               "--purpose", kPurpose,
               Write("bad.csv", absl::StrCat("person,offence\n", kBadRow, ",",
                                             kValue, " 5\n"))});
  ASSERT_TRUE(bad.ok()) << bad.status();
  EXPECT_NE(bad->exit_code, 0);
  // Received and acknowledged, and some left waiting.
  const json got = Run(Right(), {"receive", "--agreement", kAgreement, "--out",
                                 world_.Path("inbox")});
  EXPECT_GE(got.value("received", 0), 2) << got.dump();
  std::ofstream(world_.Path("rows.csv"))
      << "person,offence\n"
      << kIdentifier << "," << kValue << " waiting\n";
  Send(rows, "persons", kPurpose, 0);
  Run(world_.Profile(kLeft, "auditor"),
      {"audit", "mirror", world_.Path("mirrors/pact"), "--agreement",
       kAgreement});
  Run(world_.Profile(kLeft, "auditor"),
      {"audit", "mirror", world_.Path("mirrors/own")});

  // The canaries did arrive where they should.
  EXPECT_THAT(FilesWith(world_.Path("inbox"), {kValue}), Not(IsEmpty()));
  for (const char* secret :
       {kIdentifier, kOther, kValue, kReference, kBadRow}) {
    ExpectNowhere(secret);
  }
  // The pseudonyms that the recipient prints.
  const std::regex printed("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}");
  int pseudonyms = 0;
  for (const auto& at :
       std::filesystem::recursive_directory_iterator(world_.Path("inbox"))) {
    if (!at.is_regular_file()) continue;
    std::ifstream in(at.path());
    std::stringstream content;
    content << in.rdbuf();
    const std::string text = content.str();
    for (std::sregex_iterator found(text.begin(), text.end(), printed), end;
         found != end; ++found) {
      ++pseudonyms;
      ExpectNowhere(found->str());
    }
  }
  EXPECT_GE(pseudonyms, 2);
}

}  // namespace
}  // namespace entente::canary
