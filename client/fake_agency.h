// For tests: an agency as it stands before a broker, with a root, a signatory,
// a system and the system's profile.
#ifndef ENTENTE_CLIENT_FAKE_AGENCY_H_
#define ENTENTE_CLIENT_FAKE_AGENCY_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/authority.h"
#include "certs/key_bundle.h"
#include "certs/signed_document.h"
#include "client/profile.h"
#include "client/test_folder.h"
#include "crypto/possession.h"

namespace entente::client {

inline constexpr char kFakeTrustDomain[] = "demo.example";
inline constexpr char kFakeBroker[] = "broker.example";

// A certificate with its key and the chain to its root.
struct FakeHolder {
  certs::PrivateKey key;
  std::vector<certs::Certificate> chain;  // leaf, root

  std::string Pem() const { return chain.front().ToPem(); }
};

class FakeAgency {
 public:
  FakeAgency(std::string name, absl::Time now)
      : name_(std::move(name)),
        now_(now),
        authority_(
            *certs::Authority::Create(name_, now - absl::Hours(24 * 300), 10)),
        signatory_(
            Issue("signatory",
                  absl::StrCat(name_.substr(0, name_.find('-')), "-chief"))),
        system_(Issue("system", "gateway")) {}

  const std::string& name() const { return name_; }
  const FakeHolder& signatory() const { return signatory_; }
  const FakeHolder& system() const { return system_; }
  const certs::Certificate& root() const { return authority_.root(); }
  std::string root_spki() const { return root().SpkiSha256(); }

  // `role` is that of certificates.
  FakeHolder Issue(const std::string& role, const std::string& name) const {
    return Issue(role, name, now_ - absl::Hours(24 * 60),
                 now_ + absl::Hours(24 * 300));
  }
  FakeHolder Issue(const std::string& role, const std::string& name,
                   absl::Time from, absl::Time until) const {
    return IssueUri(absl::StrCat("spiffe://", kFakeTrustDomain, "/agency/",
                                 name_, "/", role, "/", name),
                    from, until);
  }
  FakeHolder IssueUri(const std::string& uri, absl::Time from, absl::Time until,
                      std::vector<std::string> ips = {}) const {
    certs::PrivateKey key =
        *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    certs::Certificate leaf = *authority_.Issue(
        {*certs::Identity::Parse(uri), {}, std::move(ips), from, until}, key);
    return {std::move(key), {std::move(leaf), root()}};
  }

  // Makes the system's profile; its keys are fresh.
  void MakeProfile(const std::string& address,
                   const std::array<uint8_t, 32>& ledger_key,
                   const std::string& broker_root) {
    auto made = MakeProfile("system", ProfileRole::kSystem, system_, address,
                            ledger_key, broker_root);
    profile_ = std::move(made);
  }
  Profile MakeProfile(const std::string& folder, ProfileRole role,
                      const FakeHolder& holder, const std::string& address,
                      const std::array<uint8_t, 32>& ledger_key,
                      const std::string& broker_root) const {
    Profile profile =
        *Profile::Create(folder_ / folder, {.agency = name_,
                                            .role = role,
                                            .trust_domain = kFakeTrustDomain,
                                            .broker_address = address,
                                            .broker_name = kFakeBroker,
                                            .ledger_key = ledger_key});
    EXPECT_TRUE(profile.Install("broker-root.pem", broker_root).ok());
    EXPECT_TRUE(profile.Install("root.pem", root().ToPem()).ok());
    EXPECT_TRUE(profile.Install("certificate.pem", holder.Pem()).ok());
    const auto pem = holder.key.ToPem();
    EXPECT_TRUE(profile.Install("key.pem", crypto::AsText(pem->Expose())).ok());
    return profile;
  }
  const Profile& profile() const { return *profile_; }
  const TestFolder& folder() const { return folder_; }

  // The public halves of the profile's keys, valid for a year around `now`.
  certs::KeyBundle Bundle() const {
    const auto y = *profile_->PseudonymKey();
    const auto kem = *profile_->KemKey();
    certs::KeyBundle bundle{
        name_,
        profile_->BatchKey()->public_key(),
        {},
        *crypto::MulBase(y),
        *crypto::ProvePossession(y, *crypto::OwnerOfY(name_)),
        absl::FromUnixSeconds(absl::ToUnixSeconds(now_)) - absl::Hours(24 * 30),
        absl::FromUnixSeconds(absl::ToUnixSeconds(now_)) +
            absl::Hours(24 * 330)};
    const auto bytes = kem.public_key().bytes();
    std::copy(bytes.begin(), bytes.end(), bundle.kem_key.begin());
    return bundle;
  }

 private:
  const std::string name_;
  const absl::Time now_;
  const TestFolder folder_;
  const certs::Authority authority_;
  const FakeHolder signatory_;
  const FakeHolder system_;
  std::optional<Profile> profile_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_AGENCY_H_
