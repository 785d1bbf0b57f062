#include "broker/chunk_conversion.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/rpc/refusal.h"
#include "crypto/conversion_proof.h"

namespace entente::broker {
namespace {

using policy::Reason;

// Encodings are canonical, so equal elements have equal bytes, and those of
// earlier chunks need not be parsed again.
absl::Status CheckRepeated(absl::Span<const uint8_t> pseudonyms,
                           absl::Span<const crypto::Bytes> earlier) {
  absl::flat_hash_set<absl::string_view> seen;
  const auto add = [&](absl::Span<const uint8_t> packed) {
    for (size_t at = 0; at < packed.size(); at += crypto::kCiphertextBytes) {
      const auto c1 = packed.subspan(at, crypto::kPointBytes);
      if (!seen.insert(crypto::AsText(c1)).second) return false;
    }
    return true;
  };
  for (const crypto::Bytes& chunk : earlier) add(chunk);
  if (add(pseudonyms)) return absl::OkStatus();
  return Refuse(Reason::kRepeatedElement,
                "two pseudonyms of the batch share their C1");
}

}  // namespace

absl::StatusOr<ConvertedChunk> ConvertChunk(
    const crypto::ConversionKeys& keys, const crypto::Point* recipient,
    const crypto::Hash& head_hash, uint32_t chunk,
    absl::Span<const uint8_t> pseudonyms,
    absl::Span<const crypto::Bytes> earlier) {
  const auto sent = crypto::ParseCiphertexts(pseudonyms);
  if (!sent.ok()) {
    return Refuse(Reason::kBadElement, sent.status().message());
  }
  if (absl::Status s = CheckRepeated(pseudonyms, earlier); !s.ok()) return s;
  const auto converted = crypto::Convert(keys, *sent);
  if (!converted.ok()) {
    return Refuse(Reason::kBadElement, converted.status().message());
  }
  ConvertedChunk result;
  result.converted = crypto::PackConverted(*converted);
  if (recipient == nullptr || sent->empty()) return result;
  const auto proof = crypto::ProveConversion(
      keys, *recipient, crypto::ConversionContext(head_hash, chunk), *sent,
      *converted);
  if (!proof.ok()) return proof.status();
  result.proof.assign(proof->begin(), proof->end());
  return result;
}

}  // namespace entente::broker
