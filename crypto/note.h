// Signed notes with Ed25519 keys: c2sp.org/signed-note v1.0.0.
#ifndef ENTENTE_CRYPTO_NOTE_H_
#define ENTENTE_CRYPTO_NOTE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/hex.h"
#include "crypto/signing.h"

namespace entente::crypto {

// The longest note and the most signature lines that are read.
inline constexpr size_t kMaxNoteBytes = 1'000'000;
inline constexpr size_t kMaxNoteSignatures = 100;

using NoteKeyId = std::array<uint8_t, 4>;

// What a key signs, as the signature type byte of the format.
enum class NoteKeyType : uint8_t {
  kEd25519 = 0x01,      // the text of the note
  kCosignature = 0x04,  // a time and the text: see cosignature.h
};

// A name and the public key behind it. Immutable.
class NoteKey {
 public:
  // InvalidArgument unless `name` is one: not empty, valid UTF-8, no white
  // space of Unicode, no control character, no '+'.
  static absl::StatusOr<NoteKey> Create(absl::string_view name,
                                        NoteKeyType type,
                                        const Ed25519PublicKey& key);

  // Reads a verifier key, `<name>+<key id, hex>+<type and key, base64>`.
  // InvalidArgument if it is malformed, its id is not that of its key, or its
  // type is none of NoteKeyType.
  static absl::StatusOr<NoteKey> Parse(absl::string_view vkey);

  // What Parse reads.
  std::string ToString() const;

  const std::string& name() const { return name_; }
  NoteKeyType type() const { return type_; }
  const Ed25519PublicKey& key() const { return key_; }
  // SHA-256(name || LF || type || key)[:4].
  const NoteKeyId& id() const { return id_; }

 private:
  NoteKey(std::string name, NoteKeyType type, const Ed25519PublicKey& key);

  std::string name_;
  NoteKeyType type_;
  Ed25519PublicKey key_;
  NoteKeyId id_;
};

// One line `— <name> <base64 of id and signature>` of a note.
struct NoteSignature {
  std::string name;
  NoteKeyId id = {};
  Bytes signature;  // not empty

  // Whether the line claims to be by `key`.
  bool ClaimsToBeBy(const NoteKey& key) const {
    return name == key.name() && id == key.id();
  }
};

struct Note {
  std::string text;  // what is signed, with its final line feed
  std::vector<NoteSignature> signatures;
};

// Takes a note apart, without verifying anything. InvalidArgument if it is
// malformed, longer than kMaxNoteBytes, or has no signature line or more than
// kMaxNoteSignatures. The base64 is read strictly, so that exactly one string
// of bytes means a note. Safe on hostile input.
absl::StatusOr<Note> ParseNote(absl::string_view note);

// What ParseNote reads. InvalidArgument if it would refuse it.
absl::StatusOr<std::string> FormatNote(const Note& note);

// One line of a note, with its line feed.
std::string FormatNoteSignature(const NoteSignature& signature);

// Signs `text` as `name`. InvalidArgument for a bad name or a text that no note
// can hold.
absl::StatusOr<std::string> SignNote(absl::string_view text,
                                     absl::string_view name,
                                     const SigningKey& key);

// Whether `note` is signed by one of `keys` of type kEd25519; keys of other
// types are not looked at. Lines of unknown keys are ignored. DataLoss if a
// line of a known key does not verify, whatever other lines say; NotFound if
// there is no line of a known key.
absl::Status VerifyNote(const Note& note, absl::Span<const NoteKey> keys);

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_NOTE_H_
