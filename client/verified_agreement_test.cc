#include "client/verified_agreement.h"

#include <gmock/gmock.h>

#include "client/fake_system.h"
#include "crypto/dsse.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);

TEST(FetchVerifiedTest, AnHonestBrokerPassesAndIsPinned) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  const auto verified = north.Fetch();
  ASSERT_TRUE(verified.ok()) << Told(verified.status());
  EXPECT_EQ(verified->id(), kPact);
  EXPECT_EQ(verified->version, 1u);
  EXPECT_EQ(crypto::AsText(verified->document), broker.document);
  EXPECT_THAT(verified->MatchingAgencies(), ElementsAre(kEast, kNorth, kWest));
  EXPECT_EQ(verified->bundles.size(), 3u);
  EXPECT_NE(verified->FindFlow("crimes-west"), nullptr);
  EXPECT_EQ(verified->FindFlow("nothing"), nullptr);
  EXPECT_EQ(verified->FindBundle("nobody"), nullptr);
  EXPECT_EQ(verified->FindBundle(kWest)->batch_key,
            broker.agency(kWest).profile().BatchKey()->public_key());
  EXPECT_TRUE(north.store().knowledge().PinnedManifest(kPact)->has_value());
  EXPECT_EQ(north.view().Known()->size, broker.ledger().tree().size());
  EXPECT_TRUE(north.Fetch().ok()) << "again";
}

TEST(FetchVerifiedTest, WithoutAStoreNothingIsPinned) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  EXPECT_TRUE(
      FetchVerified(north.link(), north.profile(), nullptr, kPact, 1).ok());
  EXPECT_FALSE(north.store().knowledge().PinnedManifest(kPact)->has_value());
  EXPECT_TRUE(broker.get_entry.calls.empty());
}

struct Lie {
  std::string name;
  FakeBrokerPlan plan;
  std::function<void(FakeBroker&)> tell = [](FakeBroker&) {};
  std::string found;  // a part of what the client says
};

std::string Resigned(const std::string& payload, const FakeHolder& holder) {
  return crypto::PrintEnvelope(*certs::SignDocument(certs::kAgreementType,
                                                    crypto::AsBytes(payload),
                                                    holder.key, holder.chain));
}

void AlterActivation(FakeBroker& broker,
                     std::function<void(v1::Receipt*)> alter) {
  broker.get_agreement.alter = [alter](const auto&, auto* response) {
    alter(response->mutable_activation());
  };
  // The entry is fetched once more, with a proof from what is known.
  broker.get_entry.alter = [alter](const auto& request, auto* response) {
    if (request.index() == 1) alter(response->mutable_receipt());
  };
}

// An entry of the ledger that an honest broker would not show for this.
void ShowEntry(FakeBroker& broker,
               std::function<void(policy::LedgerEntry&)> alter) {
  policy::LedgerEntry entry = *policy::ParseEntry(broker.ledger().entry(1));
  alter(entry);
  const uint64_t index = broker.Write(kPact, entry);
  broker.get_agreement.alter = [&broker, index](const auto&, auto* response) {
    *response->mutable_activation() = broker.Receipt(kPact, index);
  };
}

std::vector<Lie> DocumentLies() {
  return {
      {"AlteredByte", {}, [](auto& b) { b.document[20] ^= 1; }, ""},
      {"AlteredWord",
       {},
       [](auto& b) {
         b.document.replace(b.document.find("Burglary"), 8, "Robberyy");
       },
       "activation is that of another version"},
      {"NotCanonical", {}, [](auto& b) { b.document += " "; }, "not what it"},
      {"AnotherId",
       {.replaced = {{"id: isa-small", "id: isa-other"}}},
       [](auto&) {},
       "the broker sent isa-other version 1"},
      {"AnotherBroker",
       {.replaced = {{"name: broker.example", "name: broker.other"}}},
       [](auto&) {},
       "another broker than the profile"},
      {"AnotherLedgerKey",
       {},
       [](auto& b) {
         const std::string member = "\"ledger_key\":\"";
         b.document.replace(b.document.find(member) + member.size(), 44,
                            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
       },
       "another ledger key"},
      {"MissingSignature",
       {},
       [](auto& b) { b.envelopes.pop_back(); },
       "active without the signature of"},
      {"NoSignatureAtAll",
       {},
       [](auto& b) { b.envelopes.clear(); },
       "active without the signature of"},
      {"DuplicateSignature",
       {},
       [](auto& b) { b.envelopes.push_back(b.envelopes[0]); },
       "signed twice"},
      {"SignatureOnAnotherDocument",
       {},
       [](auto& b) {
         b.envelopes[0] =
             Resigned(b.document + " ", b.agency(kNorth).signatory());
       },
       "on another document"},
      {"SignatureOfAnotherAgencyInItsPlace",
       {},
       [](auto& b) {
         b.envelopes[0] = Resigned(b.document, b.agency(kWest).signatory());
       },
       "signed twice"},
      {"SignerWithoutALine",
       {},
       [](auto& b) {
         b.envelopes.push_back(Resigned(
             b.document, b.agency(kNorth).Issue("signatory", "nobody")));
       },
       "signed and has no line"},
      {"SignedByASystem",
       {},
       [](auto& b) {
         b.envelopes[0] = Resigned(b.document, b.agency(kNorth).system());
       },
       "signatory"},
      {"SignerOfAForeignRoot",
       {},
       [](auto& b) {
         // The right name, from a root of somebody else's.
         const FakeAgency twin(kNorth, b.now);
         b.envelopes[0] = Resigned(b.document, twin.signatory());
       },
       ""},
      {"SignerThatIsNoParty",
       {},
       [](auto& b) {
         const FakeAgency stranger("south-police", b.now);
         b.envelopes.push_back(Resigned(b.document, stranger.signatory()));
       },
       "is no party"},
      {"SignerLapsedByActivation",
       {},
       [](auto& b) {
         b.envelopes[0] =
             Resigned(b.document,
                      b.agency(kNorth).Issue("signatory", "north-chief",
                                             b.now - kDay * 60, b.now - kDay));
       },
       "expired"},
      {"EnvelopeThatIsNone",
       {},
       [](auto& b) { b.envelopes[0] = "{}"; },
       "not what it claims"},
  };
}

std::vector<Lie> ReceiptLies() {
  using policy::LedgerEntry;
  return {
      {"ForgedProof",
       {},
       [](auto& b) {
         AlterActivation(b, [](v1::Receipt* r) {
           // A letter of the inclusion proof, in the fourth line.
           std::string& proof = *r->mutable_proof();
           size_t at = 0;
           for (int line = 0; line < 2; ++line) at = proof.find('\n', at) + 1;
           proof[at] = proof[at] == 'A' ? 'B' : 'A';
         });
       },
       "receipt"},
      {"AlteredEntry",
       {},
       [](auto& b) {
         AlterActivation(
             b, [](v1::Receipt* r) { (*r->mutable_entry())[20] ^= 1; });
       },
       "does not prove its entry"},
      {"NoProof",
       {},
       [](auto& b) {
         AlterActivation(b, [](v1::Receipt* r) { r->clear_proof(); });
       },
       "no receipt"},
      {"AnotherEntry",
       {},
       [](auto& b) {
         b.get_agreement.alter = [&b](const auto&, auto* response) {
           *response->mutable_activation() = b.Receipt(kPact, 0);
         };
       },
       "wanted an allowed agreement_activated"},
      {"EntryOfAnotherKind",
       {},
       [](auto& b) {
         ShowEntry(b, [](LedgerEntry& e) {
           e.kind = policy::EntryKind::kAgreementSigned;
         });
       },
       "wanted an allowed agreement_activated"},
      {"EntryThatRefuses",
       {},
       [](auto& b) {
         ShowEntry(b, [](LedgerEntry& e) {
           e.outcome = policy::Outcome::kDeny;
           e.reasons = {{"NO_KEY_BUNDLE", ""}};
         });
       },
       "wanted an allowed agreement_activated"},
      {"EntryOfAnotherDigest",
       {},
       [](auto& b) {
         ShowEntry(b, [](LedgerEntry& e) { e.digest = std::string(64, '0'); });
       },
       "activation is that of another version"},
      {"EntryOfAnotherVersion",
       {},
       [](auto& b) { ShowEntry(b, [](LedgerEntry& e) { e.version = 2; }); },
       "activation is that of another version"},
      {"EntryOfAnotherAgreement",
       {},
       [](auto& b) {
         ShowEntry(b, [](LedgerEntry& e) { e.agreement = "isa-big"; });
       },
       "activation is that of another version"},
      {"EntryOfTheBrokersOwnLedger",
       {},
       [](auto& b) {
         b.get_agreement.alter = [&b](const auto&, auto* response) {
           *response->mutable_activation() = b.Receipt("broker", 1);
         };
         b.get_entry.alter = [&b](const auto&, auto* response) {
           *response->mutable_receipt() = b.Receipt("broker", 1);
         };
       },
       "of another ledger"},
  };
}

std::vector<Lie> KeyLies() {
  using certs::KeyBundle;
  using certs::KeyManifest;
  const auto twist = [](crypto::PossessionProof& proof) { proof[0] ^= 1; };
  return {
      {"ManifestWithAnotherDigest",
       {},
       [](auto& b) {
         b.get_manifest.alter = [](const auto&, auto* response) {
           std::string& bytes = *response->mutable_manifest();
           bytes.replace(bytes.find("\"epoch\":1"), 9, "\"epoch\":2");
         };
       },
       "the ledger names another key manifest"},
      {"ManifestOfAnotherAgreement",
       {.manifest = [](KeyManifest& m) { m.agreement = "isa-big"; }},
       [](auto&) {},
       "proof of possession"},
      {"ManifestOfAnotherDocument",
       {.manifest =
            [](KeyManifest& m) { m.agreement_digest = std::string(64, 'a'); }},
       [](auto&) {},
       "another version"},
      {"BadProofOfADomain",
       {.manifest = [twist](KeyManifest& m) { twist(m.domains[1].proof); }},
       [](auto&) {},
       "proof"},
      {"BadProofOfAnEdge",
       {.manifest = [twist](KeyManifest& m) { twist(m.edges[0].proof); }},
       [](auto&) {},
       "proof"},
      {"MissingDomain",
       {.manifest = [](KeyManifest& m) { m.domains.pop_back(); }},
       [](auto&) {},
       "west-police"},
      {"MissingEdge",
       {.manifest = [](KeyManifest& m) { m.edges.pop_back(); }},
       [](auto&) {},
       "west-police"},
      {"MissingBundle",
       {.manifest = [](KeyManifest& m) { m.bundles.erase(kEast); }},
       [](auto&) {},
       "east-police"},
      {"BundleWithAnotherDigest",
       {},
       [](auto& b) {
         b.get_bundle.alter = [&b](const auto& request, auto* response) {
           if (request.agency() != kWest) return;
           for (const auto& [digest, envelope] : b.bundles) {
             if (digest == b.manifest().bundles.at(kEast)) {
               response->set_envelope(envelope);
             }
           }
         };
       },
       "the key manifest lists another bundle of west-police"},
      {"BundleOfAnotherAgency",
       {.manifest =
            [](KeyManifest& m) { m.bundles[kWest] = m.bundles[kEast]; }},
       [](auto&) {},
       "the bundle of west-police"},
      {"BundleSignedByASystem",
       {.endorser = [](const FakeAgency& a) { return a.Issue("system", "x"); }},
       [](auto&) {},
       "the bundle of"},
      {"BundleSignedByAnotherRoot",
       {.endorser =
            [](const FakeAgency& a) {
              return FakeAgency(a.name(), absl::FromUnixSeconds(1795000000))
                  .Issue("signatory", "north-chief");
            }},
       [](auto&) {},
       "the bundle of"},
      // An old key of a signatory's, and a bundle that says it is as old.
      {"BundleBackdatedIntoALapsedCertificate",
       {.endorser =
            [](const FakeAgency& a) {
              const absl::Time now = absl::FromUnixSeconds(1795000000);
              return a.Issue("signatory", "old-chief", now - kDay * 90,
                             now - kDay * 10);
            }},
       [](auto&) {},
       "was not endorsed by a certificate that counted when the key manifest"},
      {"OwnBundleIsNotTheProfiles",
       {.bundle =
            [](KeyBundle& k) {
              if (k.agency == kNorth) k.kem_key[0] ^= 1;
            }},
       [](auto&) {},
       "does not hold this profile's keys"},
      {"OwnBatchKeyIsNotTheProfiles",
       {.bundle =
            [](KeyBundle& k) {
              if (k.agency != kNorth) return;
              k.batch_key = crypto::SigningKey::Generate()->public_key();
            }},
       [](auto&) {},
       "does not hold this profile's keys"},
      {"OwnYIsNotTheProfiles",
       {.bundle =
            [](KeyBundle& k) {
              if (k.agency != kNorth) return;
              const auto y = *crypto::SecretScalar::Random();
              k.y = *crypto::MulBase(y);
              k.y_proof =
                  *crypto::ProvePossession(y, *crypto::OwnerOfY(kNorth));
            }},
       [](auto&) {},
       "does not hold this profile's keys"},
      {"ManifestEntryOfAnotherManifest",
       {.entry =
            [](policy::LedgerEntry& e) {
              if (e.manifest.empty()) return;
              e.manifest[0] = e.manifest[0] == '0' ? '1' : '0';
            }},
       [](auto&) {},
       ""},
  };
}

class LieTest : public testing::TestWithParam<Lie> {};

TEST_P(LieTest, IsFoundAndNothingIsPinned) {
  FakeBroker broker(GetParam().plan);
  if (testing::Test::HasFailure()) return;
  FakeSystem north(&broker, kNorth);
  GetParam().tell(broker);
  const auto verified = north.Fetch();
  ASSERT_FALSE(verified.ok());
  EXPECT_TRUE(absl::IsDataLoss(verified.status())) << Told(verified.status());
  EXPECT_THAT(Told(verified.status()), HasSubstr("exit 6"));
  EXPECT_THAT(Told(verified.status()), HasSubstr(GetParam().found));
  EXPECT_FALSE(north.store().knowledge().PinnedManifest(kPact)->has_value());
}

constexpr auto kName = [](const auto& test) { return test.param.name; };
INSTANTIATE_TEST_SUITE_P(Document, LieTest, testing::ValuesIn(DocumentLies()),
                         kName);
INSTANTIATE_TEST_SUITE_P(Receipt, LieTest, testing::ValuesIn(ReceiptLies()),
                         kName);
INSTANTIATE_TEST_SUITE_P(Keys, LieTest, testing::ValuesIn(KeyLies()), kName);

TEST(FetchVerifiedTest, EveryAlteredByteOfTheDocumentIsFound) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  const std::string honest = broker.document;
  for (size_t i = 0; i < honest.size(); i += 97) {
    broker.document[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(north.Fetch().status())) << i;
    broker.document = honest;
  }
}

TEST(FetchVerifiedTest, AnotherHistoryOfTheLedgerIsFound) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  ASSERT_TRUE(north.Fetch().ok());
  const uint64_t seen = north.view().Known()->size;
  broker.ForkLedger();
  broker.Write(kPact, broker.Entry(policy::EntryKind::kKeyBundle));
  const auto forked = north.Fetch();
  EXPECT_THAT(Told(forked.status()), HasSubstr("does not continue"));
  EXPECT_TRUE(absl::IsDataLoss(forked.status()));
  EXPECT_EQ(north.view().Known()->size, seen);
  // Who comes fresh cannot know; the batches of the others will tell.
  FakeSystem west(&broker, kWest);
  EXPECT_TRUE(west.Fetch().ok());
}

TEST(FetchVerifiedTest, ANewerManifestIsPinnedAndAnOlderOneRefused) {
  FakeBroker broker;
  FakeSystem north(&broker, kNorth);
  v1::GetManifestResponse old;
  broker.get_manifest.alter = [&](const auto&, auto* r) { old = *r; };
  const std::string first = north.Deal().verified.manifest_digest;
  broker.get_manifest.alter = nullptr;
  certs::KeyBundle fresh = broker.agency(kWest).Bundle();
  fresh.not_after += kDay;
  broker.Publish(kWest, fresh, broker.agency(kWest).signatory());
  broker.MakeManifest(policy::EntryKind::kKeyManifest);
  const std::string second = north.Deal().verified.manifest_digest;
  EXPECT_NE(second, first);
  broker.get_manifest.alter = [&](const auto& request, auto* r) {
    if (request.manifest_digest().empty()) *r = old;
  };
  const auto back = north.Fetch();
  EXPECT_TRUE(absl::IsDataLoss(back.status()));
  EXPECT_THAT(Told(back.status()), HasSubstr("an older key manifest"));
  broker.get_manifest.alter = nullptr;
  EXPECT_EQ(north.Deal().verified.manifest_digest, second);
}

TEST(FetchVerifiedTest, APinnedBundleOutlivesItsEndorsersCertificate) {
  FakeBrokerPlan plan;
  plan.endorser = [&](const FakeAgency& agency) {
    return agency.Issue("signatory", "chief", plan.now - kDay * 40,
                        plan.now + kDay * 10);
  };
  FakeBroker broker(plan);
  FakeSystem west(&broker, kWest);
  ASSERT_TRUE(west.Fetch().ok());
  // Only north's bundle is new in the manifest of twenty days later.
  broker.now += kDay * 20;
  certs::KeyBundle fresh = broker.agency(kNorth).Bundle();
  fresh.not_after += kDay;
  broker.Publish(kNorth, fresh, broker.agency(kNorth).signatory());
  broker.MakeManifest(policy::EntryKind::kKeyManifest);
  EXPECT_TRUE(west.Fetch().ok()) << "west had verified the others before";
  FakeSystem east(&broker, kEast);
  const auto late = east.Fetch();
  EXPECT_THAT(Told(late.status()), HasSubstr("was not endorsed"));
  EXPECT_THAT(Told(late.status()), HasSubstr("entente keys publish"));
}

}  // namespace
}  // namespace entente::client
