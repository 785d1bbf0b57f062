// The keys that stand in an agency's key bundles: the first set, and those that
// were made to renew it.
#ifndef ENTENTE_CLIENT_KEY_SETS_H_
#define ENTENTE_CLIENT_KEY_SETS_H_

#include "absl/status/statusor.h"
#include "certs/key_bundle.h"
#include "client/profile.h"
#include "crypto/group.h"
#include "crypto/hpke.h"
#include "crypto/signing.h"

namespace entente::client {

// The most sets that a profile holds.
inline constexpr int kMaxKeySets = 100;

// One set; move-only. `print.key` and `table.key` are of the profile, not of a
// set: what was enrolled and received stays as it is when keys are renewed.
struct KeySet {
  crypto::SigningKey batch;
  crypto::KemKey kem;
  crypto::SecretScalar y;

  // Whether these are the private halves of `bundle`.
  absl::StatusOr<bool> IsOf(const certs::KeyBundle& bundle) const;
};

// The first set lies in the profile's folder, the n-th renewal in `keys/<n>/`.
// None is ever overwritten: old ones open what was sealed to them. Errors as
// Profile's accessors.

// The set made last.
absl::StatusOr<KeySet> NewestKeys(const Profile& profile);

// Makes another set, durable on return, and gives it. What is used does not
// change by that: see KeysOf. FailedPrecondition above kMaxKeySets, or for a
// profile without keys.
absl::StatusOr<KeySet> MakeNewKeys(const Profile& profile);

// The set that `own`, the agency's bundle, lists: so a new set comes into use
// with the manifest that names it, and an old one is found for what was sealed
// to it. NotFound if the profile holds none such; FailedPrecondition if `own`
// is null: the agreement lists no keys of this agency.
absl::StatusOr<KeySet> KeysOf(const Profile& profile,
                              const certs::KeyBundle* own);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_KEY_SETS_H_
