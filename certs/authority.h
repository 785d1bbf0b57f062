// A small certificate authority: one root, leaves directly under it.
#ifndef ENTENTE_CERTS_AUTHORITY_H_
#define ENTENTE_CERTS_AUTHORITY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/certificate.h"
#include "certs/identity.h"
#include "certs/private_key.h"

namespace entente::certs {

inline constexpr int kMaxRootYears = 30;
inline constexpr int kMaxLeafDays = 800;

// What a leaf says.
struct LeafRequest {
  certs::Identity identity;
  std::vector<std::string> dns;  // brokers only
  std::vector<std::string> ips;  // brokers only; dotted or colon form
  absl::Time not_before;
  absl::Time not_after;
};

// Const methods may run concurrently. Any other CA that sets the one URI SAN
// will do as well.
class Authority {
 public:
  // A new P-256 key and a self-signed root, CA:TRUE with path length 0, valid
  // from `now` for `years` (1 to kMaxRootYears). `name` is for people: 2 to 64
  // bytes of UTF-8 in NFC without control characters. InvalidArgument.
  static absl::StatusOr<Authority> Create(absl::string_view name,
                                          absl::Time now, int years);
  // InvalidArgument if the root is no CA or the key is not its key.
  static absl::StatusOr<Authority> Open(Certificate root, PrivateKey key);

  const Certificate& root() const { return root_; }
  const PrivateKey& key() const { return key_; }

  // A leaf for `subject_key`, or for the key of a signing request (PEM), with a
  // random serial of 127 bits; clientAuth, and serverAuth for a broker.
  // InvalidArgument for DNS or IP names on anybody else's, a bad address, or a
  // validity that is empty, longer than kMaxLeafDays or longer than the root's;
  // also for a request that its own key did not sign, or whose key is neither
  // P-256 nor Ed25519. Whatever else the request asks for is ignored.
  absl::StatusOr<Certificate> Issue(const LeafRequest& request,
                                    const PrivateKey& subject_key) const;
  absl::StatusOr<Certificate> IssueForRequest(const LeafRequest& request,
                                              absl::string_view csr_pem) const;

 private:
  Authority(Certificate root, PrivateKey key)
      : root_(std::move(root)), key_(std::move(key)) {}
  absl::StatusOr<Certificate> Sign(const LeafRequest& request,
                                   evp_pkey_st* subject_key) const;

  Certificate root_;
  PrivateKey key_;
};

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_AUTHORITY_H_
