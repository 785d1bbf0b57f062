#include "broker/directory_service.h"

#include "broker/store/agencies_table.h"
#include "broker/test_partnership.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

absl::Status Add(TestPartnership& all, const std::string& agency,
                 const std::string& name, const std::string& pem) {
  v1::AddAgencyRequest request;
  request.set_agency(agency);
  request.set_name(name);
  request.set_root_pem(pem);
  v1::AddAgencyResponse response;
  return all.directory->AddAgency(all.op.caller, request, &response);
}

absl::Status Revoke(TestPartnership& all, const Person& by,
                    const std::string& agency, const std::string& pem,
                    const std::string& fingerprint,
                    const std::string& reason = "key lost") {
  v1::RevokeCertificateRequest request;
  request.set_agency(agency);
  request.set_certificate_pem(pem);
  request.set_fingerprint(fingerprint);
  request.set_reason(reason);
  v1::RevokeCertificateResponse response;
  return all.directory->RevokeCertificate(by.caller, request, &response);
}

TEST(DirectoryService, ListsAgenciesWithTheirBundles) {
  TestPartnership all;
  all.RegisterAll();
  ASSERT_TRUE(all.Publish(all.north).ok());
  v1::ListAgenciesRequest request;
  request.set_page_size(2);
  v1::ListAgenciesResponse page;
  ASSERT_TRUE(
      all.directory->ListAgencies(all.west.caller, request, &page).ok());
  ASSERT_EQ(page.agencies_size(), 2);
  EXPECT_EQ(page.agencies(0).agency(), "north-police");
  EXPECT_EQ(page.agencies(0).root(), all.Root("north-police"));
  EXPECT_EQ(page.agencies(0).bundle_digest().size(), 32u);
  EXPECT_EQ(page.agencies(1).bundle_digest(), "");
  request.set_page_token(page.next_page_token());
  page.Clear();
  ASSERT_TRUE(
      all.directory->ListAgencies(all.west.caller, request, &page).ok());
  ASSERT_EQ(page.agencies_size(), 1);
  EXPECT_EQ(page.agencies(0).agency(), "west-police");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST(DirectoryService, ARootIsForLife) {
  TestPartnership all;
  const std::string pem = all.north.root.ToPem();
  ASSERT_TRUE(Add(all, "north-police", "North", pem).ok());
  EXPECT_TRUE(Add(all, "north-police", "North", pem).ok());
  EXPECT_EQ(ReasonIn(Add(all, "north-police", "North", all.west.root.ToPem())),
            "AGENCY_EXISTS");
  EXPECT_EQ(ReasonIn(Add(all, "north-two", "North", pem)), "AGENCY_EXISTS");
  EXPECT_EQ(all.trust->RootOf("north-police")->Fingerprint(),
            all.north.root.Fingerprint());
}

TEST(DirectoryService, RefusesWhatIsNoAgencyOrNoRoot) {
  TestPartnership all;
  const std::string pem = all.north.root.ToPem();
  EXPECT_EQ(ReasonIn(Add(all, "North", "North", pem)), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Add(all, "north/system", "North", pem)), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Add(all, "north", "N", pem)), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Add(all, "north", "N\north", pem)), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Add(all, "north", "North", "none")), "BAD_ROOT");
  EXPECT_EQ(ReasonIn(Add(all, "north", "North",
                         std::string(kMaxRootPemBytes + 1, 'x'))),
            "BAD_ROOT");
  EXPECT_EQ(ReasonIn(Add(all, "north", "North", all.north.certificate.ToPem())),
            "BAD_ROOT");
  all.clock.Set(TestDay(1, 1, 2040));
  EXPECT_EQ(ReasonIn(Add(all, "north", "North", pem)), "BAD_ROOT");
  EXPECT_FALSE(all.trust->RootOf("north").ok());
}

TEST(DirectoryService, ASignatoryRevokesOnlyWhatItsOwnRootIssued) {
  TestPartnership all;
  all.RegisterAll();
  const Person system = all.Make("north-police", certs::Role::kSystem, "s");
  const std::string pem = system.certificate.ToPem();
  EXPECT_EQ(ReasonIn(Revoke(all, all.west, "north-police", pem, "")),
            "NOT_YOUR_AGENCY");
  EXPECT_EQ(ReasonIn(Revoke(all, all.west, "west-police", pem, "")),
            "NOT_YOUR_AGENCY");
  ASSERT_TRUE(Revoke(all, all.north, "north-police", pem, "").ok());
  EXPECT_TRUE(all.trust->IsRevoked(system.caller.fingerprint, "north-police"));
  EXPECT_TRUE(Revoke(all, all.north, "north-police", pem, "").ok());
  EXPECT_FALSE(all.trust->Verify({system.certificate}, all.clock.Now()).ok());
}

TEST(DirectoryService, AFingerprintAloneRevokesNothingOfAnotherAgency) {
  TestPartnership all;
  all.RegisterAll();
  const std::string& fingerprint = all.north.caller.fingerprint;
  ASSERT_TRUE(Revoke(all, all.west, "west-police", "", fingerprint).ok());
  EXPECT_TRUE(all.trust->Verify({all.north.certificate}, all.clock.Now()).ok());
  ASSERT_TRUE(Revoke(all, all.op, "north-police", "", fingerprint).ok());
  EXPECT_FALSE(
      all.trust->Verify({all.north.certificate}, all.clock.Now()).ok());
  // Also a call that the gate let in before.
  EXPECT_EQ(ReasonIn(all.Publish(all.north)), "BAD_BUNDLE");
  EXPECT_EQ(ReasonIn(Revoke(all, all.north, "north-police", "",
                            std::string(64, 'a'))),
            "CERTIFICATE_REVOKED");
}

TEST(DirectoryService, RefusesMalformedRevocations) {
  TestPartnership all;
  all.RegisterAll();
  const std::string good(64, 'a');
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "", "", "AB")), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "nobody", "", good)), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "", "", good, "x")), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "", "no pem", "")), "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "west-police",
                            all.north.certificate.ToPem(), "")),
            "BAD_REQUEST");
  EXPECT_EQ(ReasonIn(Revoke(all, all.op, "north-police",
                            all.north.certificate.ToPem(), good)),
            "BAD_REQUEST");
}

TEST(DirectoryService, RefusesBundlesThatAreNotTheCallersOwn) {
  TestPartnership all;
  all.RegisterAll();
  const absl::Time from = TestDay(11, 1);
  const absl::Time until = TestDay(11, 1, 2027);
  EXPECT_EQ(
      ReasonIn(all.Publish(all.north, all.Bundle("west-police", from, until))),
      "BAD_BUNDLE");
  Person borrowed =
      all.Make("north-police", certs::Role::kSignatory, "somebody");
  borrowed.caller = all.north.caller;
  EXPECT_EQ(ReasonIn(all.Publish(borrowed)), "BAD_BUNDLE");
  EXPECT_EQ(ReasonIn(all.Publish(
                all.Make("north-police", certs::Role::kSystem, "s"))),
            "BAD_BUNDLE");
  EXPECT_EQ(ReasonIn(all.Publish(
                all.north, all.Bundle("north-police", from, TestDay(11, 25)))),
            "BAD_BUNDLE");
  EXPECT_EQ(ReasonIn(all.Publish(
                all.north, all.Bundle("north-police", TestDay(11, 26), until))),
            "BAD_BUNDLE");
  v1::PublishKeyBundleRequest request;
  v1::PublishKeyBundleResponse response;
  for (const std::string& envelope :
       {std::string("{"), std::string(kMaxBundleEnvelopeBytes + 1, ' ')}) {
    request.set_envelope(envelope);
    EXPECT_EQ(ReasonIn(all.directory->PublishKeyBundle(all.north.caller,
                                                       request, &response)),
              "BAD_BUNDLE");
  }
}

TEST(DirectoryService, ServesBundlesByDigestAndInForce) {
  TestPartnership all;
  all.RegisterAll();
  v1::GetKeyBundleRequest request;
  v1::GetKeyBundleResponse response;
  request.set_agency("north-police");
  EXPECT_EQ(ReasonIn(all.directory->GetKeyBundle(all.west.caller, request,
                                                 &response)),
            "BUNDLE_UNKNOWN");
  ASSERT_TRUE(all.Publish(all.north).ok());
  ASSERT_TRUE(
      all.directory->GetKeyBundle(all.west.caller, request, &response).ok());
  const auto envelope = crypto::ParseEnvelope(response.envelope());
  ASSERT_TRUE(certs::VerifyKeyBundle(*envelope, all.Root("north-police")).ok());
  ASSERT_TRUE(all.Publish(all.north).ok());
  const crypto::Hash first = certs::KeyBundleDigest(envelope->payload);
  request.set_bundle_digest(first.data(), first.size());
  const std::string before = response.envelope();
  ASSERT_TRUE(
      all.directory->GetKeyBundle(all.west.caller, request, &response).ok());
  EXPECT_EQ(response.envelope(), before);
  request.set_agency("west-police");
  EXPECT_EQ(ReasonIn(all.directory->GetKeyBundle(all.west.caller, request,
                                                 &response)),
            "BUNDLE_UNKNOWN");
}

TEST(DirectoryService, StatusShowsTheCallersAgreementsOnly) {
  TestPartnership all;
  all.Activate();
  v1::GetStatusResponse status;
  ASSERT_TRUE(all.directory->GetStatus(all.panel.caller, {}, &status).ok());
  EXPECT_EQ(status.broker(), "broker.test");
  EXPECT_EQ(status.caller(), all.panel.caller.uri);
  EXPECT_GT(status.broker_ledger_size(), 0u);
  ASSERT_EQ(status.agreements_size(), 1);
  EXPECT_EQ(status.agreements(0).state(), "active");
  // Proposed, signed twice, activated.
  EXPECT_EQ(status.agreements(0).ledger_size(), 4u);
  status.Clear();
  ASSERT_TRUE(all.directory->GetStatus(all.op.caller, {}, &status).ok());
  EXPECT_EQ(status.agreements_size(), 0);
}

}  // namespace
}  // namespace entente::broker
