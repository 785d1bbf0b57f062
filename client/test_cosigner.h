// For tests: a witness in memory, which cosigns whatever it is given.
#ifndef ENTENTE_CLIENT_TEST_COSIGNER_H_
#define ENTENTE_CLIENT_TEST_COSIGNER_H_

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "crypto/cosignature.h"
#include "crypto/note.h"
#include "crypto/signing.h"

namespace entente::client {

class TestCosigner {
 public:
  explicit TestCosigner(std::string name) : name_(std::move(name)) {}

  std::string vkey() const {
    return crypto::NoteKey::Create(name_, crypto::NoteKeyType::kCosignature,
                                   key_.public_key())
        ->ToString();
  }
  // The line that goes under the signed note `checkpoint`.
  std::string Line(const std::string& checkpoint, absl::Time time) const {
    return crypto::FormatNoteSignature(*crypto::Cosign(
        crypto::ParseNote(checkpoint)->text, name_, key_, time));
  }

 private:
  const std::string name_;
  const crypto::SigningKey key_ = *crypto::SigningKey::Generate();
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_COSIGNER_H_
