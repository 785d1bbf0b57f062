#include "crypto/cosignature.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

// What a witness signs.
std::string Message(uint64_t seconds, absl::string_view text) {
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", text);
}

absl::StatusOr<absl::Time> VerifyLine(const NoteSignature& line,
                                      const NoteKey& key,
                                      absl::string_view text) {
  const absl::Status wrong = absl::DataLossError(
      absl::StrCat("cosignature: that of ", key.name(), " is wrong"));
  ByteReader reader(line.signature);
  const absl::StatusOr<uint64_t> seconds = reader.U64();
  if (!seconds.ok() || *seconds > std::numeric_limits<int64_t>::max()) {
    return wrong;
  }
  const absl::StatusOr<absl::Span<const uint8_t>> bytes =
      reader.Raw(reader.remaining());
  if (!bytes.ok()) return wrong;
  const absl::StatusOr<Signature> signature = ParseSignature(*bytes);
  if (!signature.ok() ||
      !key.key()
           .Verify("", AsBytes(Message(*seconds, text)), *signature)
           .ok()) {
    return wrong;
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(*seconds));
}

}  // namespace

absl::StatusOr<NoteSignature> Cosign(absl::string_view text,
                                     absl::string_view witness,
                                     const SigningKey& key, absl::Time time) {
  const absl::StatusOr<NoteKey> note_key =
      NoteKey::Create(witness, NoteKeyType::kCosignature, key.public_key());
  if (!note_key.ok()) return note_key.status();
  if (time < absl::UnixEpoch()) {
    return absl::InvalidArgumentError("cosignature: a time before 1970");
  }
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(time));
  const Signature signature = key.Sign("", AsBytes(Message(seconds, text)));
  NoteSignature line;
  line.name = note_key->name();
  line.id = note_key->id();
  AppendU64(&line.signature, seconds);
  AppendRaw(&line.signature, absl::MakeConstSpan(signature));
  return line;
}

absl::StatusOr<std::vector<Cosignature>> VerifyCosignatures(
    const Note& note, absl::Span<const NoteKey> keys) {
  std::vector<Cosignature> verified;
  for (const NoteSignature& line : note.signatures) {
    for (const NoteKey& key : keys) {
      if (key.type() != NoteKeyType::kCosignature || !line.ClaimsToBeBy(key)) {
        continue;
      }
      const bool second_line =
          std::any_of(verified.begin(), verified.end(),
                      [&](const Cosignature& cosignature) {
                        return cosignature.witness == key.name();
                      });
      if (second_line) {
        return absl::DataLossError(
            absl::StrCat("cosignature: two by ", key.name()));
      }
      const absl::StatusOr<absl::Time> time = VerifyLine(line, key, note.text);
      if (!time.ok()) return time.status();
      verified.push_back({key.name(), *time});
    }
  }
  return verified;
}

}  // namespace entente::crypto
