#include "client/agreement_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "crypto/json.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

AgreementBundle Sample() {
  AgreementBundle bundle;
  bundle.agreement = "isa-small";
  bundle.version = 2;
  bundle.digest = std::string(64, 'a');
  bundle.document = R"({"id":"isa-small","title":"Café \"x\""})";
  bundle.signatures = {{{1, 2, 3}, "PEM one"}, {{4}, "PEM two"}};
  bundle.activation = {"isa-small.1", "an entry", "a proof\nof lines\n"};
  bundle.manifest = "{}";
  bundle.key_bundles = {{"north", "an envelope"}, {"west", "another"}};
  return bundle;
}

void ExpectUnread(const std::string& text, const std::string& why) {
  const auto read = ParseBundle(text);
  ASSERT_FALSE(read.ok()) << text;
  EXPECT_TRUE(absl::IsInvalidArgument(read.status()));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(why));
}

TEST(AgreementBundle, IsReadAsItWasWritten) {
  const auto read = ParseBundle(PrintBundle(Sample()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, Sample());
  AgreementBundle draft = Sample();
  draft.activation.reset();
  draft.manifest = "";
  draft.key_bundles.clear();
  const auto again = ParseBundle(PrintBundle(draft));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, draft);
}

TEST(AgreementBundle, SaysAtTheTopWhatItIs) {
  const std::string text = PrintBundle(Sample());
  EXPECT_EQ(text.find("{\n  \"schema\": \"entente-agreement-bundle/v1\",\n"
                      "  \"agreement\": \"isa-small\",\n  \"version\": 2,\n"),
            0u);
  EXPECT_EQ(text.back(), '\n');
}

TEST(AgreementBundle, BytesThatAreNoTextDoNotStopIt) {
  AgreementBundle bundle = Sample();
  bundle.activation->entry = "a\xff";
  const auto read = ParseBundle(PrintBundle(bundle));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->activation->entry, "a\uFFFD");
}

TEST(AgreementBundle, RefusesAMemberThatIsMissing) {
  const crypto::Json whole = *crypto::ParseJson(PrintBundle(Sample()));
  for (const auto& [key, value] : whole.items()) {
    crypto::Json less = whole;
    less.erase(key);
    // Without its activation it has members that nobody asked for.
    ExpectUnread(less.dump(), key == "activation" ? "unknown members" : key);
  }
  for (const char* key : {"signature", "chain"}) {
    crypto::Json less = whole;
    less["signatures"][1].erase(key);
    ExpectUnread(less.dump(), std::string("signatures[1].") + key);
  }
  for (const char* key : {"ledger", "entry", "proof"}) {
    crypto::Json less = whole;
    less["activation"].erase(key);
    ExpectUnread(less.dump(), std::string("activation.") + key);
  }
}

TEST(AgreementBundle, RefusesAMemberThatIsUnknownOrOfAnotherForm) {
  const crypto::Json whole = *crypto::ParseJson(PrintBundle(Sample()));
  for (const auto& [key, value] : whole.items()) {
    crypto::Json other = whole;
    other[key] = true;
    ExpectUnread(other.dump(), key);
  }
  crypto::Json more = whole;
  more["note"] = "x";
  ExpectUnread(more.dump(), "unknown members");
  more = whole;
  more["signatures"][0]["note"] = "x";
  ExpectUnread(more.dump(), "signatures[0] has unknown members");
  more = whole;
  more["activation"]["note"] = "x";
  ExpectUnread(more.dump(), "activation has unknown members");
  more = whole;
  more["signatures"][0] = "x";
  ExpectUnread(more.dump(), "signatures[0] is no object");
  more = whole;
  more["signatures"][0]["signature"] = "not base64!";
  ExpectUnread(more.dump(), "signatures[0].signature is not base64");
  more = whole;
  more["key_bundles"]["north"] = 1;
  ExpectUnread(more.dump(), "key_bundles.north is no text");
}

TEST(AgreementBundle, RefusesWhatIsNoBundle) {
  ExpectUnread("", "");
  ExpectUnread("[]", "is no object");
  ExpectUnread("id: isa-small\n", "");
  ExpectUnread(absl::StrReplaceAll(PrintBundle(Sample()), {{"/v1", "/v2"}}),
               "schema is not entente-agreement-bundle/v1");
  ExpectUnread(PrintBundle(Sample()) + "{}", "");
  ExpectUnread(std::string(kMaxAgreementBundleBytes + 1, ' '),
               "more than 4194304");
}

}  // namespace
}  // namespace entente::client
