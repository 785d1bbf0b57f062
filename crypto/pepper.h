// The pepper: the secret inside the hash of every identifier, and the message
// by which one party hands it to another. The broker sees commitments and
// ciphertext; no broker code takes a pepper.
#ifndef ENTENTE_CRYPTO_PEPPER_H_
#define ENTENTE_CRYPTO_PEPPER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "crypto/sha.h"

namespace entente::crypto {

inline constexpr size_t kPepperSize = 32;
// enc, the pepper, and the tag.
inline constexpr size_t kPepperCiphertextSize = kHpkeEncSize + kPepperSize + 16;
// The longest agreement id or agency id in a message.
inline constexpr size_t kMaxPepperName = 255;

// A fresh pepper. ResourceExhausted if memory runs out.
absl::StatusOr<Secret> MakePepper();

// SHA-256("entente pepper v1" || pepper): public, and binding.
Hash PepperCommitment(const Secret& pepper);

// To whom a pepper goes, for what.
struct PepperAddress {
  std::string agreement;    // id
  uint32_t generation = 0;  // of the pepper, under that agreement
  std::string from;         // agency ids
  std::string to;
  Hash recipient_bundle = {};  // SHA-256 of the bundle with the KEM key used

  friend bool operator==(const PepperAddress&, const PepperAddress&) = default;
};

// What the sender signs (with a signatory's or an endorsed batch key, by any
// algorithm): "entente pepper-msg v1" || lp(agreement) || u32(generation) ||
// lp(from) || lp(to) || bundle || commitment || SHA-256(ciphertext).
struct PepperMessage {
  PepperAddress address;
  Hash commitment = {};
  Hash ciphertext_hash = {};

  friend bool operator==(const PepperMessage&, const PepperMessage&) = default;
};

// What travels, beside the signature over `message`.
struct SealedPepper {
  Bytes message;
  Bytes ciphertext;  // kPepperCiphertextSize
};

// Encrypts `pepper` to `recipient`, whose bundle `address` names.
// InvalidArgument if the pepper has not kPepperSize bytes, a name is empty or
// longer than kMaxPepperName, or both agencies are one.
absl::StatusOr<SealedPepper> SealPepper(const PepperAddress& address,
                                        const Secret& pepper,
                                        const KemPublicKey& recipient);

// Reads `message` and checks that `ciphertext` is the one it names. Needs no
// key: the broker and the recipient begin with it. InvalidArgument for anything
// that SealPepper would not write. Safe on hostile input. The signature is the
// caller's to verify, over `message` as received.
absl::StatusOr<PepperMessage> ParsePepperMessage(
    absl::Span<const uint8_t> message, absl::Span<const uint8_t> ciphertext);

// Opens a message whose signature has been verified. InvalidArgument as
// ParsePepperMessage, if it is not for `expected`, or if enc has small order;
// DataLoss if the
// ciphertext does not open with `recipient`, or holds another pepper than the
// commitment says.
absl::StatusOr<Secret> OpenPepper(const PepperAddress& expected,
                                  absl::Span<const uint8_t> message,
                                  absl::Span<const uint8_t> ciphertext,
                                  const KemKey& recipient);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_PEPPER_H_
