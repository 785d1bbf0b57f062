// A profile: the folder with which one person or system works, on one broker.
#ifndef ENTENTE_CLIENT_PROFILE_H_
#define ENTENTE_CLIENT_PROFILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/group.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "crypto/signing.h"

namespace entente::client {

// Who uses a profile; the words are those of certificates.
enum class ProfileRole { kSystem, kSignatory, kAuditor, kOperator };

// `system`, `signatory`, `auditor`, `operator`.
absl::string_view ProfileRoleName(ProfileRole role);

// What stands in `profile.yaml`: one `name: value` a line.
struct ProfileSettings {
  std::string agency;  // empty for an operator
  ProfileRole role = ProfileRole::kSystem;
  std::string trust_domain;
  std::string broker_address;  // HOST:PORT
  std::string broker_name;     // the first part of every ledger's origin
  // The ledger key, which came by another way than from the broker.
  std::array<uint8_t, 32> ledger_key = {};

  bool operator==(const ProfileSettings&) const = default;
};

// `profile.yaml`'s text and back. ParseSettings gives InvalidArgument with one
// line `file:line: what is wrong` per mistake: unknown, repeated or missing
// names, bad values. `file` is for the messages.
std::string SettingsText(const ProfileSettings& settings);
absl::StatusOr<ProfileSettings> ParseSettings(absl::string_view text,
                                              absl::string_view file);

// The folder and what is in it:
//   profile.yaml       the settings
//   broker-root.pem    the root that the broker's certificate must come from
//   root.pem           the agency's own root
//   certificate.pem    the certificate, and what stands between it and root.pem
//   key.pem            its private key, 0600
//   batch.key kem.key y.key print.key table.key shift.key
//                      a system's own keys, 0600: a label line, then 32 bytes
//   store.db           its local store, under the table key
// Const methods may run concurrently.
class Profile {
 public:
  // Makes the folder (0700), the settings and, for a system, fresh keys.
  // Certificates are put there afterwards. AlreadyExists if there is a
  // profile: keys are never overwritten.
  static absl::StatusOr<Profile> Create(const std::string& folder,
                                        const ProfileSettings& settings);

  // NotFound, with the way out, if there is none; InvalidArgument as
  // ParseSettings; FailedPrecondition if others can read a key.
  static absl::StatusOr<Profile> Open(const std::string& folder);

  const ProfileSettings& settings() const { return settings_; }
  const std::string& folder() const { return folder_; }
  // The folder's last part, for messages.
  std::string name() const;
  // The full path of a file of the list above.
  std::string Path(absl::string_view file) const;

  // Puts a PEM file there. InvalidArgument if `content` is no PEM. Replaces
  // what was there; `key.pem` becomes 0600.
  absl::Status Install(absl::string_view file, absl::string_view content) const;

  // A system's keys. NotFound, with the way out, if the profile has none;
  // DataLoss if the file holds another key or is damaged; FailedPrecondition
  // if others can read it.
  absl::StatusOr<crypto::SigningKey> BatchKey() const;
  absl::StatusOr<crypto::KemKey> KemKey() const;
  absl::StatusOr<crypto::SecretScalar> PseudonymKey() const;  // y
  absl::StatusOr<crypto::Secret> PrintKey() const;            // 32 bytes
  absl::StatusOr<crypto::Secret> TableKey() const;            // 32 bytes

  // `<broker name>/ledgers/<ledger>`, the origin of that ledger's checkpoints.
  std::string LedgerOrigin(absl::string_view ledger) const;

 private:
  Profile(std::string folder, ProfileSettings settings)
      : folder_(std::move(folder)), settings_(std::move(settings)) {}
  absl::StatusOr<crypto::Secret> Key(absl::string_view file) const;

  std::string folder_;
  ProfileSettings settings_;
};

// The names of the profiles under `base`, sorted; none if it does not exist.
std::vector<std::string> ListProfiles(const std::string& base);

// Where a profile is looked for.
struct ProfileChoice {
  std::string option = {};       // --profile, or empty
  std::string environment = {};  // ENTENTE_PROFILE, or empty
  std::string base = {};         // `~/.config/entente`
  // Whether what follows changes anything.
  bool mutating = true;
};

// The folder of the profile meant: the option, else the environment, else the
// only one there is; to read, else the first by name. A value with a slash is
// a path. A usage error, naming the profiles, if none is meant or it is open
// which.
absl::StatusOr<std::string> ChooseProfile(const ProfileChoice& choice);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PROFILE_H_
