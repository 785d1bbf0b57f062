// The doctor's checks that need no network.
#ifndef ENTENTE_CLIENT_DOCTOR_LOCAL_H_
#define ENTENTE_CLIENT_DOCTOR_LOCAL_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "certs/certificate.h"
#include "certs/private_key.h"
#include "client/doctor_check.h"
#include "client/profile.h"

namespace entente::client {

// What could be read of a profile, and what `files` says of the rest.
struct OwnFiles {
  Check check;
  absl::optional<ProfileSettings> settings;
  std::vector<certs::Certificate> chain;  // empty if unreadable
  absl::optional<certs::PrivateKey> key;
  absl::optional<certs::Certificate> root;  // the agency's own
  absl::optional<certs::Certificate> broker_root;
};

// Reads the profile in `folder` piece by piece, so that one bad file hides no
// other. `files` fails if one is missing, unreadable or no file of its kind, or
// if others could read a private one or write into the folder. Changes
// nothing.
OwnFiles ReadOwnFiles(const std::string& folder);

// `files`, `key`, `chain`, `dates`, `usage`, `identity`, at `now`.
std::vector<Check> ExamineFiles(const OwnFiles& files, absl::Time now);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DOCTOR_LOCAL_H_
