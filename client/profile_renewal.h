// A profile's certificate and key, replaced together.
#ifndef ENTENTE_CLIENT_PROFILE_RENEWAL_H_
#define ENTENTE_CLIENT_PROFILE_RENEWAL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/certificate.h"
#include "certs/private_key.h"
#include "client/profile.h"

namespace entente::client {

// What takes the place of certificate.pem and key.pem.
struct NewPair {
  std::vector<certs::Certificate> chain;  // leaf first
  certs::PrivateKey key;
};

// Whether `pair` would do for the profile at `now`: as the doctor's `key`,
// `chain`, `dates`, `usage` and `identity`, with their codes and ways out; and
// the same owner as before, if the present certificate can still be read
// (IDENTITY_DIFFERS). Exit 4.
absl::Status CheckPair(const Profile& profile, const NewPair& pair,
                       absl::Time now);

// Puts it there, durably: whoever opens the profile after a crash finds the
// old pair or the new one. Other processes are waited for. The old key is gone
// afterwards.
absl::Status SwapPair(const Profile& profile, const NewPair& pair);

// Completes a SwapPair that a crash cut short, if there is one in `folder`, or
// waits for the one that is going on.
absl::Status FinishSwap(const std::string& folder);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PROFILE_RENEWAL_H_
