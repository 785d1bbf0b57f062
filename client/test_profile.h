// For tests: a profile of an invented agency, whole and in date at TestNow().
#ifndef ENTENTE_CLIENT_TEST_PROFILE_H_
#define ENTENTE_CLIENT_TEST_PROFILE_H_

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>

#include "certs/test_agency.h"
#include "client/profile.h"
#include "client/test_folder.h"

namespace entente::client {

class TestProfile {
 public:
  explicit TestProfile(ProfileRole role = ProfileRole::kSystem)
      : holder_(northmere_.Holder(
            std::string("spiffe://demo.example/agency/northmere/") +
            std::string(ProfileRoleName(role)) + "/records")) {
    ProfileSettings settings;
    settings.agency = "northmere";
    settings.role = role;
    settings.trust_domain = "demo.example";
    settings.broker_address = "broker.demo.example:7443";
    settings.broker_name = "broker.demo.example";
    settings.ledger_key.fill(7);
    Profile profile = *Profile::Create(path(), settings);
    Use(holder_);
    Put("root.pem", northmere_.authority().root().ToPem());
    Put("broker-root.pem", operator_.authority().root().ToPem());
  }

  const std::string& path() const { return path_; }
  Profile Open() const { return *Profile::Open(path_); }
  void Put(const std::string& file, const std::string& content) const {
    if (!Open().Install(file, content).ok()) std::abort();
  }
  // Certificate and key of the profile.
  void Use(const certs::TestHolder& holder) const {
    Put("certificate.pem", holder.chain[0].ToPem());
    Put("key.pem", KeyPem(holder.key));
  }
  static std::string KeyPem(const certs::PrivateKey& key) {
    const crypto::Secret pem = *key.ToPem();
    return {pem.Expose().begin(), pem.Expose().end()};
  }
  void Remove(const std::string& file) const {
    std::filesystem::remove(path_ + "/" + file);
  }
  void Chmod(const std::string& file, unsigned mode) const {
    chmod((path_ + "/" + file).c_str(), mode);
  }

  const certs::TestAgency& northmere() const { return northmere_; }
  // Who issues the broker's certificate.
  const certs::TestAgency& broker_operator() const { return operator_; }
  const certs::TestHolder& holder() const { return holder_; }
  // The broker's, valid for as long as the profile's.
  certs::TestHolder Broker() const {
    return operator_.Holder("spiffe://demo.example/broker/broker.demo.example");
  }

 private:
  TestFolder folder_;
  const std::string path_ = folder_ / "records";
  certs::TestAgency northmere_{"northmere"};
  certs::TestAgency operator_{"operator"};
  certs::TestHolder holder_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_PROFILE_H_
