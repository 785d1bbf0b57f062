// A certificate authority kept in a folder.
#ifndef ENTENTE_CLIENT_AUTHORITY_FOLDER_H_
#define ENTENTE_CLIENT_AUTHORITY_FOLDER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/authority.h"
#include "client/folder_lock.h"

namespace entente::client {

// One certificate that the authority issued. Times are of whole seconds.
struct IssuedCertificate {
  std::string serial;       // as Certificate::SerialHex
  std::string fingerprint;  // SHA-256 of the DER, lower-case hex
  std::string uri;
  absl::Time issued;
  absl::Time not_after;
  std::optional<absl::Time> revoked;
  std::string reason;  // of the revocation, or empty

  // `revoked`, `expired` or `valid`.
  absl::string_view StateAt(absl::Time now) const;
};

inline constexpr size_t kMaxReasonBytes = 300;

// A revocation list promises its successor within this time. It is written at
// each revocation, and may be written anew at any time.
inline constexpr absl::Duration kRevocationListValidity = absl::Hours(24 * 365);

// The folder and what is in it:
//   root.pem      the root certificate, for everybody
//   root.key      its private key, 0600
//   issued.jsonl  every certificate issued, one line of JSON each
//   crl.pem       the revoked ones, for programs that read nothing else of ours
// Each file is replaced whole. While one process has the folder open, others
// wait for it. Not thread-safe.
class AuthorityFolder {
 public:
  // Makes the folder (0700) and everything in it; arguments as of
  // certs::Authority::Create. AlreadyExists if there is an authority, or a key.
  static absl::StatusOr<AuthorityFolder> Create(const std::string& folder,
                                                absl::string_view name,
                                                absl::Time now, int years);

  // NotFound, with the way out, if there is none; FailedPrecondition if others
  // can read the key; DataLoss if a file is damaged.
  static absl::StatusOr<AuthorityFolder> Open(const std::string& folder);

  const certs::Authority& authority() const { return authority_; }
  const std::vector<IssuedCertificate>& issued() const { return issued_; }
  std::string Path(absl::string_view file) const;

  // Issues and registers a certificate: whatever leaves this function stands in
  // the register. Errors as of certs::Authority.
  absl::StatusOr<certs::Certificate> Issue(const certs::LeafRequest& request,
                                           const certs::PrivateKey& key,
                                           absl::Time now);
  absl::StatusOr<certs::Certificate> IssueForRequest(
      const certs::LeafRequest& request, absl::string_view csr_pem,
      absl::Time now);

  // Revokes the certificate with this serial or fingerprint, and writes
  // crl.pem. One that is revoked already stays as it is. NotFound if the
  // authority never issued it; InvalidArgument if `reason` is longer than
  // kMaxReasonBytes.
  absl::StatusOr<IssuedCertificate> Revoke(absl::string_view serial_or_print,
                                           absl::string_view reason,
                                           absl::Time now);

 private:
  AuthorityFolder(std::string folder, FolderLock lock,
                  certs::Authority authority)
      : folder_(std::move(folder)),
        lock_(std::move(lock)),
        authority_(std::move(authority)) {}

  absl::Status ReadRegister();
  absl::Status WriteRegister() const;
  absl::Status WriteRevocationList(absl::Time now) const;
  absl::StatusOr<certs::Certificate> Register(
      absl::StatusOr<certs::Certificate> certificate, absl::Time now);

  std::string folder_;
  FolderLock lock_;
  certs::Authority authority_;
  std::vector<IssuedCertificate> issued_;  // oldest first
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_AUTHORITY_FOLDER_H_
