#include "crypto/pepper.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "crypto/encoding.h"

namespace entente::crypto {
namespace {

constexpr absl::string_view kMessageLabel = "entente pepper-msg v1";

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxPepperName;
}

absl::Status CheckAddress(const PepperAddress& address) {
  if (!IsName(address.agreement) || !IsName(address.from) ||
      !IsName(address.to) || address.from == address.to) {
    return absl::InvalidArgumentError(
        "a pepper goes from one named agency to another, under an agreement");
  }
  return absl::OkStatus();
}

// The message up to and including the commitment, which is the HPKE info.
absl::StatusOr<Bytes> MessageHead(const PepperAddress& address,
                                  const Hash& commitment) {
  if (absl::Status s = CheckAddress(address); !s.ok()) return s;
  return ByteWriter()
      .Raw(kMessageLabel)
      .Lp(address.agreement)
      .U32(address.generation)
      .Lp(address.from)
      .Lp(address.to)
      .Raw(address.recipient_bundle)
      .Raw(commitment)
      .Finish();
}

absl::StatusOr<Bytes> MessageBytes(const PepperMessage& message) {
  absl::StatusOr<Bytes> bytes =
      MessageHead(message.address, message.commitment);
  if (bytes.ok()) AppendRaw(&*bytes, message.ciphertext_hash);
  return bytes;
}

// Reads the parts in order; after the first error all that follow are empty.
class PartReader {
 public:
  explicit PartReader(absl::Span<const uint8_t> bytes) : reader_(bytes) {}

  std::string Text() {
    const auto part = reader_.Lp();
    ok_ = ok_ && part.ok();
    return part.ok() ? std::string(AsText(*part)) : std::string();
  }
  Hash Digest() {
    Hash hash = {};
    const auto part = reader_.Raw(hash.size());
    ok_ = ok_ && part.ok();
    if (part.ok()) std::copy(part->begin(), part->end(), hash.begin());
    return hash;
  }
  uint32_t Number() {
    const auto part = reader_.U32();
    ok_ = ok_ && part.ok();
    return part.ok() ? *part : 0;
  }
  bool Label(absl::string_view label) {
    const auto part = reader_.Raw(label.size());
    ok_ = ok_ && part.ok() && AsText(*part) == label;
    return ok_;
  }
  bool AtEnd() const { return ok_ && reader_.ExpectEnd().ok(); }

 private:
  ByteReader reader_;
  bool ok_ = true;
};

}  // namespace

absl::StatusOr<Secret> MakePepper() { return Secret::Random(kPepperSize); }

Hash PepperCommitment(const Secret& pepper) {
  return Sha256Hasher()
      .Update("entente pepper v1")
      .Update(pepper.Expose())
      .Finish();
}

absl::StatusOr<SealedPepper> SealPepper(const PepperAddress& address,
                                        const Secret& pepper,
                                        const KemPublicKey& recipient) {
  if (pepper.size() != kPepperSize) {
    return absl::InvalidArgumentError("a pepper has 32 bytes");
  }
  PepperMessage message{address, PepperCommitment(pepper), {}};
  const absl::StatusOr<Bytes> info = MessageHead(address, message.commitment);
  if (!info.ok()) return info.status();
  absl::StatusOr<HpkeSender> hpke =
      HpkeSender::Setup(Aead::kAes256Gcm, recipient, *info);
  if (!hpke.ok()) return hpke.status();
  const absl::StatusOr<Bytes> sealed = hpke->Seal({}, pepper.Expose());
  if (!sealed.ok()) return sealed.status();
  SealedPepper result;
  AppendRaw(&result.ciphertext, hpke->enc());
  AppendRaw(&result.ciphertext, *sealed);
  message.ciphertext_hash = Sha256(result.ciphertext);
  absl::StatusOr<Bytes> bytes = MessageBytes(message);
  if (!bytes.ok()) return bytes.status();
  result.message = *std::move(bytes);
  return result;
}

absl::StatusOr<PepperMessage> ParsePepperMessage(
    absl::Span<const uint8_t> message, absl::Span<const uint8_t> ciphertext) {
  PartReader reader(message);
  PepperMessage parsed;
  if (!reader.Label(kMessageLabel)) {
    return absl::InvalidArgumentError("not a pepper message");
  }
  parsed.address.agreement = reader.Text();
  parsed.address.generation = reader.Number();
  parsed.address.from = reader.Text();
  parsed.address.to = reader.Text();
  parsed.address.recipient_bundle = reader.Digest();
  parsed.commitment = reader.Digest();
  parsed.ciphertext_hash = reader.Digest();
  if (!reader.AtEnd()) {
    return absl::InvalidArgumentError("pepper message is cut short or goes on");
  }
  if (absl::Status s = CheckAddress(parsed.address); !s.ok()) return s;
  if (ciphertext.size() != kPepperCiphertextSize ||
      Sha256(ciphertext) != parsed.ciphertext_hash) {
    return absl::InvalidArgumentError(
        "the ciphertext is not the one that the pepper message names");
  }
  return parsed;
}

absl::StatusOr<Secret> OpenPepper(const PepperAddress& expected,
                                  absl::Span<const uint8_t> message,
                                  absl::Span<const uint8_t> ciphertext,
                                  const KemKey& recipient) {
  const absl::StatusOr<PepperMessage> parsed =
      ParsePepperMessage(message, ciphertext);
  if (!parsed.ok()) return parsed.status();
  if (parsed->address != expected) {
    return absl::InvalidArgumentError("the pepper message is for another use");
  }
  const absl::StatusOr<Bytes> info =
      MessageHead(parsed->address, parsed->commitment);
  if (!info.ok()) return info.status();
  absl::StatusOr<HpkeRecipient> hpke = HpkeRecipient::Setup(
      Aead::kAes256Gcm, ciphertext.first(kHpkeEncSize), recipient, *info);
  if (!hpke.ok()) return hpke.status();
  absl::StatusOr<Bytes> opened =
      hpke->Open({}, ciphertext.subspan(kHpkeEncSize));
  if (!opened.ok()) return opened.status();
  absl::StatusOr<Secret> pepper = Secret::TakeFrom(absl::MakeSpan(*opened));
  if (pepper.ok() && PepperCommitment(*pepper) != parsed->commitment) {
    return absl::DataLossError("the pepper is not the one committed to");
  }
  return pepper;
}

}  // namespace entente::crypto
