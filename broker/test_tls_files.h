// For tests: a broker's certificate and key in files, and what replaces them.
#ifndef ENTENTE_BROKER_TEST_TLS_FILES_H_
#define ENTENTE_BROKER_TEST_TLS_FILES_H_

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "broker/config.h"
#include "broker/test_folder.h"
#include "certs/test_agency.h"

namespace entente::broker {

class TestTlsFiles {
 public:
  TestTlsFiles() {
    config.name = "broker.test";
    config.trust_domain = "demo.example";
    config.certificate = folder / "certificate.pem";
    config.private_key = folder / "key.pem";
    Put(Issue());
  }

  // Valid for `days` from TestNow().
  certs::TestHolder Issue(int days = 90,
                          const std::string& name = "broker.test") const {
    return authority.Holder("spiffe://demo.example/broker/" + name,
                            certs::TestNow() - absl::Hours(1),
                            certs::TestNow() + absl::Hours(24) * days);
  }
  void Put(const certs::TestHolder& holder) const {
    PutCertificate(holder);
    PutKey(holder);
  }
  void PutCertificate(const certs::TestHolder& holder) const {
    Replace(config.certificate, holder.chain[0].ToPem());
  }
  void PutKey(const certs::TestHolder& holder) const {
    const crypto::Secret pem = *holder.key.ToPem();
    Replace(config.private_key,
            std::string(pem.Expose().begin(), pem.Expose().end()));
  }
  // By another file, as tools do it.
  static void Replace(const std::string& path, const std::string& content) {
    std::ofstream(path + ".new") << content;
    std::filesystem::permissions(path + ".new",
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write);
    std::filesystem::rename(path + ".new", path);
  }

  TestFolder folder;
  const certs::TestAgency authority{"operator"};
  Config config;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_TLS_FILES_H_
