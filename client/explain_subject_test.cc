#include "client/explain_subject.h"

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"
#include "policy/text.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::Not;

VerifiedDocument Document() {
  const policy::CheckResult checked =
      policy::Check("", policy::SmallDocument());
  VerifiedDocument document;
  document.compiled = *policy::CompiledAgreement::Create(
      *checked.agreement, crypto::Sha256(checked.canonical));
  document.digest = checked.digest;
  document.signatures = {{"north-police", "Chief", "north-chief", "aa"}};
  document.missing = {"west-police: west-chief"};
  document.state = "proposed";
  return document;
}

TEST(VerificationInWords, SaysWhoSignedAndWhoDidNot) {
  const std::string words = VerificationInWords(Document(), "");
  EXPECT_THAT(words, HasSubstr("signed by north-police: north-chief, Chief"));
  EXPECT_THAT(words, HasSubstr("- not signed by west-police: west-chief\n"));
  EXPECT_THAT(words, HasSubstr("no entry of a ledger says"));
  EXPECT_THAT(words, Not(HasSubstr("manifest")));
}

TEST(VerificationInWords, TellsWhatIsProvedFromWhatTheBrokerSays) {
  VerifiedDocument document = Document();
  document.missing.clear();
  document.activation.emplace().index = 4;
  document.state = "act\x1b[2Jive";
  const std::string words = VerificationInWords(document, std::string(64, 'b'));
  EXPECT_THAT(words, HasSubstr("activated by entry 4 of its ledger"));
  EXPECT_THAT(words, HasSubstr("manifest\n"));
  EXPECT_THAT(words, HasSubstr(std::string(64, 'b')));
  EXPECT_THAT(words, HasSubstr("The broker's word alone"));
  EXPECT_THAT(words, Not(HasSubstr("\x1b")));
  for (const absl::string_view line : absl::StrSplit(words, '\n')) {
    EXPECT_LE(policy::CountCharacters(line), 84u) << line;
  }
}

}  // namespace
}  // namespace entente::client
