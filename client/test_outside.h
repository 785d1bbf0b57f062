// For tests of the doctor: a broker that says what the test wants.
#ifndef ENTENTE_CLIENT_TEST_OUTSIDE_H_
#define ENTENTE_CLIENT_TEST_OUTSIDE_H_

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

#include "client/doctor.h"
#include "client/test_profile.h"

namespace entente::client {

// A broker that is as the profile says, until a test changes it.
class FakeOutside final : public Outside {
 public:
  explicit FakeOutside(const TestProfile& profile) {
    finding.outcome = TlsOutcome::kServed;
    finding.peer = "192.0.2.7:7443";
    finding.chain = {profile.Broker().chain[0]};
    response.set_broker("broker.demo.example");
    response.set_version("1.2.3");
    response.set_ledger_key(std::string(32, 7));
    response.set_caller(
        "spiffe://demo.example/agency/northmere/system/records");
    response.mutable_broker_time()->set_seconds(
        absl::ToUnixSeconds(certs::TestNow()));
    AddAgreement("isa-one", "active", certs::TestNow() + absl::Hours(24) * 90);
  }

  void AddAgreement(const std::string& id, const std::string& state,
                    absl::Time until) {
    v1::AgreementSummary* agreement = response.add_agreements();
    agreement->set_agreement(id);
    agreement->set_state(state);
    agreement->mutable_until_time()->set_seconds(absl::ToUnixSeconds(until));
  }

  absl::Time Now() override { return now; }
  TlsFinding Probe(const TlsTarget& target) override {
    shown = !target.chain.empty();
    address = target.address;
    if (!finding.chain.empty() && !target.accept(finding.chain)) {
      finding.outcome = TlsOutcome::kNotAccepted;
    }
    return finding;
  }
  absl::StatusOr<v1::GetStatusResponse> AskStatus(const std::string&) override {
    if (!refusal.ok()) return refusal;
    return response;
  }

  absl::Time now = certs::TestNow();
  TlsFinding finding;
  v1::GetStatusResponse response;
  absl::Status refusal;
  bool shown = false;
  std::string address;
};

// The profile's certificate, issued again with another `value` of the extension
// `nid`.
inline certs::Certificate WithExtension(const TestProfile& profile, int nid,
                                        const char* value) {
  X509* leaf = X509_dup(profile.holder().chain[0].handle());
  X509_EXTENSION_free(
      X509_delete_ext(leaf, X509_get_ext_by_NID(leaf, nid, -1)));
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  X509_add_ext(leaf, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(leaf, profile.northmere().authority().key().handle(), EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf, &der);
  auto issued = certs::Certificate::FromDer({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  X509_free(leaf);
  return *std::move(issued);
}

inline void Hear(FakeOutside& outside, TlsOutcome outcome,
                 const std::string& detail) {
  outside.finding = {outcome, "192.0.2.7:7443", detail, {}};
}

inline const Check& At(const std::vector<Check>& checks, CheckId id) {
  return checks[static_cast<size_t>(id)];
}

inline void ExpectInOrder(const std::vector<Check>& checks) {
  ASSERT_EQ(checks.size(), static_cast<size_t>(kChecks));
  for (int i = 0; i < kChecks; ++i) {
    EXPECT_EQ(static_cast<int>(checks[static_cast<size_t>(i)].id), i);
  }
}

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_OUTSIDE_H_
