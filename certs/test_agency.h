// An agency with its own root, as tests need one. Times are fixed.
#ifndef ENTENTE_CERTS_TEST_AGENCY_H_
#define ENTENTE_CERTS_TEST_AGENCY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/authority.h"

namespace entente::certs {

inline absl::Time TestNow() { return absl::FromUnixSeconds(1795000000); }

// A certificate with its key and the chain to its root.
struct TestHolder {
  PrivateKey key;
  std::vector<Certificate> chain;  // leaf, root
};

class TestAgency {
 public:
  explicit TestAgency(std::string agency)
      : agency_(std::move(agency)),
        authority_(
            *Authority::Create(agency_, TestNow() - absl::Hours(24), 10)) {}

  const std::string& agency() const { return agency_; }
  const Authority& authority() const { return authority_; }
  std::string root_spki() const { return authority_.root().SpkiSha256(); }

  TestHolder Holder(const std::string& uri,
                    absl::Time from = TestNow() - absl::Hours(1),
                    absl::Time until = TestNow() + absl::Hours(24)) const {
    PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kP256);
    Certificate leaf =
        *authority_.Issue({*Identity::Parse(uri), {}, {}, from, until}, key);
    return {std::move(key), {std::move(leaf), authority_.root()}};
  }

  TestHolder Member(Role role, const std::string& name) const {
    return Holder(absl::StrCat("spiffe://demo.example/agency/", agency_, "/",
                               RoleName(role), "/", name));
  }

 private:
  std::string agency_;
  Authority authority_;
};

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_TEST_AGENCY_H_
