#include "certs/key_manifest.h"

#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

constexpr char kAgreement[] = "isa-example";

DomainKey Domain(const std::string& agency, crypto::Role role) {
  const auto key = *crypto::SecretScalar::Random();
  return {agency, role, *crypto::MulBase(key),
          *crypto::ProvePossession(
              key, *crypto::OwnerOfK({kAgreement, agency, role, 1}))};
}

EdgeKey Edge(const std::string& sender, const std::string& recipient) {
  const auto key = *crypto::SecretScalar::Random();
  return {sender, recipient, *crypto::MulBase(key),
          *crypto::ProvePossession(
              key, *crypto::OwnerOfX({kAgreement, sender, recipient, 1}))};
}

KeyManifest Sample() {
  return {kAgreement,
          1,
          std::string(64, 'a'),
          1,
          {{"a1", std::string(64, 'b')}, {"b1", std::string(64, 'c')}},
          {Domain("a1", crypto::Role::kMatching),
           Domain("b1", crypto::Role::kMatching)},
          {Edge("a1", "b1")}};
}

NeededKeys Needed() {
  return {{"a1", "b1"},
          {{"a1", crypto::Role::kMatching}, {"b1", crypto::Role::kMatching}},
          {{"a1", "b1"}}};
}

absl::StatusOr<KeyManifest> Reread(const KeyManifest& manifest) {
  const auto text = PrintKeyManifest(manifest);
  if (!text.ok()) return text.status();
  return ParseKeyManifest(crypto::AsBytes(*text));
}

TEST(KeyManifest, RoundTripsAndIsComplete) {
  const KeyManifest manifest = Sample();
  const auto read = Reread(manifest);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*PrintKeyManifest(*read), *PrintKeyManifest(manifest));
  EXPECT_TRUE(CheckComplete(*read, Needed()).ok());
  EXPECT_NE(read->FindDomain("a1", crypto::Role::kMatching), nullptr);
  EXPECT_EQ(read->FindDomain("a1", crypto::Role::kSealed), nullptr);
  EXPECT_NE(read->FindEdge("a1", "b1"), nullptr);
  EXPECT_EQ(read->FindEdge("b1", "a1"), nullptr);
}

TEST(KeyManifest, RefusesEveryKeyWithoutItsOwnProof) {
  KeyManifest swapped = Sample();
  std::swap(swapped.domains[0].key, swapped.domains[1].key);
  EXPECT_FALSE(Reread(swapped).ok());
  KeyManifest edge = Sample();
  edge.edges[0].proof = edge.domains[0].proof;
  EXPECT_FALSE(Reread(edge).ok());
  KeyManifest moved = Sample();
  moved.epoch = 2;
  EXPECT_FALSE(Reread(moved).ok());
  KeyManifest elsewhere = Sample();
  elsewhere.agreement = "isa-another";
  EXPECT_FALSE(Reread(elsewhere).ok());
  KeyManifest role = Sample();
  role.domains[1].role = crypto::Role::kSealed;
  EXPECT_FALSE(Reread(role).ok());
}

TEST(KeyManifest, RefusesRepeatedAndUnorderedKeys) {
  KeyManifest repeated = Sample();
  repeated.domains.push_back(repeated.domains.back());
  EXPECT_FALSE(PrintKeyManifest(repeated).ok());
  KeyManifest unordered = Sample();
  std::swap(unordered.domains[0], unordered.domains[1]);
  EXPECT_FALSE(PrintKeyManifest(unordered).ok());
}

TEST(KeyManifest, RefusesOtherBytes) {
  const std::string text = *PrintKeyManifest(Sample());
  for (const std::string& bad :
       {std::string("{}"), std::string("[]"), text + "\n",
        text.substr(0, text.size() - 1)}) {
    EXPECT_FALSE(ParseKeyManifest(crypto::AsBytes(bad)).ok());
  }
}

TEST(CheckComplete, NamesWhatIsMissingOrTooMuch) {
  const KeyManifest manifest = Sample();
  NeededKeys more = Needed();
  more.edges.push_back({"b1", "a1"});
  EXPECT_FALSE(CheckComplete(manifest, more).ok());
  more = Needed();
  more.domains.push_back({"b1", crypto::Role::kSealed});
  EXPECT_FALSE(CheckComplete(manifest, more).ok());
  more = Needed();
  more.agencies.push_back("c1");
  EXPECT_FALSE(CheckComplete(manifest, more).ok());
  NeededKeys less = Needed();
  less.edges.clear();
  EXPECT_FALSE(CheckComplete(manifest, less).ok());
}

}  // namespace
}  // namespace entente::certs
