#include "broker/agreements_service.h"

#include "broker/agreement_loader.h"
#include "broker/mailbox_signal.h"
#include "broker/store/keys_table.h"
#include "broker/test_clauses.h"
#include "broker/test_partnership.h"
#include "certs/key_manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/canonical.h"

namespace entente::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

policy::LedgerEntry EntryOf(const v1::Receipt& receipt) {
  const auto entry = policy::ParseEntry(receipt.entry());
  EXPECT_TRUE(entry.ok()) << entry.status();
  return entry.value_or(policy::LedgerEntry());
}

certs::NeededKeys Needed() {
  using crypto::Role;
  return {{"north-police", "west-police"},
          {{"north-police", Role::kMatching}, {"west-police", Role::kMatching}},
          {{"north-police", "west-police"}}};
}

TEST(AgreementsService, TheLastSignatureActivatesWithACompleteManifest) {
  TestPartnership all;
  all.RegisterAll();
  const std::string document = all.Document();
  ASSERT_TRUE(all.Publish(all.north).ok());
  ASSERT_TRUE(all.Publish(all.west).ok());
  ASSERT_TRUE(all.Propose(all.north, document).ok());
  EXPECT_EQ(all.Get(all.panel)->state(), "proposed");
  v1::SignAgreementResponse signed_by;
  ASSERT_TRUE(all.Sign(all.north, document, &signed_by).ok());
  EXPECT_EQ(signed_by.state(), "signed");
  EXPECT_THAT(signed_by.missing(), ElementsAre("west-police: west-chief"));
  const absl::Status last = all.Sign(all.west, document, &signed_by);
  ASSERT_TRUE(last.ok()) << last;
  EXPECT_EQ(signed_by.state(), "active");
  EXPECT_THAT(signed_by.missing(), IsEmpty());

  const auto got = all.Get(all.panel);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->document(), document);
  EXPECT_EQ(got->envelopes_size(), 2);
  const policy::LedgerEntry activation = EntryOf(got->activation());
  EXPECT_EQ(activation.kind, policy::EntryKind::kAgreementActivated);
  EXPECT_EQ(activation.digest, policy::Digest(document));
  const auto manifest = all.Manifest(all.panel, got->manifest_digest());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->receipt().index(), got->activation().index());
  const auto parsed =
      certs::ParseKeyManifest(crypto::AsBytes(manifest->manifest()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(certs::CheckComplete(*parsed, Needed()).ok());
  EXPECT_EQ(parsed->agreement_digest, activation.digest);
}

TEST(AgreementsService, ANewBundleMakesANewManifest) {
  TestPartnership all;
  all.Activate();
  const auto before = all.Manifest(all.north);
  ASSERT_TRUE(all.Publish(all.west).ok());
  const auto after = all.Manifest(all.north);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_NE(before->manifest(), after->manifest());
  EXPECT_EQ(EntryOf(after->receipt()).kind, policy::EntryKind::kKeyManifest);
  const auto old = certs::ParseKeyManifest(crypto::AsBytes(before->manifest()));
  const auto now = certs::ParseKeyManifest(crypto::AsBytes(after->manifest()));
  EXPECT_EQ(old->bundles.at("north-police"), now->bundles.at("north-police"));
  EXPECT_NE(old->bundles.at("west-police"), now->bundles.at("west-police"));
  EXPECT_EQ(old->edges[0].key, now->edges[0].key);
}

TEST(AgreementsService, StartsOnItsFirstDay) {
  TestPartnership all;
  all.RegisterAll();
  const std::string document =
      all.Document({{"\"2026-11-01\"", "\"2026-12-01\""}});
  ASSERT_TRUE(all.Publish(all.north).ok());
  ASSERT_TRUE(all.Publish(all.west).ok());
  ASSERT_TRUE(all.Propose(all.west, document).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all.Sign(all.north, document, &response).ok());
  ASSERT_TRUE(all.Sign(all.west, document, &response).ok());
  EXPECT_EQ(response.state(), "signed");
  all.clock.Set(TestDay(12, 1) - absl::Milliseconds(1));
  ASSERT_TRUE(all.service->ActivateDue().ok());
  EXPECT_EQ(all.Get(all.north)->state(), "signed");
  all.clock.Set(TestDay(12, 1));
  ASSERT_TRUE(all.service->ActivateDue().ok());
  EXPECT_EQ(all.Get(all.north)->state(), "active");
  all.clock.Set(TestDay(11, 1, 2028));
  EXPECT_EQ(all.Get(all.north)->state(), "expired");
}

TEST(AgreementsService, ASignatureWhoseCertificateEndsBeforeTheStartIsNone) {
  for (const bool lasts : {false, true}) {
    TestPartnership all;
    all.RegisterAll();
    const std::string document =
        all.Document({{"\"2026-11-01\"", "\"2026-12-01\""}});
    // The half-open end of its validity is the start, or a day later.
    Person chief =
        all.Make("north-police", certs::Role::kSignatory, "north-chief");
    chief.certificate = *all.authorities.at("north-police")
                             .Issue({chief.caller.identity,
                                     {},
                                     {},
                                     TestDay(1, 1),
                                     TestDay(12, lasts ? 3 : 1)},
                                    chief.key);
    chief.caller.fingerprint = chief.certificate.Fingerprint();
    ASSERT_TRUE(all.Publish(all.north).ok());
    ASSERT_TRUE(all.Publish(all.west).ok());
    ASSERT_TRUE(all.Propose(all.west, document).ok());
    v1::SignAgreementResponse response;
    const absl::Status signed_once = all.Sign(chief, document, &response);
    ASSERT_TRUE(signed_once.ok()) << signed_once;
    ASSERT_TRUE(all.Sign(all.west, document, &response).ok());
    EXPECT_EQ(response.state(), "signed");
    all.clock.Set(TestDay(12, 2));
    ASSERT_TRUE(all.service->ActivateDue().ok());
    EXPECT_EQ(all.Get(all.west)->state(), lasts ? "active" : "signed");
  }
}

TEST(AgreementsService, AfterARestartTheRegisterIsTheSame) {
  TestPartnership all;
  all.Activate();
  const auto before = all.agreements.Get();
  PolicyRegister loaded;
  Context context = all.context;
  context.agreements = &loaded;
  ASSERT_TRUE(LoadAgreements(context).ok());
  const policy::AgreementRecord* record = loaded.Get()->Find("isa-small");
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->versions.at(1).activated);
  EXPECT_EQ(record->versions.at(1).agreement->document(),
            before->Find("isa-small")->versions.at(1).agreement->document());
}

TEST(AgreementsService, ANextVersionNamesTheOneBefore) {
  TestPartnership all;
  const std::string first = all.Activate();
  const std::string digest = policy::Digest(first);
  const auto next = [&](const std::string& previous) {
    return all.Document(
        {{"version: 1\n",
          absl::StrCat("version: 2\nprevious: \"", previous, "\"\n")}});
  };
  EXPECT_EQ(ReasonIn(all.Propose(all.north, next(std::string(64, 'a')))),
            "PREVIOUS_MISMATCH");
  const std::string second = next(digest);
  const absl::Status proposed = all.Propose(all.north, second);
  ASSERT_TRUE(proposed.ok()) << proposed;
  EXPECT_EQ(all.Get(all.west)->document(), first);
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all.Sign(all.north, second, &response, 2).ok());
  ASSERT_TRUE(all.Sign(all.west, second, &response, 2).ok());
  EXPECT_EQ(response.state(), "active");
  EXPECT_EQ(all.Get(all.west)->document(), second);
  EXPECT_EQ(all.Get(all.west, 1)->state(), "superseded");
}

TEST(AgreementsService, ABundleRenewsTheManifestsOfAHandoverToo) {
  TestPartnership all;
  const std::string first = all.Activate();
  const std::string second = all.Document(
      {{"version: 1\n", absl::StrCat("version: 2\nprevious: \"",
                                     policy::Digest(first), "\"\n")},
       {"  from: \"2026-11-01\"\n",
        "  from: \"2026-11-24\"\n  handover_days: 7\n"}});
  ASSERT_TRUE(all.Propose(all.north, second).ok());
  v1::SignAgreementResponse response;
  ASSERT_TRUE(all.Sign(all.north, second, &response, 2).ok());
  ASSERT_TRUE(all.Sign(all.west, second, &response, 2).ok());
  ASSERT_EQ(response.state(), "active");
  const auto newest = [&](uint32_t version) {
    std::vector<uint8_t> digest;
    EXPECT_TRUE(all.parts.store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      const auto row =
                          KeysTable(transaction)
                              .GetManifestInForce("isa-small", version);
                      if (!row.ok()) return row.status();
                      EXPECT_EQ(row->version, version == 0 ? 2 : version);
                      digest = row->digest;
                      return absl::OkStatus();
                    })
                    .ok());
    return digest;
  };
  const auto one = newest(1);
  const auto two = newest(2);
  ASSERT_TRUE(all.Publish(all.west).ok());
  EXPECT_NE(newest(1), one);
  EXPECT_NE(newest(2), two);
  EXPECT_EQ(newest(0), newest(2)) << "the version in force";
  const auto renewed = newest(1);
  // Once it is over, its keys are left alone.
  all.clock.Advance(absl::Hours(24 * 9));
  ASSERT_TRUE(all.Publish(all.west).ok());
  EXPECT_EQ(newest(1), renewed);
  EXPECT_NE(newest(2), two);
}

TEST(AgreementsService, AChangeWakesWhoWaitsForBatches) {
  TestPartnership all;
  MailboxSignal signal;
  all.context.mailboxes = &signal;
  all.Activate();
  std::vector<int64_t> first;
  const uint64_t id =
      signal.Watch("west-police", "isa-small",
                   [&](int64_t sequence) { first.push_back(sequence); });
  ASSERT_TRUE(ReloadAgreement(all.context, "isa-small").ok());
  EXPECT_EQ(first, std::vector<int64_t>{0}) << "all are to be looked at";
  signal.Unwatch(id);
  ASSERT_TRUE(ReloadAgreement(all.context, "isa-small").ok());
  EXPECT_EQ(first.size(), 1u);
}

TEST(AgreementsService, RefusesProposalsForTheirReason) {
  TestPartnership all;
  all.RegisterAll();
  const std::string document = all.Document();
  EXPECT_EQ(ReasonIn(all.Propose(all.north, "{}")), "DOCUMENT_REFUSED");
  EXPECT_EQ(
      ReasonIn(all.Propose(all.north, std::string(kMaxDocumentBytes + 1, ' '))),
      "DOCUMENT_REFUSED");
  EXPECT_EQ(ReasonIn(all.Propose(all.panel, document)), "NOT_A_PARTY");
  EXPECT_EQ(ReasonIn(all.Propose(
                all.north, all.Document({{"broker.test", "other.test"}}))),
            "WRONG_BROKER");
  EXPECT_EQ(
      ReasonIn(all.Propose(
          all.north,
          all.Document({{crypto::ToBase64(all.parts.ledgers->public_key()),
                         crypto::ToBase64(std::vector<uint8_t>(32, 1))}}))),
      "WRONG_BROKER");
  EXPECT_EQ(
      ReasonIn(all.Propose(all.north, all.Document({{all.Root("west-police"),
                                                     std::string(64, 'b')}}))),
      "DOCUMENT_REFUSED");
  ASSERT_TRUE(all.Propose(all.north, document).ok());
  EXPECT_TRUE(all.Propose(all.west, document).ok());
  const absl::Status other = all.Propose(
      all.west, all.Document({{"Burglary series", "Another title"}}));
  EXPECT_EQ(ReasonIn(other), "VERSION_EXISTS");
  EXPECT_EQ(other.code(), absl::StatusCode::kAlreadyExists);
}

TEST(AgreementsService, RefusesSignaturesForTheirReason) {
  TestPartnership all;
  all.RegisterAll();
  const std::string document = all.Document();
  ASSERT_TRUE(all.Propose(all.north, document).ok());
  v1::SignAgreementResponse response;
  EXPECT_EQ(ReasonIn(all.Sign(all.north, document, &response)),
            "NO_KEY_BUNDLE");
  ASSERT_TRUE(all.Publish(all.north).ok());
  EXPECT_EQ(ReasonIn(all.Sign(all.north, document, &response, 2)),
            "NO_AGREEMENT");
  EXPECT_EQ(ReasonIn(all.Sign(all.panel, document, &response)), "NO_AGREEMENT");
  const Person other =
      all.Make("north-police", certs::Role::kSignatory, "somebody");
  EXPECT_EQ(ReasonIn(all.Sign(other, document, &response)), "NOT_A_SIGNATORY");
  EXPECT_EQ(ReasonIn(all.Sign(
                all.north, all.Document({{"Burglary", "Robbery"}}), &response)),
            "BAD_SIGNATURE");
  Person borrowed = other;
  borrowed.caller = all.north.caller;
  EXPECT_EQ(ReasonIn(all.Sign(borrowed, document, &response)), "BAD_SIGNATURE");
  ASSERT_TRUE(all.Sign(all.north, document, &response).ok());
  EXPECT_TRUE(all.Sign(all.north, document, &response).ok());
  const Person renewed =
      all.Make("north-police", certs::Role::kSignatory, "north-chief");
  EXPECT_EQ(ReasonIn(all.Sign(renewed, document, &response)),
            "SIGNED_DIFFERENTLY");
  EXPECT_THAT(all.Get(all.west)->missing(),
              ElementsAre("west-police: west-chief"));
}

// What `agreement clauses` calls enforced here meets the code that it tells.
TEST(AgreementsService, ABreachMeetsTheCodeThatItsClauseTells) {
  TestPartnership all;
  const std::string first = all.Activate();
  const auto next = [&](const std::string& more) {
    return all.Document(
        {{"version: 1\n", "version: 2\nprevious: \"" + more + "\"\n"}});
  };
  const std::string second = next(policy::Digest(first));
  const auto parsed = policy::ParseCanonical(second);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(ReasonIn(all.Propose(all.north, next(std::string(64, 'a')))),
            PromisedCode(*parsed, "previous"));
  EXPECT_EQ(ReasonIn(all.Propose(
                all.north,
                absl::StrReplaceAll(second, {{"broker.test", "other.test"}}))),
            PromisedCode(*parsed, "broker"));
  ASSERT_TRUE(all.Propose(all.north, second).ok());
  v1::SignAgreementResponse response;
  // Of the same name, under a root that the document does not name.
  Person other =
      all.Make("north-police", certs::Role::kSignatory, "north-chief");
  const certs::Authority another =
      TestPartnership::MakeAuthority("North again");
  other.certificate = *another.Issue(
      {other.caller.identity, {}, {}, TestDay(1, 1), TestDay(1, 1, 2028)},
      other.key);
  other.caller = all.north.caller;
  EXPECT_EQ(ReasonIn(all.Sign(other, second, &response, 2)),
            PromisedCode(*parsed, "parties.north-police.root"));
}

TEST(AgreementsService, AFlippedBitIsNoSignature) {
  TestPartnership all;
  all.RegisterAll();
  const std::string document = all.Document();
  ASSERT_TRUE(all.Publish(all.north).ok());
  ASSERT_TRUE(all.Propose(all.north, document).ok());
  crypto::Envelope envelope = *crypto::ParseEnvelope(
      all.Envelope(certs::kAgreementType, document, all.north));
  for (size_t i = 0; i < envelope.signatures[0].signature.size(); i += 7) {
    envelope.signatures[0].signature[i] ^= 1;
    v1::SignAgreementRequest request;
    request.set_agreement("isa-small");
    request.set_version(1);
    request.set_envelope(crypto::PrintEnvelope(envelope));
    v1::SignAgreementResponse response;
    EXPECT_EQ(ReasonIn(all.service->Sign(all.north.caller, request, &response)),
              "BAD_SIGNATURE");
    envelope.signatures[0].signature[i] ^= 1;
  }
}

TEST(AgreementsService, ToStrangersAnAgreementDoesNotExist) {
  TestPartnership all;
  all.Activate();
  Person stranger = all.panel;
  stranger.caller.identity.agency = "elsewhere";
  for (const Person& reader : {stranger, all.op}) {
    EXPECT_EQ(ReasonIn(all.Get(reader).status()), "NO_AGREEMENT");
    EXPECT_EQ(ReasonIn(all.Manifest(reader).status()), "NO_AGREEMENT");
    v1::ListAgreementsResponse listed;
    ASSERT_TRUE(all.service->List(reader.caller, {}, &listed).ok());
    EXPECT_EQ(listed.agreements_size(), 0);
  }
  EXPECT_EQ(ReasonIn(all.Get(all.north, 7).status()), "NO_AGREEMENT");
  EXPECT_EQ(ReasonIn(all.Manifest(all.north, std::string(32, 'm')).status()),
            "MANIFEST_UNKNOWN");
}

TEST(AgreementsService, ListsForOverseersToo) {
  TestPartnership all;
  const std::string document = all.Activate();
  v1::ListAgreementsResponse listed;
  ASSERT_TRUE(all.service->List(all.panel.caller, {}, &listed).ok());
  ASSERT_EQ(listed.agreements_size(), 1);
  EXPECT_EQ(listed.agreements(0).state(), "active");
  EXPECT_EQ(listed.agreements(0).title(), "Burglary series");
  EXPECT_EQ(crypto::ToHex(crypto::AsBytes(listed.agreements(0).digest())),
            policy::Digest(document));
  EXPECT_EQ(listed.next_page_token(), "");
  v1::ListAgreementsRequest negative;
  negative.set_page_size(-1);
  EXPECT_EQ(ReasonIn(all.service->List(all.panel.caller, negative, &listed)),
            "BAD_REQUEST");
}

}  // namespace
}  // namespace entente::broker
